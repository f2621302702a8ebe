// How much a client may send to a broker in a second, and how long it is made to wait for sending
// more (KIP-13, KIP-219; Kafka's ClientQuotaManager and Rate).
//
// The rate is what came in over the last samples: a sample begins with the first request after the
// one before has lasted a second, eleven are kept. The window is never counted as less than ten
// whole seconds and the part of the current one, so a client may be ahead of its quota by ten
// seconds' worth before anybody minds. The wait is what brings the rate back to the quota.
//
// Example: a quota of 7000 B/s, and 77,000 bytes in the first instant.
//   ByteRate rate({});
//   rate.Record(now, 77'000);
//   rate.ThrottleMs(now, 7000);            // 1000: 11 s worth of bytes, in a window of 10 s
#ifndef NORN_MODEL_BROKER_QUOTA_H_
#define NORN_MODEL_BROKER_QUOTA_H_

#include <cstdint>
#include <string>
#include <vector>

#include "sim/time.h"

namespace norn::model {

// What one client id is allowed on each broker.
struct ClientQuota {
  std::string client_id;  // empty: every client that has none of its own
  int64_t producer_byte_rate = 0;
};

class ByteRate {
 public:
  struct Options {
    int64_t samples = 11;      // quota.window.num
    int64_t sample_ms = 1000;  // quota.window.size.seconds
  };
  explicit ByteRate(const Options& options) : options_(options) {}

  void Record(sim::Time now, int64_t bytes);
  // How long whoever is allowed `per_second` has to wait now; 0 if it does not.
  int64_t ThrottleMs(sim::Time now, int64_t per_second);

 private:
  struct Sample {
    int64_t begins_ms;
    int64_t last_ms;
    int64_t bytes = 0;
  };
  void Forget(int64_t now_ms);

  Options options_;
  std::vector<Sample> samples_;  // a ring once it is full
  size_t current_ = 0;
};

}  // namespace norn::model

#endif  // NORN_MODEL_BROKER_QUOTA_H_
