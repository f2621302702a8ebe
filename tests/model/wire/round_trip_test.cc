// Random content of every message and version: what is written has the size that was said and reads
// back equal; what is cut, damaged or garbage is refused or read, and never reads outside its
// bytes.
#include <cstdint>
#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "model/wire/api_versions.h"
#include "model/wire/fetch.h"
#include "model/wire/init_producer_id.h"
#include "model/wire/list_offsets.h"
#include "model/wire/metadata.h"
#include "model/wire/offset_for_leader_epoch.h"
#include "model/wire/produce.h"
#include "model/wire/reading.h"
#include "tests/model/wire/random_message.h"

namespace norn::model::wire {
namespace {

template <class M>
class RoundTripTest : public ::testing::Test {
 protected:
  // Calls test(message, bytes, version) for some messages of every version.
  template <class Test>
  void ForMessages(uint64_t seeds, Test test) {
    for (int16_t v = M::kInfo.first_version; v <= M::kInfo.last_version; ++v) {
      for (uint64_t seed = 1; seed <= seeds; ++seed) {
        M message = RandomMessage<M>(seed * 1000 + static_cast<uint64_t>(v), v);
        test(message, Encode(message, v), v);
        if (this->HasFailure()) FAIL() << "seed " << seed << ' ' << Print(message, v);
      }
    }
  }
  // Reads bytes nobody vouches for. Exactly as long as they are, so that ASan sees a step outside.
  void Read(const std::string& bytes, int16_t version) {
    absl::StatusOr<M> decoded = Decode<M>(bytes, version);
    if (!decoded.ok()) return;
    absl::StatusOr<M> again = Decode<M>(Encode(*decoded, version), version);
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(*again, *decoded);
  }
};

using Messages =
    ::testing::Types<ProduceRequest, ProduceResponse, FetchRequest, FetchResponse, MetadataRequest,
                     MetadataResponse, InitProducerIdRequest, InitProducerIdResponse,
                     ListOffsetsRequest, ListOffsetsResponse, OffsetForLeaderEpochRequest,
                     OffsetForLeaderEpochResponse, ApiVersionsRequest, ApiVersionsResponse>;
TYPED_TEST_SUITE(RoundTripTest, Messages);

TYPED_TEST(RoundTripTest, ReadsBackEqual) {
  this->ForMessages(20, [](const TypeParam& message, const std::string& bytes, int16_t version) {
    EXPECT_EQ(Size(message, version), static_cast<int64_t>(bytes.size()));
    absl::StatusOr<TypeParam> decoded = Decode<TypeParam>(bytes, version);
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ(*decoded, message) << Print(*decoded, version);
    EXPECT_EQ(Encode(*decoded, version), bytes);
  });
}

TYPED_TEST(RoundTripTest, CutBytesAreRefused) {
  this->ForMessages(3, [](const TypeParam&, const std::string& bytes, int16_t version) {
    for (size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_FALSE(Decode<TypeParam>(bytes.substr(0, size), version).ok()) << size;
    }
    EXPECT_FALSE(Decode<TypeParam>(bytes + '\0', version).ok());
  });
}

TYPED_TEST(RoundTripTest, DamagedBytesAreRefusedOrRead) {
  this->ForMessages(5, [this](const TypeParam&, const std::string& bytes, int16_t version) {
    Dice dice(bytes.size());
    for (int i = 0; i < 50 && !bytes.empty(); ++i) {
      std::string damaged = bytes;
      for (int64_t flips = 1 + dice.Below(3); flips > 0; --flips) {
        auto at = static_cast<size_t>(dice.Below(static_cast<int64_t>(bytes.size())));
        damaged[at] = static_cast<char>(dice.Next());
      }
      this->Read(damaged, version);
    }
  });
}

TYPED_TEST(RoundTripTest, GarbageIsRefusedOrRead) {
  Dice dice(7);
  for (int16_t v = TypeParam::kInfo.first_version; v <= TypeParam::kInfo.last_version; ++v) {
    for (int i = 0; i < 150; ++i) {
      std::string garbage = dice.Bytes(dice.Below(80));
      // Small numbers get further than large ones.
      if (dice.OneIn(2)) {
        for (char& c : garbage) c = static_cast<char>(c & 3);
      }
      this->Read(garbage, v);
    }
  }
}

}  // namespace
}  // namespace norn::model::wire
