// NORN_CHECK(x): what we believe. When it is false we are wrong (not Kafka, not the network): the
// program stops and says what was believed, and, inside a run, the seed, the time, the event, its
// causes and how to replay. Checks stay on in optimised builds.
//
//   NORN_CHECK(batch.base_offset == log_end_) << "batch at " << batch.base_offset;
//
// Bad weather (a lost packet, NOT_LEADER) is a value, bad input an absl::Status: neither is
// checked.
#ifndef NORN_SIM_CHECK_H_
#define NORN_SIM_CHECK_H_

#include <iosfwd>
#include <sstream>

namespace norn::sim {

// What a failed check says besides its own text. A Simulation is one; it is current on its thread
// while it runs an event. This is the one thread-local of Norn, and only failing checks read it.
class CheckContext {
 public:
  virtual void Explain(std::ostream& os) const = 0;

  // Makes `context` (or nothing: null) the current one and returns the one before.
  static const CheckContext* Exchange(const CheckContext* context);

 protected:
  ~CheckContext() = default;
};

// Collects the message of one failing check; its destructor prints and aborts.
class CheckFailure {
 public:
  CheckFailure(const char* file, int line, const char* condition);
  CheckFailure(const CheckFailure&) = delete;
  CheckFailure& operator=(const CheckFailure&) = delete;
  [[noreturn]] ~CheckFailure();

  std::ostream& stream() { return message_; }

 private:
  std::ostringstream message_;
};

}  // namespace norn::sim

#define NORN_CHECK(condition)                                \
  switch (0)                                                 \
  case 0:                                                    \
  default:                                                   \
    if (__builtin_expect(static_cast<bool>(condition), 1)) { \
    } else                                                   \
      ::norn::sim::CheckFailure(__FILE__, __LINE__, #condition).stream()

#endif  // NORN_SIM_CHECK_H_
