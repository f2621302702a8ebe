// A counted reference within one simulation: like std::shared_ptr, but the count lies in the
// object, costs no atomic operation and no second allocation.
//
//   class Batch : public RefCounted { ... };
//   Ref<Batch> batch = MakeRef<Batch>(...);
#ifndef NORN_SIM_REF_H_
#define NORN_SIM_REF_H_

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace norn::sim {

template <class T>
class Ref;

class RefCounted {
 public:
  RefCounted() = default;
  RefCounted(const RefCounted&) = delete;
  RefCounted& operator=(const RefCounted&) = delete;

 private:
  template <class T>
  friend class Ref;
  mutable uint32_t references_ = 0;
};

template <class T>
class Ref {
 public:
  Ref() = default;
  Ref(std::nullptr_t) {}  // NOLINT: as a pointer is
  explicit Ref(T* object) : object_(object) { Hold(); }
  Ref(const Ref& other) : object_(other.object_) { Hold(); }
  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  // To a base, whose destructor must be virtual.
  template <class U>
  requires std::is_convertible_v<U*, T*> Ref(Ref<U> other)
  noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Ref& operator=(Ref other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Ref() { Drop(); }

  T* get() const { return object_; }
  T* operator->() const { return object_; }
  T& operator*() const { return *object_; }
  explicit operator bool() const { return object_ != nullptr; }
  friend bool operator==(const Ref& a, const Ref& b) { return a.object_ == b.object_; }

 private:
  void Hold() {
    if (object_ != nullptr) ++object_->references_;
  }
  void Drop() {
    if (object_ != nullptr && --object_->references_ == 0) delete object_;
  }
  template <class U>
  friend class Ref;
  T* object_ = nullptr;
};

template <class T, class... Args>
Ref<T> MakeRef(Args&&... args) {
  return Ref<T>(new T(std::forward<Args>(args)...));
}

}  // namespace norn::sim

#endif  // NORN_SIM_REF_H_
