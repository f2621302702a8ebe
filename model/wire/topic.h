// How a topic is named on the wire: by its name, and in newer versions by its 16-byte id.
//
// A TopicName is shared text: the client that knows the topic makes it once, and each request that
// names it copies a pointer. Like a RecordSet it stays within its simulation: its owners are not
// counted atomically.
//
// Example:
//   TopicName orders("orders");
//   request.topics[0].name = orders;               // no allocation
//   request.topics[0].topic_id = Uuid{0, 77};      // prints as AAAAAAAAAAAAAAAAAAAATQ
#ifndef NORN_MODEL_WIRE_TOPIC_H_
#define NORN_MODEL_WIRE_TOPIC_H_

#include <compare>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <utility>

namespace norn::model {

class TopicName {
 public:
  TopicName() = default;  // the empty name
  TopicName(std::string_view text)
      : shared_(text.empty() ? nullptr : new Shared{1, std::string(text)}) {}
  TopicName(const char* text) : TopicName(std::string_view(text)) {}
  TopicName(const TopicName& other) : shared_(other.shared_) {
    if (shared_) ++shared_->owners;
  }
  TopicName(TopicName&& other) noexcept : shared_(std::exchange(other.shared_, nullptr)) {}
  TopicName& operator=(TopicName other) noexcept {
    std::swap(shared_, other.shared_);
    return *this;
  }
  ~TopicName() {
    if (shared_ && --shared_->owners == 0) delete shared_;
  }

  std::string_view text() const { return shared_ ? std::string_view(shared_->text) : ""; }

  friend bool operator==(const TopicName& a, const TopicName& b) {
    return a.shared_ == b.shared_ || a.text() == b.text();
  }
  friend std::strong_ordering operator<=>(const TopicName& a, const TopicName& b) {
    if (a.shared_ == b.shared_) return std::strong_ordering::equal;
    return a.text() <=> b.text();
  }
  template <class H>
  friend H AbslHashValue(H h, const TopicName& name) {
    return H::combine(std::move(h), name.text());
  }

 private:
  struct Shared {
    int64_t owners;
    std::string text;
  };
  Shared* shared_ = nullptr;
};

std::ostream& operator<<(std::ostream& os, const TopicName& name);

// Sixteen bytes; all zero is Kafka's "none".
struct Uuid {
  uint64_t high = 0;
  uint64_t low = 0;

  bool is_none() const { return high == 0 && low == 0; }
  friend auto operator<=>(const Uuid&, const Uuid&) = default;
  template <class H>
  friend H AbslHashValue(H h, const Uuid& id) {
    return H::combine(std::move(h), id.high, id.low);
  }
};

// 22 characters of base64 for URLs, as Kafka prints its ids.
std::string ToString(const Uuid& id);
std::ostream& operator<<(std::ostream& os, const Uuid& id);

}  // namespace norn::model

#endif  // NORN_MODEL_WIRE_TOPIC_H_
