// What reading a configuration did besides reading it: a key accepted though it changes nothing
// here, a value the real client silently replaces, a line that another line overrules.
//
// A Notice is never an error: the configuration is in force as the notices say. Values of keys
// without effect are not kept, so that no password travels into a report.
//
// Example, acks=1 and ssl.key.password=secret given to a Java producer, as Summary() prints it:
//   enable.idempotence: true -> false (Idempotence will be disabled because acks is set to 1, ...)
//   accepted without effect on the model: ssl.key.password
#ifndef NORN_MODEL_CONFIG_NOTICE_H_
#define NORN_MODEL_CONFIG_NOTICE_H_

#include <iosfwd>
#include <span>
#include <string>

namespace norn::model {

struct Notice {
  enum class Kind {
    kNoEffect,    // a real key that changes nothing in the model; key only
    kOverridden,  // the key was given twice: old_value lost, new_value is in force
    kAdjusted,    // the real client itself replaces old_value by new_value, for `reason`
    kWarning,     // taken as written (new_value), and `reason` says why it may surprise
  };

  Kind kind = Kind::kNoEffect;
  std::string key = {};
  std::string old_value = {};
  std::string new_value = {};
  std::string reason = {};

  friend bool operator==(const Notice&, const Notice&) = default;
};

// One line, without its end.
std::string ToString(const Notice& notice);
std::ostream& operator<<(std::ostream& os, const Notice& notice);

// One line per notice that changed or warned, each said once however many clients share it, then
// one line that lists every key accepted without effect, once. Empty if there is nothing to say.
std::string Summary(std::span<const Notice> notices);

}  // namespace norn::model

#endif  // NORN_MODEL_CONFIG_NOTICE_H_
