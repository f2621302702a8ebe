// What a Java client believes of how well a topic compresses (CompressionRatioEstimator).
//
// It begins at 1 and learns slowly: each batch that leaves moves it up by 0.05 at least, to what
// was seen at once if that is more, but down by 0.005 at most. So compressed batches grow towards
// batch.size over hundreds of batches. Java computes with 32-bit floats, and so do we: +, - and
// comparisons alone, which are exact on every machine.
#ifndef NORN_MODEL_CLIENT_JAVA_COMPRESSION_RATIO_ESTIMATOR_H_
#define NORN_MODEL_CLIENT_JAVA_COMPRESSION_RATIO_ESTIMATOR_H_

#include <algorithm>
#include <cstdint>

namespace norn::model {

// For one topic and the one codec its producer uses.
class CompressionRatioEstimator {
 public:
  float estimate() const { return estimate_; }

  // A batch left: its records measured so much before and after.
  void Observe(int64_t compressed, int64_t uncompressed) {
    const float observed = Ratio(compressed, uncompressed);
    if (observed > estimate_) {
      estimate_ = std::max(estimate_ + 0.05f, observed);
    } else if (observed < estimate_) {
      estimate_ = std::max(estimate_ - 0.005f, observed);
    }
  }

  // A batch was refused as too large: believe nothing better than 1, or what it measured.
  void Reset(int64_t compressed, int64_t uncompressed) {
    estimate_ = std::max(1.0f, Ratio(compressed, uncompressed));
  }

 private:
  static float Ratio(int64_t compressed, int64_t uncompressed) {
    return static_cast<float>(compressed) / static_cast<float>(uncompressed);
  }
  float estimate_ = 1.0f;
};

}  // namespace norn::model

#endif  // NORN_MODEL_CLIENT_JAVA_COMPRESSION_RATIO_ESTIMATOR_H_
