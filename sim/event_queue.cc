#include "sim/event_queue.h"

#include <algorithm>

#include "sim/check.h"

namespace norn::sim {

EventQueue::EventQueue(Options options) : options_(options) {}

EventQueue::~EventQueue() {
  for (auto& page : pages_)
    for (size_t i = 0; i < kPageEvents; ++i)
      if (page[i].pending_) page[i].ops_->destroy(page[i]);
}

uint32_t EventQueue::Allocate() {
  if (free_.empty()) {
    pages_.push_back(std::make_unique<Event[]>(kPageEvents));
    const uint32_t base = static_cast<uint32_t>((pages_.size() - 1) * kPageEvents);
    for (size_t i = kPageEvents; i-- > 0;) free_.push_back(base + static_cast<uint32_t>(i));
  }
  const uint32_t index = free_.back();
  free_.pop_back();
  return index;
}

void EventQueue::Insert(Time at, uint32_t index) {
  Event& event = At(index);
  event.pending_ = true;
  event.at_ = at;
  ++live_;
  uint64_t tie = event.meta.order;
  if (options_.shuffle_ties) {
    tie = (tie ^ options_.shuffle_seed) * 0x9e3779b97f4a7c15u;
    tie = (tie ^ (tie >> 29)) * 0xbf58476d1ce4e5b9u;
    tie ^= tie >> 32;
  }
  heap_.push_back({at, tie, index, event.generation_});
  std::push_heap(heap_.begin(), heap_.end(), Later);
}

void EventQueue::Free(uint32_t index) {
  Event& event = At(index);
  if (++event.generation_ == 0) event.generation_ = 1;
  free_.push_back(index);
}

bool EventQueue::IsPending(TimerId id) const {
  return id && id.index < pages_.size() * kPageEvents && At(id.index).pending_ &&
         At(id.index).generation_ == id.generation;
}

bool EventQueue::Cancel(TimerId id) {
  if (!IsPending(id)) return false;
  Event& event = At(id.index);
  event.pending_ = false;
  --live_;
  event.ops_->destroy(event);
  Free(id.index);
  if (cancelled() > live_ + 64) {
    std::erase_if(heap_, [this](const Key& key) { return Stale(key); });
    std::make_heap(heap_.begin(), heap_.end(), Later);
  }
  return true;
}

Event* EventQueue::PopNotAfter(Time limit) {
  if (NextTime() > limit || live_ == 0) return nullptr;
  const Key key = heap_.front();
  std::pop_heap(heap_.begin(), heap_.end(), Later);
  heap_.pop_back();
  Event& event = At(key.index);
  event.pending_ = false;
  --live_;
  popped_.push_back(key.index);
  return &event;
}

void EventQueue::Release(Event* event) {
  event->ops_->destroy(*event);
  NORN_CHECK(!popped_.empty() && &At(popped_.back()) == event);
  const uint32_t index = popped_.back();
  popped_.pop_back();
  Free(index);
}

void EventQueue::PutBack(Event* event, Time at, uint64_t order) {
  NORN_CHECK(!popped_.empty() && &At(popped_.back()) == event);
  const uint32_t index = popped_.back();
  popped_.pop_back();
  event->meta.order = order;
  Insert(at, index);
}

bool EventQueue::Reschedule(TimerId id, Time at, uint64_t order) {
  if (!IsPending(id)) return false;
  std::erase_if(heap_, [id](const Key& key) { return key.index == id.index; });
  std::make_heap(heap_.begin(), heap_.end(), Later);
  --live_;
  At(id.index).meta.order = order;
  Insert(at, id.index);
  return true;
}

TimerId EventQueue::IdOf(const Event* event) const {
  for (uint32_t i = 0; i < pages_.size() * kPageEvents; ++i)
    if (&At(i) == event) return {i, event->generation_};
  return {};
}

Time EventQueue::NextTime() {
  while (!heap_.empty() && Stale(heap_.front())) {
    std::pop_heap(heap_.begin(), heap_.end(), Later);
    heap_.pop_back();
  }
  return heap_.empty() ? Time::Max() : heap_.front().at;
}

void EventQueue::EraseOwnedBy(uint32_t owner) {
  for (uint32_t i = 0; i < pages_.size() * kPageEvents; ++i) {
    Event& event = At(i);
    if (event.pending_ && event.meta.owner == owner) Cancel({i, event.generation_});
  }
}

size_t EventQueue::cancelled() const { return heap_.size() - live_; }

size_t EventQueue::bytes() const {
  return pages_.size() * kPageEvents * sizeof(Event) + heap_.capacity() * sizeof(Key);
}

}  // namespace norn::sim
