#include "sim/check.h"

#include <cstdlib>
#include <iostream>
#include <utility>

namespace norn::sim {
namespace {

thread_local const CheckContext* current = nullptr;  // norn-tidy: allow(thread-local) the one

}  // namespace

const CheckContext* CheckContext::Exchange(const CheckContext* context) {
  return std::exchange(current, context);
}

CheckFailure::CheckFailure(const char* file, int line, const char* condition) {
  message_ << "NORN_CHECK failed: " << condition << "\n  at " << file << ":" << line << "\n  ";
}

CheckFailure::~CheckFailure() {
  std::cerr << message_.str() << "\n";
  // Taken out first: a check that fails while explaining must not explain again.
  if (const CheckContext* context = CheckContext::Exchange(nullptr)) context->Explain(std::cerr);
  std::cerr.flush();
  std::abort();
}

}  // namespace norn::sim
