#include "model/wire/frame.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/strings/escaping.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/wire/api_versions.h"
#include "model/wire/init_producer_id.h"

namespace norn::model::wire {
namespace {

using ::testing::HasSubstr;

// The header as org.apache.kafka.common.message.RequestHeaderData writes it (kafka-clients 4.1.1).
TEST(FrameTest, RequestsCarryKafkasHeader) {
  std::string frame = EncodeRequestFrame(ApiVersionsRequest{"n", "v"}, 4, CorrelationId(5), "norn");
  EXPECT_EQ(absl::BytesToHexString(frame),
            "00000014"
            "001200040000000500046e6f726e00"
            "026e"
            "0276"
            "00");
}

TEST(FrameTest, ClassicHeadersHaveNoTags) {
  std::string frame = EncodeRequestFrame(ApiVersionsRequest(), 2, CorrelationId(5), std::nullopt);
  EXPECT_EQ(absl::BytesToHexString(frame),
            "0000000a"
            "0012"
            "0002"
            "00000005"
            "ffff");
}

TEST(FrameTest, RequestsReadBack) {
  InitProducerIdRequest request = {.transaction_timeout_ms = 60000};
  for (int16_t version = 0; version <= 5; ++version) {
    std::string frame = EncodeRequestFrame(request, version, CorrelationId(77), "client");
    EXPECT_EQ(static_cast<int64_t>(frame.size()), RequestFrameSize(request, version, "client"));
    absl::StatusOr<RequestFrame> parsed = DecodeRequestFrame(frame);
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(parsed->api, Api::kInitProducerId);
    EXPECT_EQ(parsed->version, version);
    EXPECT_EQ(parsed->correlation_id, CorrelationId(77));
    EXPECT_EQ(parsed->client_id, "client");
    EXPECT_EQ(Decode<InitProducerIdRequest>(parsed->body, version).value(), request);
  }
}

TEST(FrameTest, ResponsesReadBackForWhoRemembersTheRequest) {
  InitProducerIdResponse response = {.producer_id = ProducerId(9)};
  for (int16_t version = 0; version <= 5; ++version) {
    std::string frame = EncodeResponseFrame(response, version, CorrelationId(77));
    EXPECT_EQ(static_cast<int64_t>(frame.size()), ResponseFrameSize(response, version));
    absl::StatusOr<ResponseFrame> parsed =
        DecodeResponseFrame(frame, Api::kInitProducerId, version);
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(parsed->correlation_id, CorrelationId(77));
    EXPECT_EQ(Decode<InitProducerIdResponse>(parsed->body, version).value(), response);
  }
}

TEST(FrameTest, CutFramesAreRefused) {
  std::string frame = EncodeRequestFrame(InitProducerIdRequest(), 5, CorrelationId(1), "client");
  for (size_t size = 0; size < frame.size(); ++size) {
    EXPECT_FALSE(DecodeRequestFrame(std::string_view(frame).substr(0, size)).ok()) << size;
  }
  EXPECT_THAT(std::string(DecodeRequestFrame(frame + "x").status().message()),
              HasSubstr("has size 33"));
  std::string answer = EncodeResponseFrame(InitProducerIdResponse(), 5, CorrelationId(1));
  for (size_t size = 0; size < answer.size(); ++size) {
    std::string_view cut = std::string_view(answer).substr(0, size);
    EXPECT_FALSE(DecodeResponseFrame(cut, Api::kInitProducerId, 5).ok()) << size;
  }
}

}  // namespace
}  // namespace norn::model::wire
