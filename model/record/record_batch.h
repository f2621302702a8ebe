// A record batch as Kafka's producers send it, logs keep it and fetches return it: format v2,
// magic 2.
//
// The header is held by value, the records are shared: a batch copies for the price of its header,
// and a leader stamps its copy with offset and epoch while the client's keeps its own. Those two
// lie outside the checksum (as does the topic: a batch delivered to the wrong partition is valid).
//
// Bytes exist when somebody asks. Encode() gives exactly those Kafka would send; a compressed batch
// has a stated size, and bytes derived from its first record. A batch damaged on the wire remembers
// where: Check() says what a broker that got these bytes would find.
//
// Example:
//   RecordBatch batch(builder.Seal(), {.base_timestamp_ms = 1000});
//   batch.SetProducer(ProducerId(9), ProducerEpoch(0), Sequence(0));
//   batch.SizeInBytes();                                  // 170 for one record of 100 bytes
//   batch.Place(Offset(17), LeaderEpoch(3));              // what the leader does
//   batch.Damage(/*byte=*/80, /*mask=*/1);                // what a bad cable does
//   batch.Check();                                        // BatchCheck::kBadCrc
#ifndef NORN_MODEL_RECORD_RECORD_BATCH_H_
#define NORN_MODEL_RECORD_RECORD_BATCH_H_

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "model/error.h"
#include "model/ids.h"
#include "model/record/record_set.h"
#include "model/record/sizes.h"

namespace norn::model {

enum class Codec : int8_t { kNone = 0, kGzip = 1, kSnappy = 2, kLz4 = 3, kZstd = 4 };

// The attribute bits, kept as they are on the wire.
class BatchAttributes {
 public:
  constexpr BatchAttributes() = default;
  explicit constexpr BatchAttributes(int16_t bits) : bits_(bits) {}

  constexpr int16_t bits() const { return bits_; }
  constexpr Codec codec() const { return static_cast<Codec>(bits_ & 7); }
  constexpr bool is_log_append_time() const { return bits_ & kLogAppendTime; }
  constexpr bool is_transactional() const { return bits_ & kTransactional; }
  constexpr bool is_control() const { return bits_ & kControl; }

  constexpr BatchAttributes With(Codec codec) const {
    return BatchAttributes(static_cast<int16_t>((bits_ & ~7) | static_cast<int16_t>(codec)));
  }
  constexpr BatchAttributes WithLogAppendTime() const { return With(kLogAppendTime); }
  constexpr BatchAttributes WithTransactional() const { return With(kTransactional); }
  constexpr BatchAttributes WithControl() const { return With(kControl); }

  friend constexpr bool operator==(const BatchAttributes&, const BatchAttributes&) = default;

 private:
  static constexpr int16_t kLogAppendTime = 8, kTransactional = 16, kControl = 32;
  constexpr BatchAttributes With(int16_t bit) const {
    return BatchAttributes(static_cast<int16_t>(bits_ | bit));
  }

  int16_t bits_ = 0;
};

// The 61 bytes in front of the records, without length, magic and checksum, which follow from the
// rest.
struct BatchHeader {
  Offset base_offset = Offset(0);  // a producer sends 0
  LeaderEpoch partition_leader_epoch;
  BatchAttributes attributes;
  ProducerEpoch producer_epoch;
  Sequence base_sequence;
  int32_t last_offset_delta = -1;
  int64_t base_timestamp_ms = 0;
  int64_t max_timestamp_ms = 0;
  ProducerId producer_id;
  int32_t record_count = 0;

  friend bool operator==(const BatchHeader&, const BatchHeader&) = default;
};

// What the reader of a batch finds, in the order in which Kafka looks.
enum class BatchCheck {
  kValid,
  kTruncated,  // fewer bytes than a header, or than its length says: Kafka sees no batch at all
  kBadLength,  // a length no batch can have
  kBadMagic,   // a format that does not exist
  kOldMagic,   // format 0 or 1, which a produce request of version 3 or later must not carry
  kBadCrc,
  kBadRecords,  // the checksum is right, and yet the records are not what their header says
};

// Whether a reader looks at checksums: a consumer may be told not to (check.crcs).
enum class Checksums : uint8_t { kChecked, kIgnored };

// Looks at the first batch in `bytes`, not at what follows it, and not into the records.
BatchCheck CheckBatch(std::string_view bytes, Checksums checksums = Checksums::kChecked);

// What a batch that cannot be trusted says of itself, for whoever tells people of it.
struct BatchClaims {
  Offset base_offset;
  int32_t length = 0;  // of what follows it: 12 less than the batch has
  int8_t magic = -1;   // -1: the bytes end before it
  // What the batch says and what its bytes come to; 0 unless all 61 bytes of a header and as many
  // as its length says are there.
  uint32_t stored_checksum = 0;
  uint32_t computed_checksum = 0;
};
// Of the first batch in `bytes`. REQUIRES: they reach beyond its length.
BatchClaims ClaimsOf(std::string_view bytes);

// What a leader answers to a producer whose batch it found so.
Error ProduceErrorOf(BatchCheck check);

// One byte flipped on the wire: byte `at` of the batch, by exclusive or.
struct BatchDamage {
  int32_t at = -1;  // -1: none
  uint8_t mask = 0;

  friend bool operator==(const BatchDamage&, const BatchDamage&) = default;
};

// Which request brought a batch to the leader that appended it. It is not on the wire: the client
// says which attempt it is, and the broker what it came by.
struct BatchOrigin {
  uint64_t connection = 0;  // as the network numbers them; 0: nobody said
  CorrelationId request;
  int32_t attempt = 0;  // of its records: 1 the first, 2 a retry
};

class RecordBatch {
 public:
  // What a producer knows when it closes a batch. The maximum timestamp and the deltas follow.
  struct Options {
    int64_t base_timestamp_ms = 0;
    BatchAttributes attributes = {};
    // REQUIRES: attributes name a codec. The records' section after compression.
    int32_t compressed_size = -1;
  };

  RecordBatch() = default;  // no records, 61 bytes
  // REQUIRES: a codec comes with a compressed size and no codec without; records are not opaque.
  RecordBatch(RecordSet records, const Options& options);
  explicit RecordBatch(RecordSet records) : RecordBatch(std::move(records), Options()) {}

  // Exactly one whole valid batch. The status says what else there was.
  static absl::StatusOr<RecordBatch> Decode(std::string_view bytes,
                                            Checksums checksums = Checksums::kChecked);

  const BatchHeader& header() const { return header_; }
  Offset base_offset() const { return header_.base_offset; }
  Offset last_offset() const { return base_offset() + RecordCount(header_.last_offset_delta); }
  Offset next_offset() const { return Next(last_offset()); }
  // None without idempotence.
  Sequence last_sequence() const;
  int32_t record_count() const { return header_.record_count; }
  // Opaque when this batch arrived compressed as bytes.
  const RecordSet& records() const { return records_; }
  int64_t timestamp_ms(const RecordView& record) const {
    return header_.attributes.is_log_append_time()
               ? header_.max_timestamp_ms
               : header_.base_timestamp_ms + record.timestamp_delta_ms();
  }

  // The whole batch on the wire and on disk, header included.
  int32_t SizeInBytes() const { return kBatchHeaderSize + section_size_; }

  // The producer stamps at the first send, and keeps it in retries.
  void SetProducer(ProducerId id, ProducerEpoch epoch, Sequence base_sequence);
  // The leader stamps at the append; the checksum does not notice.
  void Place(Offset base_offset, LeaderEpoch epoch);
  // The leader's own clock, for a topic of message.timestamp.type=LogAppendTime.
  void SetLogAppendTime(int64_t now_ms);

  const BatchOrigin& origin() const { return origin_; }
  void SetAttempt(int32_t attempt) { origin_.attempt = attempt; }
  void SetRequest(uint64_t connection, CorrelationId request) {
    origin_.connection = connection;
    origin_.request = request;
  }

  // REQUIRES: 0 <= byte < SizeInBytes(), mask is not 0; not damaged yet.
  void Damage(int32_t byte, uint8_t mask);
  bool is_damaged() const { return damage_.at >= 0; }
  const BatchDamage& damage() const { return damage_; }

  // What a broker finds that receives exactly these bytes. Free unless damaged.
  BatchCheck Check() const { return is_damaged() ? CheckDamaged() : BatchCheck::kValid; }
  bool IsValid() const { return Check() == BatchCheck::kValid; }
  // Takes over the records, and so the ids, and the origin of `sent`, of which this is what
  // arrived. REQUIRES: the records are the same on the wire.
  void RecognizeRecordsOf(const RecordBatch& sent);
  // The same for a batch whose checksum is wrong, and so of records that may have changed: each
  // takes over the id of the one in its place. REQUIRES: neither is opaque, both have as many.
  void IdentifyRecordsBy(const RecordBatch& sent);

  // Writes SizeInBytes() bytes at `out` and returns the first byte after them.
  char* EncodeTo(char* out) const;
  std::string Encode() const;

  // Equal on the wire, the damage included.
  friend bool operator==(const RecordBatch& a, const RecordBatch& b);

 private:
  BatchCheck CheckDamaged() const;
  char* EncodeSectionTo(char* out) const;

  BatchHeader header_;
  int32_t section_size_ = 0;  // the records as they are on the wire, compressed or not
  BatchDamage damage_;
  BatchOrigin origin_;
  RecordSet records_;
};

// "@17-@19 e3 pid9/pe0/s4 3 records 170 B"; what is none is left out.
std::ostream& operator<<(std::ostream& os, const RecordBatch& batch);
std::ostream& operator<<(std::ostream& os, BatchCheck check);

}  // namespace norn::model

#endif  // NORN_MODEL_RECORD_RECORD_BATCH_H_
