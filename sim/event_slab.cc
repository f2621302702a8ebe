#include "sim/event_slab.h"

namespace norn::sim {

void EventSlab::Grow() {
  const uint32_t first = static_cast<uint32_t>(pages_.size()) * kPageEvents;
  const uint32_t count = EventsInPage(pages_.size());
  Event* page = static_cast<Event*>(::operator new(count * sizeof(Event)));
  pages_.emplace_back(page);
  stamps_.resize(first + count);
  // The lowest index is handed out first, so that neighbours in time are neighbours in memory.
  for (uint32_t i = count; i-- > 0;) {
    Event* event = ::new (&page[i]) Event;
    event->meta.index = first + i;
    Free(*event);
  }
}

size_t EventSlab::bytes() const {
  size_t events = 0;
  for (size_t page = 0; page < pages_.size(); ++page) events += EventsInPage(page);
  return events * sizeof(Event) + pages_.capacity() * sizeof(pages_[0]) +
         stamps_.capacity() * sizeof(stamps_[0]);
}

}  // namespace norn::sim
