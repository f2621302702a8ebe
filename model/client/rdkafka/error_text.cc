#include "model/client/rdkafka/error_text.h"

namespace norn::model::rdkafka {

std::string ErrorText(Error error) {
  switch (error) {
    case Error::kNone:
      return "Success";
    case Error::kUnknownServerError:
      return "Unknown broker error";
    case Error::kOffsetOutOfRange:
      return "Broker: Offset out of range";
    case Error::kCorruptMessage:
      return "Broker: Invalid message";
    case Error::kUnknownTopicOrPartition:
      return "Broker: Unknown topic or partition";
    case Error::kLeaderNotAvailable:
      return "Broker: Leader not available";
    case Error::kNotLeaderOrFollower:
      return "Broker: Not leader for partition";
    case Error::kRequestTimedOut:
      return "Broker: Request timed out";
    case Error::kBrokerNotAvailable:
      return "Broker: Broker not available";
    case Error::kReplicaNotAvailable:
      return "Broker: Replica not available";
    case Error::kMessageTooLarge:
      return "Broker: Message size too large";
    case Error::kStaleControllerEpoch:
      return "Broker: StaleControllerEpochCode";
    case Error::kNetworkException:
      return "Broker: Broker disconnected before response received";
    case Error::kCoordinatorLoadInProgress:
      return "Broker: Coordinator load in progress";
    case Error::kCoordinatorNotAvailable:
      return "Broker: Coordinator not available";
    case Error::kNotCoordinator:
      return "Broker: Not coordinator";
    case Error::kInvalidTopic:
      return "Broker: Invalid topic";
    case Error::kRecordListTooLarge:
      return "Broker: Message batch larger than configured server segment size";
    case Error::kNotEnoughReplicas:
      return "Broker: Not enough in-sync replicas";
    case Error::kNotEnoughReplicasAfterAppend:
      return "Broker: Message(s) written to insufficient number of in-sync replicas";
    case Error::kInvalidRequiredAcks:
      return "Broker: Invalid required acks value";
    case Error::kIllegalGeneration:
      return "Broker: Specified group generation id is not valid";
    case Error::kUnknownMemberId:
      return "Broker: Unknown member";
    case Error::kRebalanceInProgress:
      return "Broker: Group rebalance in progress";
    case Error::kTopicAuthorizationFailed:
      return "Broker: Topic authorization failed";
    case Error::kGroupAuthorizationFailed:
      return "Broker: Group authorization failed";
    case Error::kClusterAuthorizationFailed:
      return "Broker: Cluster authorization failed";
    case Error::kInvalidTimestamp:
      return "Broker: Invalid timestamp";
    case Error::kUnsupportedVersion:
      return "Broker: API version not supported";
    case Error::kNotController:
      return "Broker: Not controller for cluster";
    case Error::kInvalidRequest:
      return "Broker: Invalid request";
    case Error::kUnsupportedForMessageFormat:
      return "Broker: Message format on broker does not support request";
    case Error::kOutOfOrderSequenceNumber:
      return "Broker: Broker received an out of order sequence number";
    case Error::kDuplicateSequenceNumber:
      return "Broker: Broker received a duplicate sequence number";
    case Error::kInvalidProducerEpoch:
      return "Broker: Producer attempted an operation with an old epoch";
    case Error::kInvalidTxnState:
      return "Broker: Producer attempted a transactional operation in an invalid state";
    case Error::kInvalidProducerIdMapping:
      return "Broker: Producer attempted to use a producer id which is not currently assigned to "
             "its transactional id";
    case Error::kInvalidTransactionTimeout:
      return "Broker: Transaction timeout is larger than the maximum value allowed by the broker's "
             "max.transaction.timeout.ms";
    case Error::kConcurrentTransactions:
      return "Broker: Producer attempted to update a transaction while another concurrent "
             "operation on the same transaction was ongoing";
    case Error::kTransactionCoordinatorFenced:
      return "Broker: Indicates that the transaction coordinator sending a WriteTxnMarker is no "
             "longer the current coordinator for a given producer";
    case Error::kTransactionalIdAuthorizationFailed:
      return "Broker: Transactional Id authorization failed";
    case Error::kOperationNotAttempted:
      return "Broker: Operation not attempted";
    case Error::kKafkaStorageError:
      return "Broker: Disk error when trying to access log file on disk";
    case Error::kUnknownProducerId:
      return "Broker: Unknown Producer Id";
    case Error::kFetchSessionIdNotFound:
      return "Broker: The fetch session ID was not found";
    case Error::kInvalidFetchSessionEpoch:
      return "Broker: The fetch session epoch is invalid";
    case Error::kListenerNotFound:
      return "Broker: No matching listener";
    case Error::kFencedLeaderEpoch:
      return "Broker: Leader epoch is older than broker epoch";
    case Error::kUnknownLeaderEpoch:
      return "Broker: Leader epoch is newer than broker epoch";
    case Error::kUnsupportedCompressionType:
      return "Broker: Unsupported compression type";
    case Error::kStaleBrokerEpoch:
      return "Broker: Broker epoch has changed";
    case Error::kOffsetNotAvailable:
      return "Broker: Leader high watermark is not caught up";
    case Error::kMemberIdRequired:
      return "Broker: Group member needs a valid member ID";
    case Error::kFencedInstanceId:
      return "Broker: Static consumer fenced by other consumer with same group.instance.id";
    case Error::kInvalidRecord:
      return "Broker: Broker failed to validate record";
    case Error::kUnstableOffsetCommit:
      return "Broker: There are unstable offsets that need to be cleared";
    case Error::kThrottlingQuotaExceeded:
      return "Broker: Throttling quota has been exceeded";
    case Error::kProducerFenced:
      return "Broker: There is a newer producer with the same transactionalId which fences the "
             "current one";
    case Error::kInvalidUpdateVersion:
      return "Broker: Invalid update version";
    case Error::kUnknownTopicId:
      return "Broker: Unknown topic id";
    case Error::kInconsistentTopicId:
      return "Broker: The log's topic ID did not match the topic ID in the request";
    case Error::kFencedMemberEpoch:
      return "Broker: The member epoch is fenced by the group coordinator";
    case Error::kInvalidRegistration:
      return "Broker: The controller has considered the broker registration to be invalid";
    case Error::kTransactionAbortable:
      return "Broker: The server encountered an error with the transaction";
    default:
      return "Err-" + std::to_string(static_cast<int>(error)) + "?";
  }
}

}  // namespace norn::model::rdkafka
