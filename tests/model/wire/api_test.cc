#include "model/wire/api.h"

#include <set>
#include <sstream>

#include "gtest/gtest.h"

namespace norn::model::wire {
namespace {

// Part B3 of the specification.
TEST(ApiTest, FlexibleVersionsBeginWhereKafkasDo) {
  EXPECT_EQ(FirstFlexibleVersion(Api::kProduce), 9);
  EXPECT_EQ(FirstFlexibleVersion(Api::kFetch), 12);
  EXPECT_EQ(FirstFlexibleVersion(Api::kListOffsets), 6);
  EXPECT_EQ(FirstFlexibleVersion(Api::kMetadata), 9);
  EXPECT_EQ(FirstFlexibleVersion(Api::kApiVersions), 3);
  EXPECT_EQ(FirstFlexibleVersion(Api::kInitProducerId), 2);
  EXPECT_EQ(FirstFlexibleVersion(Api::kAddPartitionsToTxn), 3);
  EXPECT_EQ(FirstFlexibleVersion(Api::kEndTxn), 3);
  EXPECT_EQ(FirstFlexibleVersion(Api::kFindCoordinator), 3);
}

TEST(ApiTest, HeadersFollowTheVersion) {
  EXPECT_EQ(RequestHeaderVersion(Api::kProduce, 8), 1);
  EXPECT_EQ(RequestHeaderVersion(Api::kProduce, 9), 2);
  EXPECT_EQ(ResponseHeaderVersion(Api::kProduce, 8), 0);
  EXPECT_EQ(ResponseHeaderVersion(Api::kProduce, 9), 1);
  EXPECT_EQ(RequestHeaderVersion(Api::kApiVersions, 4), 2);
  EXPECT_EQ(ResponseHeaderVersion(Api::kApiVersions, 4), 0);
}

TEST(ApiTest, EachHasOneRowAndAName) {
  std::set<Api> seen;
  for (const ApiRow& row : kApis) EXPECT_TRUE(seen.insert(row.api).second) << row.name;
  EXPECT_EQ(Name(Api::kInitProducerId), "InitProducerId");
  EXPECT_EQ(Name(static_cast<Api>(999)), "?");
  std::ostringstream os;
  os << Api::kFetch;
  EXPECT_EQ(os.str(), "Fetch");
}

}  // namespace
}  // namespace norn::model::wire
