#include "model/error.h"

#include <set>
#include <sstream>
#include <string>

#include "gtest/gtest.h"

namespace norn::model {
namespace {

TEST(ErrorTest, SpeaksKafkasLanguage) {
  EXPECT_EQ(static_cast<int>(Error::kNotLeaderOrFollower), 6);
  EXPECT_EQ(Name(Error::kNotLeaderOrFollower), "NOT_LEADER_OR_FOLLOWER");
  EXPECT_EQ(JavaException(Error::kNotLeaderOrFollower), "NotLeaderOrFollowerException");
  EXPECT_EQ(DefaultMessage(Error::kNotEnoughReplicas),
            "Messages are rejected since there are fewer in-sync replicas than required.");
  std::ostringstream os;
  os << Error::kRequestTimedOut << ' ' << PersistenceAfter(Error::kRequestTimedOut);
  EXPECT_EQ(os.str(), "REQUEST_TIMED_OUT unknown");
}

TEST(ErrorTest, EachHasItsOwnRow) {
  std::set<std::string> names;
  int last_code = -2;
  for (Error error : AllErrors()) {
    EXPECT_GT(static_cast<int>(error), last_code) << Name(error);
    last_code = static_cast<int>(error);
    EXPECT_TRUE(names.insert(std::string(Name(error))).second) << Name(error);
    if (error == Error::kNone) continue;
    EXPECT_FALSE(JavaException(error).empty()) << Name(error);
    EXPECT_FALSE(DefaultMessage(error).empty()) << Name(error);
  }
  EXPECT_EQ(AllErrors().front(), Error::kUnknownServerError);
  EXPECT_EQ(AllErrors().back(), Error::kTransactionAbortable);
}

TEST(ErrorTest, UnknownCodesReadAsServerErrors) {
  for (int code : {-32768, -2, 4, 12, 121, 999, 32767}) {
    EXPECT_EQ(Name(static_cast<Error>(code)), "UNKNOWN_SERVER_ERROR") << code;
  }
}

// The table of the specification: code, retriable, asks for metadata, written when refused up
// front.
struct Known {
  int code;
  bool retriable;
  bool refreshes;
  Persistence persistence;
};
constexpr Persistence kNot = Persistence::kNotWritten;
constexpr Persistence kIs = Persistence::kWritten;
constexpr Persistence kMaybe = Persistence::kUnknown;

TEST(ErrorTest, AgreesWithTheTableOfTheProducePath) {
  constexpr Known kTable[] = {
      {0, false, false, kIs},    {2, true, false, kNot},   {3, true, true, kNot},
      {5, true, true, kNot},     {6, true, true, kNot},    {7, true, false, kMaybe},
      {10, false, false, kNot},  {13, true, true, kMaybe}, {17, false, false, kNot},
      {18, false, false, kNot},  {19, true, false, kNot},  {20, true, false, kIs},
      {21, false, false, kNot},  {29, false, false, kNot}, {30, false, false, kNot},
      {31, false, false, kNot},  {53, false, false, kNot}, {32, false, false, kNot},
      {87, false, false, kNot},  {45, false, false, kNot}, {46, false, false, kIs},
      {47, false, false, kNot},  {48, false, false, kNot}, {56, true, true, kMaybe},
      {59, false, false, kNot},  {74, true, true, kNot},   {75, true, false, kNot},
      {-1, false, false, kMaybe}};
  for (const Known& known : kTable) {
    auto error = static_cast<Error>(known.code);
    EXPECT_EQ(IsRetriable(error), known.retriable) << error;
    EXPECT_EQ(RefreshesMetadata(error), known.refreshes) << error;
    EXPECT_EQ(PersistenceAfter(error), known.persistence) << error;
  }
}

TEST(ErrorTest, WhatWaitedForFollowersIsNeverKnownToBeUnwritten) {
  EXPECT_EQ(PersistenceAfter(Error::kNotLeaderOrFollower, Answered::kUpFront), kNot);
  EXPECT_EQ(PersistenceAfter(Error::kNotLeaderOrFollower, Answered::kAfterWait), kMaybe);
  for (Error error : AllErrors()) {
    EXPECT_NE(PersistenceAfter(error, Answered::kAfterWait), kNot) << error;
  }
}

TEST(ErrorTest, RefreshingImpliesRetriable) {
  for (Error error : AllErrors()) {
    if (RefreshesMetadata(error)) {
      EXPECT_TRUE(IsRetriable(error)) << error;
    }
  }
}

}  // namespace
}  // namespace norn::model
