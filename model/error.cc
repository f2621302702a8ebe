#include "model/error.h"

#include <array>
#include <cstddef>
#include <ostream>

namespace norn::model {
namespace {

constexpr bool kRetriable = true, kFinal = false;
constexpr bool kRefresh = true, kKeep = false;
constexpr Persistence kNotWritten = Persistence::kNotWritten;
constexpr Persistence kWritten = Persistence::kWritten;
constexpr Persistence kUnknown = Persistence::kUnknown;

struct Row {
  Error error;
  std::string_view name;
  std::string_view exception;
  bool retriable;        // RetriableException
  bool refreshes;        // InvalidMetadataException
  Persistence up_front;  // of the records, when the broker answered before it could append them
  std::string_view message;
};

// Names, classes and texts as kafka-clients 4.1.1 has them.
constexpr Row kRows[] = {
    {Error::kUnknownServerError, "UNKNOWN_SERVER_ERROR", "UnknownServerException", kFinal, kKeep,
     kUnknown, "The server experienced an unexpected error when processing the request."},
    {Error::kNone, "NONE", "", kFinal, kKeep, kWritten, ""},
    {Error::kOffsetOutOfRange, "OFFSET_OUT_OF_RANGE", "OffsetOutOfRangeException", kFinal, kKeep,
     kUnknown, "The requested offset is not within the range of offsets maintained by the server."},
    {Error::kCorruptMessage, "CORRUPT_MESSAGE", "CorruptRecordException", kRetriable, kKeep,
     kNotWritten,
     "This message has failed its CRC checksum, exceeds the valid size, has a null key for "
     "a compacted topic, or is otherwise corrupt."},
    {Error::kUnknownTopicOrPartition, "UNKNOWN_TOPIC_OR_PARTITION",
     "UnknownTopicOrPartitionException", kRetriable, kRefresh, kNotWritten,
     "This server does not host this topic-partition."},
    {Error::kLeaderNotAvailable, "LEADER_NOT_AVAILABLE", "LeaderNotAvailableException", kRetriable,
     kRefresh, kNotWritten,
     "There is no leader for this topic-partition as we are in the middle of a leadership "
     "election."},
    {Error::kNotLeaderOrFollower, "NOT_LEADER_OR_FOLLOWER", "NotLeaderOrFollowerException",
     kRetriable, kRefresh, kNotWritten,
     "For requests intended only for the leader, this error indicates that the broker is "
     "not the current leader. For requests intended for any replica, this error indicates "
     "that the broker is not a replica of the topic partition."},
    {Error::kRequestTimedOut, "REQUEST_TIMED_OUT", "TimeoutException", kRetriable, kKeep, kUnknown,
     "The request timed out."},
    {Error::kBrokerNotAvailable, "BROKER_NOT_AVAILABLE", "BrokerNotAvailableException", kFinal,
     kKeep, kUnknown, "The broker is not available."},
    {Error::kReplicaNotAvailable, "REPLICA_NOT_AVAILABLE", "ReplicaNotAvailableException",
     kRetriable, kRefresh, kUnknown,
     "The replica is not available for the requested topic-partition. Produce/Fetch "
     "requests and other requests intended only for the leader or follower return "
     "NOT_LEADER_OR_FOLLOWER if the broker is not a replica of the topic-partition."},
    {Error::kMessageTooLarge, "MESSAGE_TOO_LARGE", "RecordTooLargeException", kFinal, kKeep,
     kNotWritten,
     "The request included a message larger than the max message size the server will "
     "accept."},
    {Error::kStaleControllerEpoch, "STALE_CONTROLLER_EPOCH", "ControllerMovedException", kFinal,
     kKeep, kUnknown, "The controller moved to another broker."},
    {Error::kNetworkException, "NETWORK_EXCEPTION", "NetworkException", kRetriable, kRefresh,
     kUnknown, "The server disconnected before a response was received."},
    {Error::kCoordinatorLoadInProgress, "COORDINATOR_LOAD_IN_PROGRESS",
     "CoordinatorLoadInProgressException", kRetriable, kKeep, kUnknown,
     "The coordinator is loading and hence can't process requests."},
    {Error::kCoordinatorNotAvailable, "COORDINATOR_NOT_AVAILABLE",
     "CoordinatorNotAvailableException", kRetriable, kKeep, kUnknown,
     "The coordinator is not available."},
    {Error::kNotCoordinator, "NOT_COORDINATOR", "NotCoordinatorException", kRetriable, kKeep,
     kUnknown, "This is not the correct coordinator."},
    {Error::kInvalidTopic, "INVALID_TOPIC_EXCEPTION", "InvalidTopicException", kFinal, kKeep,
     kNotWritten, "The request attempted to perform an operation on an invalid topic."},
    {Error::kRecordListTooLarge, "RECORD_LIST_TOO_LARGE", "RecordBatchTooLargeException", kFinal,
     kKeep, kNotWritten,
     "The request included message batch larger than the configured segment size on the "
     "server."},
    {Error::kNotEnoughReplicas, "NOT_ENOUGH_REPLICAS", "NotEnoughReplicasException", kRetriable,
     kKeep, kNotWritten,
     "Messages are rejected since there are fewer in-sync replicas than required."},
    {Error::kNotEnoughReplicasAfterAppend, "NOT_ENOUGH_REPLICAS_AFTER_APPEND",
     "NotEnoughReplicasAfterAppendException", kRetriable, kKeep, kWritten,
     "Messages are written to the log, but to fewer in-sync replicas than required."},
    {Error::kInvalidRequiredAcks, "INVALID_REQUIRED_ACKS", "InvalidRequiredAcksException", kFinal,
     kKeep, kNotWritten, "Produce request specified an invalid value for required acks."},
    {Error::kIllegalGeneration, "ILLEGAL_GENERATION", "IllegalGenerationException", kFinal, kKeep,
     kUnknown, "Specified group generation id is not valid."},
    {Error::kUnknownMemberId, "UNKNOWN_MEMBER_ID", "UnknownMemberIdException", kFinal, kKeep,
     kUnknown, "The coordinator is not aware of this member."},
    {Error::kRebalanceInProgress, "REBALANCE_IN_PROGRESS", "RebalanceInProgressException", kFinal,
     kKeep, kUnknown, "The group is rebalancing, so a rejoin is needed."},
    {Error::kTopicAuthorizationFailed, "TOPIC_AUTHORIZATION_FAILED", "TopicAuthorizationException",
     kFinal, kKeep, kNotWritten, "Topic authorization failed."},
    {Error::kGroupAuthorizationFailed, "GROUP_AUTHORIZATION_FAILED", "GroupAuthorizationException",
     kFinal, kKeep, kNotWritten, "Group authorization failed."},
    {Error::kClusterAuthorizationFailed, "CLUSTER_AUTHORIZATION_FAILED",
     "ClusterAuthorizationException", kFinal, kKeep, kNotWritten, "Cluster authorization failed."},
    {Error::kInvalidTimestamp, "INVALID_TIMESTAMP", "InvalidTimestampException", kFinal, kKeep,
     kNotWritten, "The timestamp of the message is out of acceptable range."},
    {Error::kUnsupportedVersion, "UNSUPPORTED_VERSION", "UnsupportedVersionException", kFinal,
     kKeep, kNotWritten, "The version of API is not supported."},
    {Error::kNotController, "NOT_CONTROLLER", "NotControllerException", kRetriable, kKeep, kUnknown,
     "This is not the correct controller for this cluster."},
    {Error::kInvalidRequest, "INVALID_REQUEST", "InvalidRequestException", kFinal, kKeep,
     kNotWritten,
     "This most likely occurs because of a request being malformed by the client library "
     "or the message was sent to an incompatible broker. See the broker logs for more "
     "details."},
    {Error::kUnsupportedForMessageFormat, "UNSUPPORTED_FOR_MESSAGE_FORMAT",
     "UnsupportedForMessageFormatException", kFinal, kKeep, kNotWritten,
     "The message format version on the broker does not support the request."},
    {Error::kOutOfOrderSequenceNumber, "OUT_OF_ORDER_SEQUENCE_NUMBER",
     "OutOfOrderSequenceException", kFinal, kKeep, kNotWritten,
     "The broker received an out of order sequence number."},
    {Error::kDuplicateSequenceNumber, "DUPLICATE_SEQUENCE_NUMBER", "DuplicateSequenceException",
     kFinal, kKeep, kWritten, "The broker received a duplicate sequence number."},
    {Error::kInvalidProducerEpoch, "INVALID_PRODUCER_EPOCH", "InvalidProducerEpochException",
     kFinal, kKeep, kNotWritten, "Producer attempted to produce with an old epoch."},
    {Error::kInvalidTxnState, "INVALID_TXN_STATE", "InvalidTxnStateException", kFinal, kKeep,
     kNotWritten, "The producer attempted a transactional operation in an invalid state."},
    {Error::kInvalidProducerIdMapping, "INVALID_PRODUCER_ID_MAPPING", "InvalidPidMappingException",
     kFinal, kKeep, kUnknown,
     "The producer attempted to use a producer id which is not currently assigned to its "
     "transactional id."},
    {Error::kInvalidTransactionTimeout, "INVALID_TRANSACTION_TIMEOUT", "InvalidTxnTimeoutException",
     kFinal, kKeep, kUnknown,
     "The transaction timeout is larger than the maximum value allowed by the broker (as "
     "configured by transaction.max.timeout.ms)."},
    {Error::kConcurrentTransactions, "CONCURRENT_TRANSACTIONS", "ConcurrentTransactionsException",
     kRetriable, kKeep, kUnknown,
     "The producer attempted to update a transaction while another concurrent operation on "
     "the same transaction was ongoing."},
    {Error::kTransactionCoordinatorFenced, "TRANSACTION_COORDINATOR_FENCED",
     "TransactionCoordinatorFencedException", kFinal, kKeep, kUnknown,
     "Indicates that the transaction coordinator sending a WriteTxnMarker is no longer the "
     "current coordinator for a given producer."},
    {Error::kTransactionalIdAuthorizationFailed, "TRANSACTIONAL_ID_AUTHORIZATION_FAILED",
     "TransactionalIdAuthorizationException", kFinal, kKeep, kNotWritten,
     "Transactional Id authorization failed."},
    {Error::kOperationNotAttempted, "OPERATION_NOT_ATTEMPTED", "OperationNotAttemptedException",
     kFinal, kKeep, kUnknown,
     "The broker did not attempt to execute this operation. This may happen for batched "
     "RPCs where some operations in the batch failed, causing the broker to respond "
     "without trying the rest."},
    {Error::kKafkaStorageError, "KAFKA_STORAGE_ERROR", "KafkaStorageException", kRetriable,
     kRefresh, kUnknown, "Disk error when trying to access log file on the disk."},
    {Error::kUnknownProducerId, "UNKNOWN_PRODUCER_ID", "UnknownProducerIdException", kFinal, kKeep,
     kNotWritten,
     "This exception is raised by the broker if it could not locate the producer metadata "
     "associated with the producerId in question. This could happen if, for instance, the "
     "producer's records were deleted because their retention time had elapsed. Once the "
     "last records of the producerId are removed, the producer's metadata is removed from "
     "the broker, and future appends by the producer will return this exception."},
    {Error::kFetchSessionIdNotFound, "FETCH_SESSION_ID_NOT_FOUND",
     "FetchSessionIdNotFoundException", kRetriable, kKeep, kUnknown,
     "The fetch session ID was not found."},
    {Error::kInvalidFetchSessionEpoch, "INVALID_FETCH_SESSION_EPOCH",
     "InvalidFetchSessionEpochException", kRetriable, kKeep, kUnknown,
     "The fetch session epoch is invalid."},
    {Error::kListenerNotFound, "LISTENER_NOT_FOUND", "ListenerNotFoundException", kRetriable,
     kRefresh, kUnknown,
     "There is no listener on the leader broker that matches the listener on which "
     "metadata request was processed."},
    {Error::kFencedLeaderEpoch, "FENCED_LEADER_EPOCH", "FencedLeaderEpochException", kRetriable,
     kRefresh, kNotWritten,
     "The leader epoch in the request is older than the epoch on the broker."},
    {Error::kUnknownLeaderEpoch, "UNKNOWN_LEADER_EPOCH", "UnknownLeaderEpochException", kRetriable,
     kKeep, kNotWritten, "The leader epoch in the request is newer than the epoch on the broker."},
    {Error::kUnsupportedCompressionType, "UNSUPPORTED_COMPRESSION_TYPE",
     "UnsupportedCompressionTypeException", kFinal, kKeep, kNotWritten,
     "The requesting client does not support the compression type of given partition."},
    {Error::kStaleBrokerEpoch, "STALE_BROKER_EPOCH", "StaleBrokerEpochException", kFinal, kKeep,
     kUnknown, "Broker epoch has changed."},
    {Error::kOffsetNotAvailable, "OFFSET_NOT_AVAILABLE", "OffsetNotAvailableException", kRetriable,
     kKeep, kUnknown,
     "The leader high watermark has not caught up from a recent leader election so the "
     "offsets cannot be guaranteed to be monotonically increasing."},
    {Error::kMemberIdRequired, "MEMBER_ID_REQUIRED", "MemberIdRequiredException", kFinal, kKeep,
     kUnknown,
     "The group member needs to have a valid member id before actually entering a consumer "
     "group."},
    {Error::kFencedInstanceId, "FENCED_INSTANCE_ID", "FencedInstanceIdException", kFinal, kKeep,
     kUnknown,
     "The broker rejected this static consumer since another consumer with the same "
     "group.instance.id has registered with a different member.id."},
    {Error::kInvalidRecord, "INVALID_RECORD", "InvalidRecordException", kFinal, kKeep, kNotWritten,
     "This record has failed the validation on broker and hence will be rejected."},
    {Error::kUnstableOffsetCommit, "UNSTABLE_OFFSET_COMMIT", "UnstableOffsetCommitException",
     kRetriable, kKeep, kUnknown, "There are unstable offsets that need to be cleared."},
    {Error::kThrottlingQuotaExceeded, "THROTTLING_QUOTA_EXCEEDED",
     "ThrottlingQuotaExceededException", kRetriable, kKeep, kUnknown,
     "The throttling quota has been exceeded."},
    {Error::kProducerFenced, "PRODUCER_FENCED", "ProducerFencedException", kFinal, kKeep, kUnknown,
     "There is a newer producer with the same transactionalId which fences the current "
     "one."},
    {Error::kInvalidUpdateVersion, "INVALID_UPDATE_VERSION", "InvalidUpdateVersionException",
     kFinal, kKeep, kUnknown, "The given update version was invalid."},
    {Error::kUnknownTopicId, "UNKNOWN_TOPIC_ID", "UnknownTopicIdException", kRetriable, kRefresh,
     kNotWritten, "This server does not host this topic ID."},
    {Error::kDuplicateBrokerRegistration, "DUPLICATE_BROKER_REGISTRATION",
     "DuplicateBrokerRegistrationException", kFinal, kKeep, kUnknown,
     "This broker ID is already in use."},
    {Error::kBrokerIdNotRegistered, "BROKER_ID_NOT_REGISTERED", "BrokerIdNotRegisteredException",
     kFinal, kKeep, kUnknown, "The given broker ID was not registered."},
    {Error::kInconsistentTopicId, "INCONSISTENT_TOPIC_ID", "InconsistentTopicIdException",
     kRetriable, kRefresh, kNotWritten,
     "The log's topic ID did not match the topic ID in the request."},
    {Error::kInconsistentClusterId, "INCONSISTENT_CLUSTER_ID", "InconsistentClusterIdException",
     kFinal, kKeep, kUnknown,
     "The clusterId in the request does not match that found on the server."},
    {Error::kFetchSessionTopicIdError, "FETCH_SESSION_TOPIC_ID_ERROR",
     "FetchSessionTopicIdException", kRetriable, kKeep, kUnknown,
     "The fetch session encountered inconsistent topic ID usage."},
    {Error::kIneligibleReplica, "INELIGIBLE_REPLICA", "IneligibleReplicaException", kFinal, kKeep,
     kUnknown, "The new ISR contains at least one ineligible replica."},
    {Error::kNewLeaderElected, "NEW_LEADER_ELECTED", "NewLeaderElectedException", kFinal, kKeep,
     kUnknown,
     "The AlterPartition request successfully updated the partition state but the leader "
     "has changed."},
    {Error::kOffsetMovedToTieredStorage, "OFFSET_MOVED_TO_TIERED_STORAGE",
     "OffsetMovedToTieredStorageException", kFinal, kKeep, kUnknown,
     "The requested offset is moved to tiered storage."},
    {Error::kFencedMemberEpoch, "FENCED_MEMBER_EPOCH", "FencedMemberEpochException", kFinal, kKeep,
     kUnknown,
     "The member epoch is fenced by the group coordinator. The member must abandon all its "
     "partitions and rejoin."},
    {Error::kInvalidRegistration, "INVALID_REGISTRATION", "InvalidRegistrationException", kFinal,
     kKeep, kUnknown, "The controller has considered the broker registration to be invalid."},
    {Error::kTransactionAbortable, "TRANSACTION_ABORTABLE", "TransactionAbortableException", kFinal,
     kKeep, kUnknown,
     "The server encountered an error with the transaction. The client can abort the "
     "transaction to continue using this transactional ID."},
};

constexpr int kFirstCode = -1;
constexpr int kLastCode = static_cast<int>(kRows[std::size(kRows) - 1].error);

// Row numbers by code; codes without a row lead to row 0, UNKNOWN_SERVER_ERROR.
constexpr auto kRowOfCode = [] {
  std::array<uint8_t, kLastCode - kFirstCode + 1> rows{};
  for (size_t i = 0; i < std::size(kRows); ++i) {
    rows[static_cast<int>(kRows[i].error) - kFirstCode] = static_cast<uint8_t>(i);
  }
  return rows;
}();

constexpr auto kAllErrors = [] {
  std::array<Error, std::size(kRows)> errors{};
  for (size_t i = 0; i < std::size(kRows); ++i) errors[i] = kRows[i].error;
  return errors;
}();

const Row& RowOf(Error error) {
  int code = static_cast<int>(error);
  if (code < kFirstCode || code > kLastCode) return kRows[0];
  return kRows[kRowOfCode[code - kFirstCode]];
}

}  // namespace

std::string_view Name(Error error) { return RowOf(error).name; }
std::string_view LibrdkafkaName(Error error) {
  switch (error) {
    case Error::kUnknownServerError:
      return "UNKNOWN";
    case Error::kNone:
      return "NO_ERROR";
    case Error::kCorruptMessage:
      return "INVALID_MSG";
    case Error::kUnknownTopicOrPartition:
      return "UNKNOWN_TOPIC_OR_PART";
    case Error::kNotLeaderOrFollower:
      return "NOT_LEADER_FOR_PARTITION";
    case Error::kMessageTooLarge:
      return "MSG_SIZE_TOO_LARGE";
    case Error::kInvalidTopic:
      return "TOPIC_EXCEPTION";
    default:
      return Name(error);
  }
}

std::string_view JavaException(Error error) { return RowOf(error).exception; }
std::string_view DefaultMessage(Error error) { return RowOf(error).message; }
bool IsRetriable(Error error) { return RowOf(error).retriable; }
bool RefreshesMetadata(Error error) { return RowOf(error).refreshes; }

Persistence PersistenceAfter(Error error, Answered answered) {
  Persistence up_front = RowOf(error).up_front;
  // A request that waited was appended first: no code can take that back, and a new leader may keep
  // the records or truncate them.
  if (answered == Answered::kAfterWait && up_front == kNotWritten) return kUnknown;
  return up_front;
}

std::span<const Error> AllErrors() { return kAllErrors; }

std::ostream& operator<<(std::ostream& os, Error error) { return os << Name(error); }

std::ostream& operator<<(std::ostream& os, Persistence persistence) {
  switch (persistence) {
    case kNotWritten:
      return os << "not written";
    case kWritten:
      return os << "written";
    case kUnknown:
      break;
  }
  return os << "unknown";
}

}  // namespace norn::model
