// What requests cost in virtual time. Without it batching would have no effect.
//
// Calibration: orders of magnitude of a broker on a current server (a Produce request of one small
// batch is through in some 100 microseconds, a broker takes some hundred MB/s per request thread);
// not fitted to a machine. A scenario may set its own.
#ifndef NORN_MODEL_BROKER_COST_MODEL_H_
#define NORN_MODEL_BROKER_COST_MODEL_H_

#include <cstdint>

#include "absl/time/time.h"

namespace norn::model {

struct CostModel {
  // num.io.threads: so many requests are worked on at once, one per connection at most.
  int32_t io_threads = 8;
  absl::Duration per_request = absl::Microseconds(80);
  int64_t nanos_per_kilobyte = 2000;  // of the request, and of the answer
  // What a client spends on a request before its bytes leave.
  absl::Duration client_per_request = absl::Microseconds(30);
  // From metadata that has reached a broker to the broker acting on it, because one thread
  // publishes it to all parts of the broker in turn: so long at least, and up to half as much
  // again. Kafka 4.1 on two busy cores took 3 to 12 ms in most of twenty elections, and once 44;
  // but its clients took as long to come, and who is first is what matters.
  absl::Duration metadata_publish = absl::Milliseconds(2);
  // A thread that follows a leader starts and opens its connection: 15 to 50 ms in the same.
  absl::Duration fetcher_start = absl::Milliseconds(10);

  // What a broker that loses its log directory takes until it halts, and then until its sockets
  // close. Seen on Kafka 4.1.1 with a full tmpfs, six times: 16 to 33 ms, and 304 to 348 ms more.
  absl::Duration log_dir_failure = absl::Milliseconds(25);
  absl::Duration halt = absl::Milliseconds(325);

  int64_t RequestNanos(int64_t bytes) const {
    return absl::ToInt64Nanoseconds(per_request) + bytes * nanos_per_kilobyte / 1024;
  }
};

}  // namespace norn::model

#endif  // NORN_MODEL_BROKER_COST_MODEL_H_
