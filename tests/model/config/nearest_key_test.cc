#include "model/config/nearest_key.h"

#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace norn::model {
namespace {

constexpr std::string_view kNames[] = {
    "linger.ms",        "batch.size",       "acks",
    "sasl.jaas.config", "retry.backoff.ms", "retry.backoff.max.ms"};

std::string_view Nearest(std::string_view key) { return NearestKey(key, kNames); }

TEST(NearestKeyTest, SlipsAreFound) {
  EXPECT_EQ(Nearest("linger.msx"), "linger.ms");
  EXPECT_EQ(Nearest("lniger.ms"), "linger.ms") << "neighbours swapped";
  EXPECT_EQ(Nearest("bach.sise"), "batch.size");
  EXPECT_EQ(Nearest("ack"), "acks");
  EXPECT_EQ(Nearest("retry.back.off.ms"), "retry.backoff.ms");
}

TEST(NearestKeyTest, CaseAndSeparatorsDoNotCount) {
  EXPECT_EQ(Nearest("LINGER_MS"), "linger.ms");
  EXPECT_EQ(Nearest("Batch-Size"), "batch.size");
}

TEST(NearestKeyTest, AbbreviationsAreFound) {
  EXPECT_EQ(Nearest("linger"), "linger.ms");
  EXPECT_EQ(Nearest("sasl.jaas"), "sasl.jaas.config");
  EXPECT_EQ(Nearest("retry"), "retry.backoff.ms") << "the first of several";
  EXPECT_EQ(Nearest("sasl"), "") << "too short to mean one key";
}

TEST(NearestKeyTest, FarWordsAreNotGuessedAt) {
  EXPECT_EQ(Nearest("colour"), "");
  EXPECT_EQ(Nearest(""), "");
  EXPECT_EQ(Nearest("xy"), "");
  EXPECT_EQ(Nearest(std::string(100000, 'x')), "");
}

}  // namespace
}  // namespace norn::model
