#include "sim/timer_wheel.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "sim/check.h"

namespace norn::sim {
namespace {

// The keys of [begin, end) in order, those of equal times as they were. Quick if few, or nearly so.
void InsertionSort(EventKey* begin, EventKey* end) {
  for (EventKey* next = begin; next != end; ++next) {
    const EventKey key = *next;
    EventKey* place = next;
    for (; place != begin && place[-1].at > key.at; --place) *place = place[-1];
    *place = key;
  }
}

}  // namespace

uint64_t TimerWheel::FirstStart() const {
  const int level = FirstLevel();
  // The digits above are the cursor's, those below zero.
  const int shift = level * kBits;
  const uint64_t above = cursor_ >> shift >> kBits << kBits;
  return (above | static_cast<uint64_t>(FirstDigit())) << shift;
}

uint64_t TimerWheel::FirstEnd() const {
  return FirstStart() + (uint64_t{1} << (FirstLevel() * kBits));
}

size_t TimerWheel::FirstCount() const {
  const Slot& slot = slots_[FirstLevel()][FirstDigit()];
  return slot.before_last + slot.last->count;
}

void TimerWheel::FailBehind(EventKey key) const {
  NORN_CHECK(key.at >= cursor_) << key.at << " is behind the cursor at " << cursor_;
  std::abort();
}

void TimerWheel::MorePages() {
  const size_t count = pages_.empty() ? 8 : pages_.size() < 8 ? 32 : 256;
  pages_.push_back(std::make_unique_for_overwrite<Chunk[]>(count));
  bytes_ += count * sizeof(Chunk);
  for (size_t i = count; i-- > 0;) {
    Chunk& chunk = pages_.back()[i];
    chunk.next = free_;
    free_ = &chunk;
  }
}

void TimerWheel::FreeChunks(Chunk* first) {
  while (first != nullptr) {
    Chunk* next = first->next;
    first->next = free_;
    free_ = first;
    first = next;
  }
}

void TimerWheel::AppendChunk(int level, int digit, EventKey key) {
  if (free_ == nullptr) MorePages();
  Chunk* chunk = free_;
  free_ = chunk->next;
  chunk->count = 1;
  chunk->keys[0] = key;
  Slot& slot = slots_[level][digit];
  const uint64_t bit = uint64_t{1} << digit;
  if ((occupied_[level] & bit) == 0) {
    occupied_[level] |= bit;
    levels_ |= 1u << level;
    chunk->next = chunk;
    slot = {chunk, 0};
  } else {
    chunk->next = slot.last->next;
    slot.last->next = chunk;
    slot = {chunk, slot.before_last + slot.last->count};
  }
}

void TimerWheel::Clear(int level, int digit) {
  occupied_[level] &= ~(uint64_t{1} << digit);
  if (occupied_[level] == 0) levels_ &= ~(1u << level);
}

TimerWheel::Chunk* TimerWheel::DetachFirst() {
  const int level = FirstLevel();
  const int digit = FirstDigit();
  cursor_ = FirstStart();
  Chunk* last = slots_[level][digit].last;
  Chunk* first = last->next;
  last->next = nullptr;
  Clear(level, digit);
  return first;
}

void TimerWheel::SplitFirst() {
  NORN_CHECK(!FirstIsInstant());
  for (Chunk* chunk = DetachFirst(); chunk != nullptr;) {
    Chunk* next = chunk->next;
    __builtin_prefetch(next);
    for (uint32_t i = 0; i < chunk->count; ++i) Insert(chunk->keys[i]);
    chunk->next = free_;
    free_ = chunk;
    chunk = next;
  }
}

EventKey* TimerWheel::TakeFirst(EventKey* out) {
  const int span = FirstLevel() * kBits;  // the slot is 2^span nanoseconds long
  const size_t count = FirstCount();
  Chunk* const first = DetachFirst();
  if (span == 0 || count <= kFewKeys) {
    EventKey* end = out;
    for (const Chunk* chunk = first; chunk != nullptr; chunk = chunk->next)
      end = std::copy(chunk->keys, chunk->keys + chunk->count, end);
    FreeChunks(first);
    if (span != 0) InsertionSort(out, end);
    return end;
  }
  // Distributed into about as many parts as there are keys, they are nearly in order.
  const int bits = std::min({span, kMostPartBits, 64 - __builtin_clzll(count)});
  const int shift = span - bits;
  const uint64_t start = cursor_;
  std::array<uint32_t, 1 << kMostPartBits> place;
  std::fill_n(place.begin(), size_t{1} << bits, 0);
  for (const Chunk* chunk = first; chunk != nullptr; chunk = chunk->next)
    for (uint32_t i = 0; i < chunk->count; ++i) ++place[(chunk->keys[i].at - start) >> shift];
  uint32_t sum = 0;
  for (size_t part = 0; part < size_t{1} << bits; ++part) {
    const uint32_t keys = place[part];
    place[part] = sum;
    sum += keys;
  }
  for (const Chunk* chunk = first; chunk != nullptr; chunk = chunk->next)
    for (uint32_t i = 0; i < chunk->count; ++i)
      out[place[(chunk->keys[i].at - start) >> shift]++] = chunk->keys[i];
  FreeChunks(first);
  InsertionSort(out, out + count);
  return out + count;
}

void TimerWheel::MoveCursor(uint64_t cursor) {
  if (empty()) {
    cursor_ = cursor;
    return;
  }
  NORN_CHECK(cursor <= cursor_);
  // A key whose first difference from the old cursor is below that of the two cursors differs from
  // the new one where the old cursor does, and in the same digit: one slot, empty by (2), takes all
  // of them. The others stay where they are.
  const int level = LevelOf(cursor ^ cursor_);
  const int digit = DigitOf(cursor_, level);
  cursor_ = cursor;
  for (int lower = 0; lower < level; ++lower) {
    for (; occupied_[lower] != 0; Clear(lower, __builtin_ctzll(occupied_[lower])))
      AppendSlot(level, digit, slots_[lower][__builtin_ctzll(occupied_[lower])]);
  }
}

void TimerWheel::AppendSlot(int level, int digit, const Slot& from) {
  Slot& slot = slots_[level][digit];
  const uint64_t bit = uint64_t{1} << digit;
  if ((occupied_[level] & bit) == 0) {
    occupied_[level] |= bit;
    levels_ |= 1u << level;
    slot = from;
    return;
  }
  const uint32_t before = slot.before_last + slot.last->count + from.before_last;
  std::swap(slot.last->next, from.last->next);
  slot = {from.last, before};
}

}  // namespace norn::sim
