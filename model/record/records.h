// What the "records" field of a produce request or a fetch answer holds: batches, and perhaps a
// rest.
//
// A fetch answer is cut at a number of bytes, so its last batch may be a torso; a frame damaged on
// the wire holds bytes that are no batch. Both are the rest: whoever reads the field uses the
// batches before it and then asks CheckBatch(rest) what there is. Kafka parses no deeper than this
// when it reads a message, so a damaged batch spoils its partition, never the request.
//
// Example:
//   Records records(batch);
//   records.Add(next_batch);
//   records.CutAfter(third_batch, 1000);             // its first 1000 bytes only
#ifndef NORN_MODEL_RECORD_RECORDS_H_
#define NORN_MODEL_RECORD_RECORDS_H_

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "model/record/record_batch.h"

namespace norn::model {

class Records {
 public:
  Records() = default;
  explicit Records(RecordBatch batch) { Add(std::move(batch)); }

  // Whole valid batches as far as they go, and the rest. Never fails.
  static Records Parse(std::string_view bytes);

  // REQUIRES: there is no rest.
  void Add(RecordBatch batch);
  // Ends this with the first `bytes` bytes of `batch`.
  // REQUIRES: there is no rest; 0 < bytes < batch.SizeInBytes().
  void CutAfter(RecordBatch batch, int32_t bytes);

  std::span<const RecordBatch> batches() const { return {batches_.data(), batches_.size()}; }
  int64_t rest_size() const;
  // The bytes after the last whole batch.
  std::string rest() const;
  // What they begin with; kValid when there are none.
  BatchCheck CheckRest(Checksums checksums = Checksums::kChecked) const;
  // What is in them for a reader who ignores checksums: the same, and of the rest as many batches
  // as its bytes can be understood. What was compressed and is damaged cannot be unpacked.
  Records WithoutChecksums() const;
  int64_t SizeInBytes() const { return size_in_bytes_; }
  bool is_damaged() const;

  // Takes over the records, and so the ids, of `sent`, of which these bytes are what arrived: batch
  // by batch, as far as they are the same on the wire. What the rest was is kept for a reader who
  // ignores checksums.
  void RecognizeRecordsOf(const Records& sent);

  // What a receiver makes of these bytes: the same, unless something is damaged.
  Records AsReceived() const;

  // Writes SizeInBytes() bytes at `out` and returns the first byte after them.
  char* EncodeTo(char* out) const;
  std::string Encode() const;

  // Equal on the wire, damage and cut included.
  friend bool operator==(const Records& a, const Records& b);

 private:
  // Either the beginning of a batch or, decoded, bytes.
  struct Rest {
    RecordBatch batch;
    int32_t size = 0;
    std::string bytes;
    std::vector<RecordBatch> sent;  // the batches that these bytes once were, if that is known
  };

  absl::InlinedVector<RecordBatch, 1> batches_;
  std::shared_ptr<const Rest> rest_;
  int64_t size_in_bytes_ = 0;
};

// "[@17 e3 1 record 170 B, @18 e3 1 record 170 B, +1000 B]"
std::ostream& operator<<(std::ostream& os, const Records& records);

}  // namespace norn::model

#endif  // NORN_MODEL_RECORD_RECORDS_H_
