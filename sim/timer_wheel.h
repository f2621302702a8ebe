// Keys of events, sorted roughly: a hierarchical timing wheel of 64 slots a level.
//
// A key of 16 bytes lies in the slot that is named by the highest digit (of six bits) in which its
// time differs from the wheel's cursor: digit 0 of level 0 is one nanosecond, level 5 spans a
// minute. Insertion is a few instructions however far ahead the time lies. Only the slot that comes
// first is ever sorted further: *split* into slots of lower levels if it holds many keys, or
// *taken* if it holds few.
//
// Keys of a slot lie in chunks of contiguous memory, so splitting streams through memory and never
// visits an event. Keys of equal times stay in the order of their insertion (one can only be in the
// slot in which the other is).
//
// Invariants: (1) no key is earlier than the cursor; (2) at the level of a key, digits above that
// level equal the cursor's and, but for level 0, its own digit is greater: so the first slot of the
// lowest level that has any holds the earliest keys.
//
// Example:
//   TimerWheel wheel;
//   wheel.Insert({.at = 70, .index = 3, .stamp = 1});
//   wheel.FirstStart();                       // 64: no key is earlier
//   while (wheel.FirstCount() > 16 && !wheel.FirstIsInstant()) wheel.SplitFirst();
//   wheel.TakeFirst(keys);                    // room for FirstCount() keys
#ifndef NORN_SIM_TIMER_WHEEL_H_
#define NORN_SIM_TIMER_WHEEL_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace norn::sim {

struct EventKey {
  uint64_t at;     // nanoseconds, below 2^63
  uint32_t index;  // of the event in its slab
  uint32_t stamp;  // of the event when the key was made: another one now means the key is stale
};

class TimerWheel {
 public:
  TimerWheel() = default;
  TimerWheel(const TimerWheel&) = delete;
  TimerWheel& operator=(const TimerWheel&) = delete;

  bool empty() const { return levels_ == 0; }
  uint64_t cursor() const { return cursor_; }

  // REQUIRES: key.at >= cursor().
  void Insert(EventKey key) {
    if (__builtin_expect(key.at < cursor_, 0)) FailBehind(key);
    const int level = LevelOf(key.at ^ cursor_);
    Append(level, DigitOf(key.at, level), key);
  }

  // About the first slot that is not empty. REQUIRES: not empty().
  uint64_t FirstStart() const;  // no key is earlier
  uint64_t FirstEnd() const;    // the keys of all other slots are not earlier than this
  size_t FirstCount() const;    // how many keys it has
  bool FirstIsInstant() const { return (levels_ & 1) != 0; }  // their times are equal
  template <class Predicate>
  bool AnyInFirst(Predicate predicate) const;

  // Moves the cursor to FirstStart() and the keys of the first slot to lower levels.
  // REQUIRES: !FirstIsInstant().
  void SplitFirst();
  // Moves the cursor to FirstStart() and the keys of the first slot to `out`, sorted by time and,
  // of equal times, in the order of their insertion. Returns the end of what it wrote.
  EventKey* TakeFirst(EventKey* out);

  // Moves the cursor back so that earlier keys can be inserted; keys that become indistinct by that
  // are merged, slot by slot. If the wheel is empty, the cursor may go anywhere.
  void MoveCursor(uint64_t cursor);

  // Removes the keys for which the predicate holds.
  template <class Predicate>
  void EraseIf(Predicate predicate);

  size_t bytes() const { return bytes_; }

 private:
  static constexpr int kBits = 6;
  static constexpr int kSlots = 1 << kBits;
  static constexpr int kLevels = 11;  // 63 bits
  static constexpr uint32_t kChunkKeys = 15;
  static constexpr size_t kFewKeys = 12;  // which are quicker sorted by insertion alone
  static constexpr int kMostPartBits = 10;

  struct alignas(64) Chunk {
    Chunk* next;  // in a slot a ring; in the free list, null at the end
    uint32_t count;
    EventKey keys[kChunkKeys];
  };
  struct Slot {
    Chunk* last;           // its next is the first
    uint32_t before_last;  // keys in the other chunks
  };

  static int LevelOf(uint64_t differs) { return (63 - __builtin_clzll(differs | 1)) / kBits; }
  static int DigitOf(uint64_t at, int level) {
    return static_cast<int>(at >> (level * kBits)) & (kSlots - 1);
  }

  void Append(int level, int digit, EventKey key) {
    if ((occupied_[level] >> digit & 1) != 0) {
      Chunk* last = slots_[level][digit].last;
      if (last->count < kChunkKeys) {
        last->keys[last->count++] = key;
        return;
      }
    }
    AppendChunk(level, digit, key);
  }
  [[noreturn]] void FailBehind(EventKey key) const;
  void AppendChunk(int level, int digit, EventKey key);
  void AppendSlot(int level, int digit, const Slot& from);
  void Clear(int level, int digit);
  int FirstLevel() const { return __builtin_ctz(levels_); }
  int FirstDigit() const { return __builtin_ctzll(occupied_[FirstLevel()]); }
  // Takes the first slot out, moves the cursor to its start, and returns its first chunk.
  Chunk* DetachFirst();
  void FreeChunks(Chunk* first);
  void MorePages();

  uint64_t cursor_ = 0;
  uint32_t levels_ = 0;  // bit L: occupied_[L] is not zero
  std::array<uint64_t, kLevels> occupied_{};
  Slot slots_[kLevels][kSlots];  // of a slot that is not occupied, nothing is known
  Chunk* free_ = nullptr;
  std::vector<std::unique_ptr<Chunk[]>> pages_;
  size_t bytes_ = 0;  // of pages_
};

template <class Predicate>
bool TimerWheel::AnyInFirst(Predicate predicate) const {
  const Chunk* last = slots_[FirstLevel()][FirstDigit()].last;
  const Chunk* chunk = last;
  do {
    chunk = chunk->next;
    for (uint32_t i = 0; i < chunk->count; ++i)
      if (predicate(chunk->keys[i])) return true;
  } while (chunk != last);
  return false;
}

template <class Predicate>
void TimerWheel::EraseIf(Predicate predicate) {
  for (int level = 0; level < kLevels; ++level) {
    for (uint64_t digits = occupied_[level]; digits != 0; digits &= digits - 1) {
      const int digit = __builtin_ctzll(digits);
      Slot& slot = slots_[level][digit];
      // The keys that stay move forward, never past the place they are read from.
      Chunk* const first = slot.last->next;
      Chunk* to = first;
      uint32_t count = 0;
      uint32_t before = 0;
      slot.last->next = nullptr;
      for (Chunk* from = first; from != nullptr; from = from->next) {
        const uint32_t end = from->count;
        for (uint32_t i = 0; i < end; ++i) {
          const EventKey key = from->keys[i];
          if (count == kChunkKeys) {
            to->count = count;
            to = to->next;
            before += count;
            count = 0;
          }
          to->keys[count] = key;
          count += predicate(key) ? 0 : 1;
        }
      }
      if (before + count == 0) {
        Clear(level, digit);
        FreeChunks(first);
        continue;
      }
      FreeChunks(to->next);
      to->count = count;
      to->next = first;
      slot = {to, before};
    }
  }
}

}  // namespace norn::sim

#endif  // NORN_SIM_TIMER_WHEEL_H_
