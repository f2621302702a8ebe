// The batches of a Produce request, read from what its trace entry says of it. The structs
// themselves are the client's and gone by then.
//
// Example:
//   BatchesIn("Produce v13 c5 137 B ProduceRequest{... TopicData=[{TopicId=AAAAAG5vcm4AAAAAAAAAAQ,
//   "
//             "PartitionData=[{Index=p0, Records=[@0 pid0/pe0/s0 1 record 79 B]}]}]}")
//       // {{"AAAAAG5vcm4AAAAAAAAAAQ", 0, 1, 0, 0, 79}}
#ifndef NORN_SCENARIOS_STAGE_PRODUCE_TEXT_H_
#define NORN_SCENARIOS_STAGE_PRODUCE_TEXT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace norn::scenarios {

struct BatchInText {
  std::string topic;  // its id, or its name where the version sends that
  int32_t partition = 0;
  int32_t records = 0;
  int32_t sequence = -1;
  int32_t epoch = -1;
  int64_t bytes = 0;
};
std::vector<BatchInText> BatchesIn(std::string_view request);

struct AnswerInText {
  std::string error;  // NONE, NOT_LEADER_OR_FOLLOWER
  int64_t base_offset = -1;
};
std::vector<AnswerInText> AnswersIn(std::string_view response);

}  // namespace norn::scenarios

#endif  // NORN_SCENARIOS_STAGE_PRODUCE_TEXT_H_
