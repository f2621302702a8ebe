#include "model/wire/api_versions.h"

#include <iterator>

namespace norn::model::wire {
namespace {

// Requests of Kafka's own clients in order of key. Produce begins at 0 although 0 to 2 are gone:
// older librdkafka would not talk to a broker that says otherwise (KAFKA-18659).
constexpr ApiVersionsResponse::ApiVersion kApiVersions[] = {
    {0, 0, 13}, {1, 4, 18}, {2, 1, 10}, {3, 0, 13}, {8, 2, 9},  {9, 1, 9},  {10, 0, 6}, {11, 0, 9},
    {12, 0, 4}, {13, 0, 5}, {14, 0, 5}, {15, 0, 6}, {16, 0, 5}, {17, 0, 1}, {18, 0, 4}, {19, 2, 7},
    {20, 1, 6}, {21, 0, 2}, {22, 0, 5}, {23, 2, 4}, {24, 0, 5}, {25, 0, 4}, {26, 0, 5}, {27, 1, 1},
    {28, 0, 5}, {29, 1, 3}, {30, 1, 3}, {31, 1, 3}, {32, 1, 4}, {33, 0, 2}, {34, 1, 2}, {35, 1, 4},
    {36, 0, 2}, {37, 0, 3}, {38, 1, 3}, {39, 1, 2}, {40, 1, 2}, {41, 1, 3}, {42, 0, 2}, {43, 0, 2},
    {44, 0, 1}, {45, 0, 1}, {46, 0, 0}, {47, 0, 0}, {48, 0, 1}, {49, 0, 1}, {50, 0, 0}, {51, 0, 0},
    {55, 0, 2}, {57, 0, 2}, {60, 0, 2}, {61, 0, 0}, {64, 0, 0}, {65, 0, 0}, {66, 0, 2}, {68, 0, 1},
    {69, 0, 1}, {74, 0, 1}, {75, 0, 0}, {76, 1, 1}, {77, 1, 1}, {78, 1, 1}, {79, 1, 1}, {80, 0, 0},
    {81, 0, 0}, {83, 0, 0}, {84, 0, 0}, {85, 0, 0}, {86, 0, 0}, {87, 0, 0}, {90, 0, 0}, {91, 0, 0},
    {92, 0, 0},
};

struct Feature {
  const char* name;
  int16_t min_level;
  int16_t max_level;
  int16_t finalized_level;  // 0: not finalized
};

// metadata.version counts Kafka's releases: 7 is 3.3, 27 is 4.1.
constexpr Feature kFeatures[] = {
    {"metadata.version", 7, 27, 27},
    {"kraft.version", 0, 1, 0},
    {"transaction.version", 0, 2, 2},
    {"group.version", 0, 1, 1},
    {"eligible.leader.replicas.version", 0, 1, 1},
    {"share.version", 0, 1, 0},
};

}  // namespace

ApiVersionsResponse ApiVersionsOfKafka411(int16_t version, int64_t finalized_features_epoch) {
  constexpr int16_t kFirstWithLevelZero = 4;
  ApiVersionsResponse answer;
  answer.api_keys.assign(std::begin(kApiVersions), std::end(kApiVersions));
  answer.finalized_features_epoch = finalized_features_epoch;
  for (const Feature& feature : kFeatures) {
    if (version >= kFirstWithLevelZero || feature.min_level > 0) {
      answer.supported_features.push_back({feature.name, feature.min_level, feature.max_level});
    }
    if (feature.finalized_level > 0) {
      answer.finalized_features.push_back(
          {feature.name, feature.finalized_level, feature.finalized_level});
    }
  }
  return answer;
}

}  // namespace norn::model::wire
