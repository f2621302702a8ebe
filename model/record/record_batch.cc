#include "model/record/record_batch.h"

#include <ostream>
#include <sstream>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/record/big_endian.h"
#include "model/record/crc32c.h"
#include "sim/check.h"

namespace norn::model {
namespace {

// Where things are in the header.
constexpr int kLengthAt = 8;
constexpr int kEpochAt = 12;
constexpr int kMagicAt = 16;
constexpr int kCrcAt = 17;
constexpr int kAttributesAt = 21;  // the checksum covers everything from here on
constexpr int kLastOffsetDeltaAt = 23;
constexpr int kBaseTimestampAt = 27;
constexpr int kMaxTimestampAt = 35;
constexpr int kProducerIdAt = 43;
constexpr int kProducerEpochAt = 51;
constexpr int kBaseSequenceAt = 53;
constexpr int kRecordCountAt = 57;

constexpr char kMagic = 2;
constexpr int32_t kLeastLength =
    14;  // of a record of format 0; Kafka tests against it in all formats

}  // namespace

BatchCheck CheckBatch(std::string_view bytes, Checksums checksums) {
  auto available = static_cast<int64_t>(bytes.size());
  if (available < kLogOverhead) return BatchCheck::kTruncated;
  int64_t length = GetBigEndian<int32_t>(bytes.data() + kLengthAt);
  if (length < kLeastLength) return BatchCheck::kBadLength;
  if (available <= kMagicAt) return BatchCheck::kTruncated;
  char magic = bytes[kMagicAt];
  if (magic < 0 || magic > kMagic) return BatchCheck::kBadMagic;
  int64_t size = kLogOverhead + length;
  if (available < size) return BatchCheck::kTruncated;
  if (magic < kMagic) return BatchCheck::kOldMagic;
  if (size < kBatchHeaderSize) return BatchCheck::kBadCrc;
  if (checksums == Checksums::kIgnored) return BatchCheck::kValid;
  const BatchClaims claims = ClaimsOf(bytes);
  if (claims.computed_checksum != claims.stored_checksum) return BatchCheck::kBadCrc;
  return BatchCheck::kValid;
}

BatchClaims ClaimsOf(std::string_view bytes) {
  NORN_CHECK(bytes.size() >= kLogOverhead) << bytes.size() << " bytes of a batch";
  BatchClaims claims;
  claims.base_offset = Offset(GetBigEndian<int64_t>(bytes.data()));
  claims.length = GetBigEndian<int32_t>(bytes.data() + kLengthAt);
  if (bytes.size() > kMagicAt) claims.magic = static_cast<int8_t>(bytes[kMagicAt]);
  const int64_t size = int64_t{kLogOverhead} + claims.length;
  if (size < kBatchHeaderSize || size > static_cast<int64_t>(bytes.size())) return claims;
  claims.stored_checksum = GetBigEndian<uint32_t>(bytes.data() + kCrcAt);
  claims.computed_checksum =
      Crc32c(bytes.substr(kAttributesAt, static_cast<size_t>(size - kAttributesAt)));
  return claims;
}

Error ProduceErrorOf(BatchCheck check) {
  switch (check) {
    case BatchCheck::kValid:
      return Error::kNone;
    case BatchCheck::kTruncated:
    case BatchCheck::kOldMagic:
    case BatchCheck::kBadRecords:
      return Error::kInvalidRecord;
    case BatchCheck::kBadLength:
    case BatchCheck::kBadMagic:
    case BatchCheck::kBadCrc:
      break;
  }
  return Error::kCorruptMessage;
}

RecordBatch::RecordBatch(RecordSet records, const Options& options) : records_(std::move(records)) {
  NORN_CHECK(!records_.is_opaque()) << "a batch is made from records, or decoded from bytes";
  bool compressed = options.attributes.codec() != Codec::kNone;
  NORN_CHECK(compressed == (options.compressed_size >= 0))
      << "codec " << static_cast<int>(options.attributes.codec()) << " with compressed size "
      << options.compressed_size;
  header_.attributes = options.attributes;
  header_.record_count = records_.count();
  header_.last_offset_delta = records_.count() - 1;
  header_.base_timestamp_ms = options.base_timestamp_ms;
  header_.max_timestamp_ms = options.base_timestamp_ms + records_.max_timestamp_delta_ms();
  section_size_ =
      compressed ? options.compressed_size : static_cast<int32_t>(records_.size_in_bytes());
}

absl::StatusOr<RecordBatch> RecordBatch::Decode(std::string_view bytes, Checksums checksums) {
  BatchCheck check = CheckBatch(bytes, checksums);
  if (check != BatchCheck::kValid) {
    std::ostringstream what;
    what << check << " in a record batch of " << bytes.size() << " bytes";
    return absl::DataLossError(what.str());
  }
  const char* p = bytes.data();
  size_t size = static_cast<size_t>(kLogOverhead + GetBigEndian<int32_t>(p + kLengthAt));
  if (size != bytes.size()) {
    return absl::DataLossError(
        absl::StrCat(bytes.size() - size, " bytes are left over after a record batch"));
  }
  RecordBatch batch;
  BatchHeader& h = batch.header_;
  h.base_offset = Offset(GetBigEndian<int64_t>(p));
  h.partition_leader_epoch = LeaderEpoch(GetBigEndian<int32_t>(p + kEpochAt));
  h.attributes = BatchAttributes(GetBigEndian<int16_t>(p + kAttributesAt));
  h.last_offset_delta = GetBigEndian<int32_t>(p + kLastOffsetDeltaAt);
  h.base_timestamp_ms = GetBigEndian<int64_t>(p + kBaseTimestampAt);
  h.max_timestamp_ms = GetBigEndian<int64_t>(p + kMaxTimestampAt);
  h.producer_id = ProducerId(GetBigEndian<int64_t>(p + kProducerIdAt));
  h.producer_epoch = ProducerEpoch(GetBigEndian<int16_t>(p + kProducerEpochAt));
  h.base_sequence = Sequence(GetBigEndian<int32_t>(p + kBaseSequenceAt));
  h.record_count = GetBigEndian<int32_t>(p + kRecordCountAt);
  std::string_view section = bytes.substr(kBatchHeaderSize);
  batch.section_size_ = static_cast<int32_t>(section.size());
  if (h.attributes.codec() != Codec::kNone) {
    batch.records_ = RecordSet::Opaque(section);
    return batch;
  }
  absl::StatusOr<RecordSet> records = RecordSet::Decode(section, h.record_count);
  if (!records.ok()) return records.status();
  batch.records_ = *std::move(records);
  return batch;
}

Sequence RecordBatch::last_sequence() const {
  if (header_.base_sequence.is_none()) return Sequence::None();
  return header_.base_sequence + RecordCount(header_.last_offset_delta);
}

void RecordBatch::SetProducer(ProducerId id, ProducerEpoch epoch, Sequence base_sequence) {
  header_.producer_id = id;
  header_.producer_epoch = epoch;
  header_.base_sequence = base_sequence;
}

void RecordBatch::Place(Offset base_offset, LeaderEpoch epoch) {
  header_.base_offset = base_offset;
  header_.partition_leader_epoch = epoch;
}

void RecordBatch::SetLogAppendTime(int64_t now_ms) {
  header_.attributes = header_.attributes.WithLogAppendTime();
  header_.max_timestamp_ms = now_ms;
}

void RecordBatch::Damage(int32_t byte, uint8_t mask) {
  NORN_CHECK(byte >= 0 && byte < SizeInBytes()) << "byte " << byte << " of " << SizeInBytes();
  NORN_CHECK(mask != 0) << "a flip of no bit is no damage";
  NORN_CHECK(!is_damaged()) << "damaged already at " << damage_.at;
  damage_ = {byte, mask};
}

void RecordBatch::RecognizeRecordsOf(const RecordBatch& sent) {
  NORN_CHECK(header_.record_count == sent.header_.record_count) << *this << " was " << sent;
  NORN_CHECK(section_size_ == sent.section_size_) << *this << " was " << sent;
  records_ = sent.records_;
  origin_ = sent.origin_;
}

void RecordBatch::IdentifyRecordsBy(const RecordBatch& sent) {
  NORN_CHECK(!records_.is_opaque() && !sent.records_.is_opaque()) << *this << " was " << sent;
  NORN_CHECK(records_.count() == sent.records_.count()) << *this << " was " << sent;
  RecordSetBuilder builder;
  std::vector<Header> headers;
  for (const RecordView record : records_) {
    headers.clear();
    for (int32_t i = 0; i < record.header_count(); ++i) headers.push_back(record.header(i));
    builder.Append(record.timestamp_delta_ms(), record.key(), record.value(), headers,
                   sent.records_[record.offset_delta()].id());
  }
  records_ = builder.Seal();
}

BatchCheck RecordBatch::CheckDamaged() const { return CheckBatch(Encode()); }

char* RecordBatch::EncodeSectionTo(char* out) const {
  if (header_.attributes.codec() == Codec::kNone || records_.is_opaque()) {
    return records_.EncodeTo(out);
  }
  RecordId first = records_.count() > 0 ? records_[0].id() : RecordId::None();
  return PutDerivedBytes(PayloadSeed(first, kBlobPart), section_size_, out);
}

char* RecordBatch::EncodeTo(char* begin) const {
  char* p = PutBigEndian(header_.base_offset.value(), begin);
  p = PutBigEndian<int32_t>(SizeInBytes() - kLogOverhead, p);
  p = PutBigEndian(header_.partition_leader_epoch.value(), p);
  *p++ = kMagic;
  p = PutBigEndian<uint32_t>(0, p);  // the checksum, below
  p = PutBigEndian(header_.attributes.bits(), p);
  p = PutBigEndian(header_.last_offset_delta, p);
  p = PutBigEndian(header_.base_timestamp_ms, p);
  p = PutBigEndian(header_.max_timestamp_ms, p);
  p = PutBigEndian(header_.producer_id.value(), p);
  p = PutBigEndian(header_.producer_epoch.value(), p);
  p = PutBigEndian(header_.base_sequence.value(), p);
  p = PutBigEndian(header_.record_count, p);
  NORN_CHECK(p == begin + kBatchHeaderSize) << "the header took " << p - begin << " bytes";
  p = EncodeSectionTo(p);
  NORN_CHECK(p == begin + SizeInBytes()) << "the batch took " << p - begin << " bytes";
  std::string_view covered(begin + kAttributesAt, static_cast<size_t>(p - begin - kAttributesAt));
  PutBigEndian(Crc32c(covered), begin + kCrcAt);
  if (is_damaged()) begin[damage_.at] = static_cast<char>(begin[damage_.at] ^ damage_.mask);
  return p;
}

std::string RecordBatch::Encode() const {
  std::string bytes(static_cast<size_t>(SizeInBytes()), '\0');
  EncodeTo(bytes.data());
  return bytes;
}

bool operator==(const RecordBatch& a, const RecordBatch& b) {
  if (!(a.header_ == b.header_)) return false;
  if (a.section_size_ != b.section_size_) return false;
  if (!(a.damage_ == b.damage_)) return false;
  if (a.records_.SharesStorageWith(b.records_)) return true;
  if (a.header_.attributes.codec() == Codec::kNone) return a.records_ == b.records_;
  return a.Encode() == b.Encode();
}

std::ostream& operator<<(std::ostream& os, const RecordBatch& batch) {
  const BatchHeader& h = batch.header();
  os << h.base_offset;
  if (h.last_offset_delta > 0) os << '-' << batch.last_offset();
  if (!h.partition_leader_epoch.is_none()) os << ' ' << h.partition_leader_epoch;
  if (!h.producer_id.is_none()) {
    os << ' ' << h.producer_id << '/' << h.producer_epoch << '/' << h.base_sequence;
  }
  os << ' ' << RecordCount(h.record_count) << ' ' << batch.SizeInBytes() << " B";
  if (batch.is_damaged()) os << " damaged at " << batch.damage().at;
  return os;
}

std::ostream& operator<<(std::ostream& os, BatchCheck check) {
  switch (check) {
    case BatchCheck::kValid:
      return os << "valid";
    case BatchCheck::kTruncated:
      return os << "truncated";
    case BatchCheck::kBadLength:
      return os << "bad length";
    case BatchCheck::kBadMagic:
      return os << "bad magic";
    case BatchCheck::kOldMagic:
      return os << "old magic";
    case BatchCheck::kBadCrc:
      return os << "bad checksum";
    case BatchCheck::kBadRecords:
      break;
  }
  return os << "bad records";
}

}  // namespace norn::model
