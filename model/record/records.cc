#include "model/record/records.h"

#include <algorithm>
#include <cstring>
#include <ostream>

#include "model/record/big_endian.h"
#include "sim/check.h"

namespace norn::model {

Records Records::Parse(std::string_view bytes) {
  Records records;
  while (CheckBatch(bytes) == BatchCheck::kValid) {
    auto size = static_cast<size_t>(kLogOverhead + GetBigEndian<int32_t>(bytes.data() + 8));
    absl::StatusOr<RecordBatch> batch = RecordBatch::Decode(bytes.substr(0, size));
    if (!batch.ok()) break;
    records.Add(*std::move(batch));
    bytes.remove_prefix(size);
  }
  if (!bytes.empty()) {
    records.rest_ = std::make_shared<const Rest>(
        Rest{RecordBatch(), static_cast<int32_t>(bytes.size()), std::string(bytes), {}});
    records.size_in_bytes_ += static_cast<int64_t>(bytes.size());
  }
  return records;
}

void Records::Add(RecordBatch batch) {
  NORN_CHECK(!rest_) << "a batch cannot follow one that was cut";
  size_in_bytes_ += batch.SizeInBytes();
  batches_.push_back(std::move(batch));
}

void Records::CutAfter(RecordBatch batch, int32_t bytes) {
  NORN_CHECK(!rest_) << "a batch cannot follow one that was cut";
  NORN_CHECK(bytes > 0 && bytes < batch.SizeInBytes())
      << bytes << " bytes of a batch of " << batch.SizeInBytes();
  rest_ = std::make_shared<const Rest>(Rest{std::move(batch), bytes, std::string(), {}});
  size_in_bytes_ += bytes;
}

int64_t Records::rest_size() const { return rest_ ? rest_->size : 0; }

std::string Records::rest() const {
  if (!rest_) return std::string();
  if (!rest_->bytes.empty()) return rest_->bytes;
  std::string bytes = rest_->batch.Encode();
  bytes.resize(static_cast<size_t>(rest_->size));
  return bytes;
}

BatchCheck Records::CheckRest(Checksums checksums) const {
  if (!rest_) return BatchCheck::kValid;
  // The beginning of a sound batch.
  if (rest_->bytes.empty() && !rest_->batch.is_damaged()) return BatchCheck::kTruncated;
  BatchCheck check = CheckBatch(rest(), checksums);
  // Parse stopped here although the checksum is right: the records could not be read.
  return check == BatchCheck::kValid ? BatchCheck::kBadRecords : check;
}

bool Records::is_damaged() const {
  return std::any_of(batches_.begin(), batches_.end(),
                     [](const RecordBatch& batch) { return batch.is_damaged(); });
}

void Records::RecognizeRecordsOf(const Records& sent) {
  // The checksum is right, so the section is what was sent unless it is another one altogether.
  for (size_t i = 0; i < batches_.size() && i < sent.batches_.size(); ++i)
    if (batches_[i].SizeInBytes() == sent.batches_[i].SizeInBytes() &&
        batches_[i].record_count() == sent.batches_[i].record_count())
      batches_[i].RecognizeRecordsOf(sent.batches_[i]);
  if (!rest_ || rest_->bytes.empty() || sent.batches_.size() <= batches_.size()) return;
  Rest rest = *rest_;
  rest.sent.assign(sent.batches_.begin() + static_cast<int64_t>(batches_.size()),
                   sent.batches_.end());
  rest_ = std::make_shared<const Rest>(std::move(rest));
}

Records Records::WithoutChecksums() const {
  if (!rest_ || rest_->bytes.empty()) return *this;
  Records read = *this;
  read.rest_ = nullptr;
  read.size_in_bytes_ -= rest_->size;
  std::string_view bytes = rest_->bytes;
  for (size_t i = 0; CheckBatch(bytes, Checksums::kIgnored) == BatchCheck::kValid; ++i) {
    const auto size = static_cast<size_t>(kLogOverhead + ClaimsOf(bytes).length);
    absl::StatusOr<RecordBatch> batch =
        RecordBatch::Decode(bytes.substr(0, size), Checksums::kIgnored);
    const bool intact = CheckBatch(bytes) == BatchCheck::kValid;
    if (!batch.ok() || (batch->records().is_opaque() && !intact)) break;
    if (i < rest_->sent.size()) {
      const RecordBatch& sent = rest_->sent[i];
      if (intact) {
        if (batch->SizeInBytes() == sent.SizeInBytes() &&
            batch->record_count() == sent.record_count())
          batch->RecognizeRecordsOf(sent);
      } else if (batch->records().count() == sent.records().count()) {
        batch->IdentifyRecordsBy(sent);
      }
    }
    read.Add(*std::move(batch));
    bytes.remove_prefix(size);
  }
  if (!bytes.empty()) {
    read.size_in_bytes_ += static_cast<int64_t>(bytes.size());
    read.rest_ = std::make_shared<const Rest>(
        Rest{RecordBatch(), static_cast<int32_t>(bytes.size()), std::string(bytes), {}});
  }
  return read;
}

Records Records::AsReceived() const {
  if (!is_damaged()) return *this;
  Records received = Parse(Encode());
  // Batches before the first invalid one are those that were sent: the damage they may have (to
  // base offset or epoch) is outside the checksum, so the records inside are untouched.
  received.RecognizeRecordsOf(*this);
  return received;
}

char* Records::EncodeTo(char* out) const {
  for (const RecordBatch& batch : batches_) out = batch.EncodeTo(out);
  if (!rest_) return out;
  std::string bytes = rest();
  std::memcpy(out, bytes.data(), bytes.size());
  return out + bytes.size();
}

std::string Records::Encode() const {
  std::string bytes(static_cast<size_t>(size_in_bytes_), '\0');
  EncodeTo(bytes.data());
  return bytes;
}

bool operator==(const Records& a, const Records& b) {
  if (a.size_in_bytes_ != b.size_in_bytes_) return false;
  if (!(a.batches_ == b.batches_)) return false;
  if (a.rest_ == b.rest_) return true;
  return a.rest() == b.rest();
}

std::ostream& operator<<(std::ostream& os, const Records& records) {
  const char* separator = "";
  os << '[';
  for (const RecordBatch& batch : records.batches()) {
    os << separator << batch;
    separator = ", ";
  }
  if (records.rest_size() > 0) os << separator << '+' << records.rest_size() << " B";
  return os << ']';
}

}  // namespace norn::model
