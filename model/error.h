// The error codes Kafka puts into its answers, and what a client makes of them.
//
// An Error is weather, not a mistake of ours: it travels as a value. Beside Kafka's name, code and
// text each carries the two facts clients act on (may the request be tried again; is the metadata
// stale), and the one that matters to whoever judges a run: was the data written all the same?
//
// Example:
//   Name(Error::kNotLeaderOrFollower)                                    //
//   "NOT_LEADER_OR_FOLLOWER" IsRetriable(Error::kRequestTimedOut) // true
//   PersistenceAfter(Error::kNotLeaderOrFollower)                        // kNotWritten
//   PersistenceAfter(Error::kNotLeaderOrFollower, Answered::kAfterWait)  // kUnknown
//
// Here are the codes that producing, fetching, metadata, producer ids, transactions and the
// controller use (kafka-clients 4.1.1). Any other code reads as UNKNOWN_SERVER_ERROR, as it does in
// Kafka's client.
#ifndef NORN_MODEL_ERROR_H_
#define NORN_MODEL_ERROR_H_

#include <cstdint>
#include <iosfwd>
#include <span>
#include <string_view>

namespace norn::model {

enum class Error : int16_t {
  kUnknownServerError = -1,
  kNone = 0,
  kOffsetOutOfRange = 1,
  kCorruptMessage = 2,
  kUnknownTopicOrPartition = 3,
  kLeaderNotAvailable = 5,
  kNotLeaderOrFollower = 6,
  kRequestTimedOut = 7,
  kBrokerNotAvailable = 8,
  kReplicaNotAvailable = 9,
  kMessageTooLarge = 10,
  kStaleControllerEpoch = 11,
  kNetworkException = 13,
  kCoordinatorLoadInProgress = 14,
  kCoordinatorNotAvailable = 15,
  kNotCoordinator = 16,
  kInvalidTopic = 17,
  kRecordListTooLarge = 18,
  kNotEnoughReplicas = 19,
  kNotEnoughReplicasAfterAppend = 20,
  kInvalidRequiredAcks = 21,
  kIllegalGeneration = 22,
  kUnknownMemberId = 25,
  kRebalanceInProgress = 27,
  kTopicAuthorizationFailed = 29,
  kGroupAuthorizationFailed = 30,
  kClusterAuthorizationFailed = 31,
  kInvalidTimestamp = 32,
  kUnsupportedVersion = 35,
  kNotController = 41,
  kInvalidRequest = 42,
  kUnsupportedForMessageFormat = 43,
  kOutOfOrderSequenceNumber = 45,
  kDuplicateSequenceNumber = 46,
  kInvalidProducerEpoch = 47,
  kInvalidTxnState = 48,
  kInvalidProducerIdMapping = 49,
  kInvalidTransactionTimeout = 50,
  kConcurrentTransactions = 51,
  kTransactionCoordinatorFenced = 52,
  kTransactionalIdAuthorizationFailed = 53,
  kOperationNotAttempted = 55,
  kKafkaStorageError = 56,
  kUnknownProducerId = 59,
  kFetchSessionIdNotFound = 70,
  kInvalidFetchSessionEpoch = 71,
  kListenerNotFound = 72,
  kFencedLeaderEpoch = 74,
  kUnknownLeaderEpoch = 75,
  kUnsupportedCompressionType = 76,
  kStaleBrokerEpoch = 77,
  kOffsetNotAvailable = 78,
  kMemberIdRequired = 79,
  kFencedInstanceId = 82,
  kInvalidRecord = 87,
  kUnstableOffsetCommit = 88,
  kThrottlingQuotaExceeded = 89,
  kProducerFenced = 90,
  kInvalidUpdateVersion = 95,
  kUnknownTopicId = 100,
  kDuplicateBrokerRegistration = 101,
  kBrokerIdNotRegistered = 102,
  kInconsistentTopicId = 103,
  kInconsistentClusterId = 104,
  kFetchSessionTopicIdError = 106,
  kIneligibleReplica = 107,
  kNewLeaderElected = 108,
  kOffsetMovedToTieredStorage = 109,
  kFencedMemberEpoch = 110,
  kInvalidRegistration = 119,
  kTransactionAbortable = 120,
};

// Kafka's own name, "NOT_LEADER_OR_FOLLOWER".
std::string_view Name(Error error);
// The class a Java application sees, "NotLeaderOrFollowerException"; empty for kNone.
std::string_view JavaException(Error error);
// What rd_kafka_err2name() calls it, "NOT_LEADER_FOR_PARTITION"; "NO_ERROR" for kNone.
std::string_view LibrdkafkaName(Error error);
// Kafka's text for the code when the broker sends none of its own.
std::string_view DefaultMessage(Error error);

// A RetriableException: the same request may succeed later.
bool IsRetriable(Error error);
// An InvalidMetadataException: whoever gets it should ask for fresh metadata before going on.
bool RefreshesMetadata(Error error);

// What an answer says about the records of the produce request it answers.
enum class Persistence {
  kNotWritten,  // By this attempt, nowhere: sending again cannot duplicate it.
  kWritten,     // In the leader's log, if not yet in every follower's.
  kUnknown,     // May be in the log now, may appear there, may be gone.
};

// When the broker answered: before it appended, or after the request had waited for followers. The
// code does not tell (a client cannot know); the base offset does: -1 up front, the real one after
// the wait.
enum class Answered { kUpFront, kAfterWait };

// Codes that never answer a produce request give kUnknown.
Persistence PersistenceAfter(Error error, Answered answered = Answered::kUpFront);

// Every code named above, in order of code.
std::span<const Error> AllErrors();

std::ostream& operator<<(std::ostream& os, Error error);
std::ostream& operator<<(std::ostream& os, Persistence persistence);

}  // namespace norn::model

#endif  // NORN_MODEL_ERROR_H_
