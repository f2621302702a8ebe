// What clients saw and what the logs hold at the end of a run, contents included: as one number,
// and where two runs of one seed differ in it, in words.
#ifndef NORN_TESTS_SUPPORT_STORY_DIFFERENCE_H_
#define NORN_TESTS_SUPPORT_STORY_DIFFERENCE_H_

#include <cstdint>
#include <string>

#include "model/cluster.h"

namespace norn::support_internal {

// Cluster::StoryDigest(), and keys, values, messages and attempts beside it.
uint64_t FullStoryDigest(model::Cluster& cluster);

// The first record sent that differs or fared differently, or how a log differs; empty if the
// stories are equal. REQUIRES: both clusters were made with the same options.
std::string DescribeStoryDifference(model::Cluster& a, model::Cluster& b);

}  // namespace norn::support_internal

#endif  // NORN_TESTS_SUPPORT_STORY_DIFFERENCE_H_
