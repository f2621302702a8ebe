// What a Java client writes into its log, in its own words, as notes of the trace:
//
//   [Producer clientId=producer-1] Node 1 disconnected.
//
// Lines of the levels INFO, WARN and ERROR, which an application sees by default. Built only if
// somebody listens.
#ifndef NORN_MODEL_CLIENT_JAVA_CLIENT_LOG_H_
#define NORN_MODEL_CLIENT_JAVA_CLIENT_LOG_H_

#include <string>
#include <utility>

#include "sim/simulation.h"

namespace norn::model {

class ClientLog {
 public:
  ClientLog() = default;  // nobody listens
  // `prefix` as "[Producer clientId=producer-1] ".
  ClientLog(sim::Simulation* sim, std::string prefix) : sim_(sim), prefix_(std::move(prefix)) {}

  // `text()` gives the line, a std::string.
  template <class TextFn>
  void operator()(TextFn&& text) const {
    if (sim_ != nullptr) sim_->Note(kLine, {}, [&] { return prefix_ + text(); });
  }

 private:
  static constexpr sim::Label kLine{"log"};

  sim::Simulation* sim_ = nullptr;
  std::string prefix_;
};

}  // namespace norn::model

#endif  // NORN_MODEL_CLIENT_JAVA_CLIENT_LOG_H_
