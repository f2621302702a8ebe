// A first-in-first-out queue that keeps its room: no allocation while it holds at most kInline
// items, nor ever again for a size it once had.
//
//   Ring<Burst, 4> bursts;
//   bursts.push_back(burst);  bursts.front();  bursts[2];  bursts.pop_front();
#ifndef NORN_SIM_RING_H_
#define NORN_SIM_RING_H_

#include <cstdint>
#include <memory>
#include <utility>

namespace norn::sim {

// T has a default value and can be moved. kInline is a power of two.
template <class T, uint32_t kInline>
class Ring {
 public:
  static_assert(kInline != 0 && (kInline & (kInline - 1)) == 0);

  Ring() = default;
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  uint32_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  // REQUIRES of all below: there is such an item.
  T& operator[](uint32_t i) { return slots_[(head_ + i) & mask_]; }
  const T& operator[](uint32_t i) const { return slots_[(head_ + i) & mask_]; }
  T& front() { return slots_[head_]; }
  T& back() { return slots_[(head_ + size_ - 1) & mask_]; }

  void push_back(T item) { push_back() = std::move(item); }
  // A new item at the end, with whatever value an earlier one left there: for those who set all.
  T& push_back() {
    if (__builtin_expect(size_ > mask_, 0)) Grow();
    return slots_[(head_ + size_++) & mask_];
  }
  T pop_front() {
    T item = std::move(slots_[head_]);
    drop_front();
    return item;
  }
  // The same for an item that was moved out already.
  void drop_front() {
    head_ = (head_ + 1) & mask_;
    --size_;
  }
  T pop_back() { return std::move(slots_[(head_ + --size_) & mask_]); }
  void clear() {
    while (!empty()) pop_back();
  }
  bool full() const { return size_ > mask_; }

 private:
  void Grow() {
    const uint32_t capacity = (mask_ + 1) * 2;
    auto larger = std::make_unique<T[]>(capacity);
    for (uint32_t i = 0; i < size_; ++i) larger[i] = std::move((*this)[i]);
    heap_ = std::move(larger);
    slots_ = heap_.get();
    mask_ = capacity - 1;
    head_ = 0;
  }

  T* slots_ = inline_;
  uint32_t mask_ = kInline - 1;
  uint32_t head_ = 0;
  uint32_t size_ = 0;
  std::unique_ptr<T[]> heap_;
  T inline_[kInline];
};

}  // namespace norn::sim

#endif  // NORN_SIM_RING_H_
