#include "tests/support/story_difference.h"

#include <algorithm>
#include <cstddef>
#include <sstream>
#include <string_view>
#include <vector>

#include "sim/trace.h"
#include "tests/support/log_matchers.h"
#include "tests/support/record_differences.h"

namespace norn::support_internal {
namespace {

uint64_t FoldText(uint64_t digest, std::string_view text) {
  for (char c : text) digest = sim::FoldDigest(digest, static_cast<unsigned char>(c));
  return sim::FoldDigest(digest, text.size());
}

uint64_t FoldText(uint64_t digest, const Text& text) {
  return text.has_value() ? FoldText(digest, std::string_view(*text))
                          : sim::FoldDigest(digest, ~uint64_t{0});
}

std::string Describe(const model::History::Sent& sent) {
  std::ostringstream os;
  os << sent.client << " sent " << sent.id << " to " << sent.topic << ", key " << Quoted(sent.key)
     << ", value "
     << (sent.value.has_value() || sent.value_size < 0
             ? Quoted(sent.value)
             : "<" + std::to_string(sent.value_size) + " B>")
     << ": " << sent.report;
  return os.str();
}

bool SameLog(const std::vector<SeenRecord>& a, const std::vector<SeenRecord>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const SeenRecord& x, const SeenRecord& y) {
                      return x.offset == y.offset && x.id == y.id && x.text == y.text;
                    });
}

}  // namespace

uint64_t FullStoryDigest(model::Cluster& cluster) {
  uint64_t digest = cluster.StoryDigest();
  for (const model::History::Sent& sent : cluster.history().sent()) {
    digest = FoldText(digest, sent.key);
    digest = FoldText(digest, sent.value);
    digest = FoldText(digest, std::string_view(sent.report.message));
    digest = sim::FoldDigest(digest, static_cast<uint64_t>(sent.report.attempts));
  }
  return digest;
}

std::string DescribeStoryDifference(model::Cluster& a, model::Cluster& b) {
  std::ostringstream os;
  const auto& sent_a = a.history().sent();
  const auto& sent_b = b.history().sent();
  for (size_t i = 0; i < std::min(sent_a.size(), sent_b.size()); ++i) {
    const std::string one = Describe(sent_a[i]);
    const std::string other = Describe(sent_b[i]);
    if (one == other) continue;
    os << "    in one run    " << one << "\n    in the other  " << other << "\n";
    return os.str();
  }
  for (const model::ClusterView::Topic& topic : a.view().topics) {
    for (int32_t p = 0; p < topic.partitions(); ++p) {
      const std::string_view name = topic.name.text();
      const model::LogView log_a = a.Log(name, p);
      const model::LogView log_b = b.Log(name, p);
      if (SameLog(See(log_a, Part::kKey), See(log_b, Part::kKey)) &&
          SameLog(See(log_a, Part::kValue), See(log_b, Part::kValue))) {
        continue;
      }
      os << "    in one run    " << log_a << "\n    in the other  " << log_b << "\n";
      return os.str();
    }
  }
  return "";
}

}  // namespace norn::support_internal
