#include "model/client/java/unreadable_records.h"

#include "absl/strings/str_cat.h"

namespace norn::model {
namespace {

// Of a batch whose checksum was looked at.
std::string Corruption(const BatchClaims& claims) {
  const int64_t size = int64_t{kLogOverhead} + claims.length;
  if (size < kBatchHeaderSize) {
    return absl::StrCat("Record batch is corrupted (the size ", size,
                        " is smaller than the minimum allowed overhead ", kBatchHeaderSize, ")");
  }
  return absl::StrCat("Record is corrupt (stored crc = ", claims.stored_checksum,
                      ", computed crc = ", claims.computed_checksum, ")");
}

}  // namespace

std::optional<UnreadableRecords> FindUnreadable(const Records& records, Checksums checksums,
                                                std::string_view partition, Offset position) {
  const std::string of(partition);
  const BatchCheck check = records.CheckRest(checksums);
  if (check == BatchCheck::kValid) return std::nullopt;
  const bool first = records.batches().empty();
  if (check == BatchCheck::kTruncated) {
    if (!first) return std::nullopt;
    return UnreadableRecords{
        "KafkaException",
        absl::StrCat("Failed to make progress reading messages at ", of, "=", position.value(),
                     ". Received a non-empty fetch response from the server, but no complete "
                     "records were found.")};
  }
  const BatchClaims claims = ClaimsOf(records.rest());
  std::string cause;
  switch (check) {
    case BatchCheck::kBadLength:
    case BatchCheck::kBadMagic:
      cause = check == BatchCheck::kBadLength
                  ? absl::StrCat("Record size ", claims.length,
                                 " is less than the minimum record overhead (14)")
                  : absl::StrCat("Invalid magic found in record: ", int{claims.magic});
      // Found as soon as somebody looks for a first batch, before there is a record to fetch.
      if (first) return UnreadableRecords{"CorruptRecordException", cause};
      cause = absl::StrCat("CorruptRecordException: ", cause);
      break;
    case BatchCheck::kBadCrc:
      cause = absl::StrCat("KafkaException: Record batch for partition ", of, " at offset ",
                           claims.base_offset.value(), " is invalid, cause: ", Corruption(claims));
      break;
    default:
      // What exactly it stumbles over depends on the byte. Among what was seen is this.
      cause = "InvalidRecordException: Found invalid record structure";
  }
  return UnreadableRecords{
      "KafkaException",
      absl::StrCat("Received exception when fetching the next record from ", of,
                   ". If needed, please seek past the record to continue consumption. <- ", cause)};
}

}  // namespace norn::model
