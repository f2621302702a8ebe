// The requests of Kafka's protocol, by number, and the versions of the headers in front of them.
//
// A message is flexible from some version on: its strings and arrays have short lengths, its
// structs end with a section of tagged fields, and its header is one version higher.
//
// Example:
//   IsFlexible(Api::kProduce, 9)                  // true
//   RequestHeaderVersion(Api::kProduce, 9)        // 2
//   ResponseHeaderVersion(Api::kApiVersions, 4)   // 0: a client must read it before it knows
//   anything
#ifndef NORN_MODEL_WIRE_API_H_
#define NORN_MODEL_WIRE_API_H_

#include <cstdint>
#include <iosfwd>
#include <string_view>

namespace norn::model::wire {

enum class Api : int16_t {
  kProduce = 0,
  kFetch = 1,
  kListOffsets = 2,
  kMetadata = 3,
  kOffsetCommit = 8,
  kOffsetFetch = 9,
  kFindCoordinator = 10,
  kJoinGroup = 11,
  kHeartbeat = 12,
  kLeaveGroup = 13,
  kSyncGroup = 14,
  kApiVersions = 18,
  kCreateTopics = 19,
  kInitProducerId = 22,
  kOffsetForLeaderEpoch = 23,
  kAddPartitionsToTxn = 24,
  kAddOffsetsToTxn = 25,
  kEndTxn = 26,
  kWriteTxnMarkers = 27,
  kTxnOffsetCommit = 28,
  kAlterPartition = 56,
  kBrokerRegistration = 62,
  kBrokerHeartbeat = 63,
  kAllocateProducerIds = 67,
};

struct ApiRow {
  Api api;
  std::string_view name;
  int16_t first_flexible;
};

inline constexpr ApiRow kApis[] = {
    {Api::kProduce, "Produce", 9},
    {Api::kFetch, "Fetch", 12},
    {Api::kListOffsets, "ListOffsets", 6},
    {Api::kMetadata, "Metadata", 9},
    {Api::kOffsetCommit, "OffsetCommit", 8},
    {Api::kOffsetFetch, "OffsetFetch", 6},
    {Api::kFindCoordinator, "FindCoordinator", 3},
    {Api::kJoinGroup, "JoinGroup", 6},
    {Api::kHeartbeat, "Heartbeat", 4},
    {Api::kLeaveGroup, "LeaveGroup", 4},
    {Api::kSyncGroup, "SyncGroup", 4},
    {Api::kApiVersions, "ApiVersions", 3},
    {Api::kCreateTopics, "CreateTopics", 5},
    {Api::kInitProducerId, "InitProducerId", 2},
    {Api::kOffsetForLeaderEpoch, "OffsetForLeaderEpoch", 4},
    {Api::kAddPartitionsToTxn, "AddPartitionsToTxn", 3},
    {Api::kAddOffsetsToTxn, "AddOffsetsToTxn", 3},
    {Api::kEndTxn, "EndTxn", 3},
    {Api::kWriteTxnMarkers, "WriteTxnMarkers", 1},
    {Api::kTxnOffsetCommit, "TxnOffsetCommit", 3},
    {Api::kAlterPartition, "AlterPartition", 0},
    {Api::kBrokerRegistration, "BrokerRegistration", 0},
    {Api::kBrokerHeartbeat, "BrokerHeartbeat", 0},
    {Api::kAllocateProducerIds, "AllocateProducerIds", 0},
};

// Kafka's name, "Produce"; "?" for a number that is not above.
constexpr std::string_view Name(Api api) {
  for (const ApiRow& row : kApis) {
    if (row.api == api) return row.name;
  }
  return "?";
}

// The first flexible version; requests that are younger than flexibility began with it.
constexpr int16_t FirstFlexibleVersion(Api api) {
  for (const ApiRow& row : kApis) {
    if (row.api == api) return row.first_flexible;
  }
  return 0;
}

constexpr bool IsFlexible(Api api, int16_t version) { return version >= FirstFlexibleVersion(api); }

constexpr int16_t RequestHeaderVersion(Api api, int16_t version) {
  return IsFlexible(api, version) ? 2 : 1;
}
constexpr int16_t ResponseHeaderVersion(Api api, int16_t version) {
  return api != Api::kApiVersions && IsFlexible(api, version) ? 1 : 0;
}

std::ostream& operator<<(std::ostream& os, Api api);

}  // namespace norn::model::wire

#endif  // NORN_MODEL_WIRE_API_H_
