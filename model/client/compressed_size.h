// How many bytes records take once they are compressed.
//
// Norn compresses nothing. How well data compresses is a property of the world: a ratio, in
// millionths of the uncompressed size, that belongs to a topic's data or to one record. Everything
// else follows from it in whole numbers.
//
// Example:
//   CompressedSize section;
//   section.Add(/*record=*/0, /*bytes=*/1000, /*ratio=*/400'000);
//   section.bytes()                                            // 400
#ifndef NORN_MODEL_CLIENT_COMPRESSED_SIZE_H_
#define NORN_MODEL_CLIENT_COMPRESSED_SIZE_H_

#include <cstdint>
#include <vector>

namespace norn::model {

// Data that does not become smaller.
inline constexpr int32_t kIncompressible = 1'000'000;

// The records' section of one batch.
class CompressedSize {
 public:
  // `record` counts from 0 within the batch and only grows.
  void Add(int32_t record, int64_t bytes, int32_t ratio_millionths) {
    weighted_ += bytes * ratio_millionths;
    if (runs_.empty() || runs_.back().ratio != ratio_millionths)
      runs_.push_back({record, ratio_millionths});
  }

  // Rounded up: no section with a record in it is empty.
  int32_t bytes() const { return static_cast<int32_t>((weighted_ + 999'999) / 1'000'000); }

  // As it was added. REQUIRES: the record was.
  int32_t RatioOf(int32_t record) const {
    size_t i = runs_.size() - 1;
    while (runs_[i].first > record) --i;
    return runs_[i].ratio;
  }

 private:
  struct Run {
    int32_t first;  // the records from this one on
    int32_t ratio;
  };
  int64_t weighted_ = 0;
  std::vector<Run> runs_;
};

}  // namespace norn::model

#endif  // NORN_MODEL_CLIENT_COMPRESSED_SIZE_H_
