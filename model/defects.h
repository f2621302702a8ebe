// Bugs that Kafka once had, to prove with that a test would have found them. Each is off unless it
// is asked for, and is one branch at the spot where the real one was.
//
//   ClusterOptions options{.brokers = 3, .topics = {{.name = "t", .replicas = 3}}};
//   options.defects.Add(Defect::kKip101);
//
// clang-format off
// | name | what is wrong | what it can break |
// |---|---|---|
// | kip-101 | a follower truncates to its high watermark, without asking for epochs | acknowledged records are lost |
// | kip-279 | a leader tells a follower where to truncate, without of which epoch | replicas differ |
// | kafka-7128 | a follower may join the ISR before it reaches the leader's epoch | acknowledged records are lost |
// | kafka-13141 | a follower's offset counts though its log differs | acknowledged records are lost |
// | kafka-15583 | the high watermark moves though the ISR is below min.insync.replicas | what a consumer read is refused to its producer |
// | kafka-5494 | a leader does not remember an idempotent producer's last batches | records are stored twice |
// | kip-903 | who joins the ISR is not asked which of its lives is meant | acknowledged records are lost |
// | kafka-3197 | Java: max.in.flight=1 holds for a connection, not for a partition | records change places |
// | kip-480 | Java: without a key the partition changes with each new batch | the slowest broker gets most |
// | kafka-14156 | Java: without a key the partition changes in the middle of a batch | batches are small |
// clang-format on
#ifndef NORN_MODEL_DEFECTS_H_
#define NORN_MODEL_DEFECTS_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace norn::model {

enum class Defect : uint8_t {
  kKip101,
  kKip279,
  kKafka7128,
  kKafka13141,
  kKafka15583,
  kKafka5494,
  kKip903,
  kKafka3197,
  kKip480,
  kKafka14156,
};

inline constexpr std::array<Defect, 10> kAllDefects = {
    Defect::kKip101,     Defect::kKip279,    Defect::kKafka7128, Defect::kKafka13141,
    Defect::kKafka15583, Defect::kKafka5494, Defect::kKip903,    Defect::kKafka3197,
    Defect::kKip480,     Defect::kKafka14156};

// "kip-101"
constexpr std::string_view Name(Defect defect) {
  switch (defect) {
    case Defect::kKip101:
      return "kip-101";
    case Defect::kKip279:
      return "kip-279";
    case Defect::kKafka7128:
      return "kafka-7128";
    case Defect::kKafka13141:
      return "kafka-13141";
    case Defect::kKafka15583:
      return "kafka-15583";
    case Defect::kKafka5494:
      return "kafka-5494";
    case Defect::kKip903:
      return "kip-903";
    case Defect::kKafka3197:
      return "kafka-3197";
    case Defect::kKip480:
      return "kip-480";
    case Defect::kKafka14156:
      return "kafka-14156";
  }
  return "";
}

constexpr std::optional<Defect> DefectCalled(std::string_view name) {
  for (const Defect defect : kAllDefects)
    if (Name(defect) == name) return defect;
  return std::nullopt;
}

// Which of them a cluster has.
class Defects {
 public:
  constexpr void Add(Defect defect) { bits_ |= 1u << static_cast<unsigned>(defect); }
  constexpr bool Has(Defect defect) const {
    return __builtin_expect((bits_ >> static_cast<unsigned>(defect) & 1) != 0, 0);
  }

 private:
  uint32_t bits_ = 0;
};

}  // namespace norn::model

#endif  // NORN_MODEL_DEFECTS_H_
