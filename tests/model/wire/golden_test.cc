// Byte for byte what Kafka's own classes write, for every version of every message.
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"
#include "model/wire/reading.h"
#include "tests/model/wire/golden_messages.h"

namespace norn::model::wire {
namespace {

struct GoldenRow {
  std::string_view name;
  int16_t first_version;
  int16_t last_version;
  const char* hex;
};

constexpr GoldenRow kGolden[] = {
#include "tests/model/wire/golden_bytes.inc"
};

template <class M>
class GoldenTest : public ::testing::Test {};

using Messages =
    ::testing::Types<ProduceRequest, ProduceResponse, FetchRequest, FetchResponse, MetadataRequest,
                     MetadataResponse, InitProducerIdRequest, InitProducerIdResponse,
                     ListOffsetsRequest, ListOffsetsResponse, OffsetForLeaderEpochRequest,
                     OffsetForLeaderEpochResponse, ApiVersionsRequest, ApiVersionsResponse>;
TYPED_TEST_SUITE(GoldenTest, Messages);

TYPED_TEST(GoldenTest, WritesAndReadsKafkasBytes) {
  std::set<int16_t> versions;
  for (const GoldenRow& row : kGolden) {
    if (row.name != TypeParam::kInfo.name) continue;
    for (int16_t version = row.first_version; version <= row.last_version; ++version) {
      SCOPED_TRACE(version);
      versions.insert(version);
      TypeParam message = GoldenMessage<TypeParam>(version);
      std::string bytes = Encode(message, version);
      EXPECT_EQ(absl::BytesToHexString(bytes), row.hex) << Print(message, version);
      absl::StatusOr<TypeParam> decoded =
          Decode<TypeParam>(absl::HexStringToBytes(row.hex), version);
      ASSERT_TRUE(decoded.ok()) << decoded.status();
      EXPECT_EQ(*decoded, message) << Print(*decoded, version);
    }
  }
  EXPECT_EQ(static_cast<int>(versions.size()),
            TypeParam::kInfo.last_version - TypeParam::kInfo.first_version + 1);
}

}  // namespace
}  // namespace norn::model::wire
