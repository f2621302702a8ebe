#include "model/config/notice.h"

#include <vector>

#include "gtest/gtest.h"

namespace norn::model {
namespace {

TEST(NoticeTest, EachKindIsOneLine) {
  EXPECT_EQ(ToString({.kind = Notice::Kind::kNoEffect, .key = "ssl.protocol"}),
            "ssl.protocol: accepted without effect on the model");
  EXPECT_EQ(ToString({.kind = Notice::Kind::kOverridden,
                      .key = "linger.ms",
                      .old_value = "5",
                      .new_value = "20",
                      .reason = "given twice; the last one counts"}),
            "linger.ms: 5 -> 20 (given twice; the last one counts)");
  EXPECT_EQ(ToString({.kind = Notice::Kind::kAdjusted,
                      .key = "enable.idempotence",
                      .old_value = "true",
                      .new_value = "false",
                      .reason = "because"}),
            "enable.idempotence: true -> false (because)");
  EXPECT_EQ(ToString({.kind = Notice::Kind::kWarning,
                      .key = "flush.ms",
                      .new_value = "1000",
                      .reason = "nobody looks"}),
            "flush.ms=1000: nobody looks");
}

TEST(NoticeTest, SummarySaysEachThingOnceHoweverManyClientsShareIt) {
  const Notice adjusted = {.kind = Notice::Kind::kAdjusted,
                           .key = "enable.idempotence",
                           .old_value = "true",
                           .new_value = "false",
                           .reason = "acks=1"};
  const Notice ssl = {.kind = Notice::Kind::kNoEffect, .key = "ssl.protocol"};
  const Notice serializer = {.kind = Notice::Kind::kNoEffect, .key = "key.serializer"};
  EXPECT_EQ(Summary(std::vector<Notice>{ssl, adjusted, serializer, ssl, adjusted}),
            "enable.idempotence: true -> false (acks=1)\n"
            "accepted without effect on the model: ssl.protocol, key.serializer\n");
}

TEST(NoticeTest, NothingToSayIsNothing) { EXPECT_EQ(Summary({}), ""); }

}  // namespace
}  // namespace norn::model
