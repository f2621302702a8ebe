#include "model/wire/api_versions.h"

#include "gtest/gtest.h"
#include "model/wire/fetch.h"
#include "model/wire/init_producer_id.h"
#include "model/wire/list_offsets.h"
#include "model/wire/metadata.h"
#include "model/wire/offset_for_leader_epoch.h"
#include "model/wire/produce.h"

namespace norn::model::wire {
namespace {

ApiVersionsResponse::ApiVersion RangeOf(Api api) {
  for (const auto& range : ApiVersionsOfKafka411(4, 1).api_keys) {
    if (range.api_key == static_cast<int16_t>(api)) return range;
  }
  return {-1, -1, -1};
}

// We speak every version that a broker of 4.1.1 offers, but for Metadata 0 to 3 and the versions 0
// to 2 of Produce, which are offered and gone.
TEST(ApiVersionsTest, BrokerOffersWhatWeSpeak) {
  auto expect = [](const MessageInfo& info) {
    EXPECT_EQ(RangeOf(info.api).max_version, info.last_version) << info.name;
    if (info.api == Api::kProduce || info.api == Api::kMetadata) {
      EXPECT_EQ(RangeOf(info.api).min_version, 0) << info.name;
    } else {
      EXPECT_EQ(RangeOf(info.api).min_version, info.first_version) << info.name;
    }
  };
  expect(ProduceRequest::kInfo);
  expect(FetchRequest::kInfo);
  expect(ListOffsetsRequest::kInfo);
  expect(MetadataRequest::kInfo);
  expect(ApiVersionsRequest::kInfo);
  expect(InitProducerIdRequest::kInfo);
  expect(OffsetForLeaderEpochRequest::kInfo);
}

TEST(ApiVersionsTest, KeysAscendAndRangesAreSane) {
  ApiVersionsResponse answer = ApiVersionsOfKafka411(4, 1);
  EXPECT_EQ(answer.api_keys.size(), 73u);
  int last = -1;
  for (const auto& range : answer.api_keys) {
    EXPECT_GT(range.api_key, last);
    EXPECT_LE(range.min_version, range.max_version) << range.api_key;
    last = range.api_key;
  }
}

TEST(ApiVersionsTest, FeaturesThatMayBeOffAreNewsOfVersionFour) {
  EXPECT_EQ(ApiVersionsOfKafka411(3, 1).supported_features.size(), 1u);
  EXPECT_EQ(ApiVersionsOfKafka411(4, 1).supported_features.size(), 6u);
  EXPECT_EQ(ApiVersionsOfKafka411(3, 1).finalized_features,
            ApiVersionsOfKafka411(4, 1).finalized_features);
}

}  // namespace
}  // namespace norn::model::wire
