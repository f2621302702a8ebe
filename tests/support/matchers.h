// What tests of Norn say of the world, each with a failure text in Kafka's words. Here are the
// words; the pages they come from have the details.
//
//   a log, a poll   HasRecords  HasKeys  HasRecordCount  IsEmptyLog  Stored  StoredOnce  NotStored
//   a delivery      IsOk  HasFailed  IsUnknown  IsPending  HasOutcome
//                   and of it: At  OnPartition  AfterAttempts  With  WithMessage
//   a partition     HasLeader  HasNoLeader  HasLeaderEpoch  HasIsr  HasElr
//   a replica       HasHighWatermark  HasLogEndOffset  IsInStepWith; all of them: ReplicasAgree
//   a status        IsOkStatus  StatusIs  IsOkAndHolds
//
// Example:
//   EXPECT_THAT(cluster.Await(sent), IsOk(At(0)));
//   EXPECT_THAT(cluster.Log("topic1", 0), HasRecords("Hello Kafka"));
#ifndef NORN_TESTS_SUPPORT_MATCHERS_H_
#define NORN_TESTS_SUPPORT_MATCHERS_H_

#include "tests/support/delivery_matchers.h"
#include "tests/support/log_matchers.h"
#include "tests/support/partition_matchers.h"
#include "tests/support/status_matchers.h"

#endif  // NORN_TESTS_SUPPORT_MATCHERS_H_
