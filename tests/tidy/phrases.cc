#include "tests/tidy/phrases.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace norn::tidy {

const std::vector<PhraseRule>& PhraseRules() {
  static const auto& rules = *new std::vector<PhraseRule>{
      {"wall-clock", kSimulated,
       "this reads or waits for the machine's clock, so two runs of one seed differ. The time is "
       "sim.Now(); to wait, sim.After(d, f) or co_await Sleep",
       "absl::Now | GetCurrentTimeNanos | system_clock | steady_clock | high_resolution_clock | "
       "gettimeofday | clock_gettime | timespec_get | std::time( | ::time( | time(nullptr) | "
       "time(NULL) | std::clock( | localtime | gmtime | absl::SleepFor | sleep_for | sleep_until "
       "| usleep | nanosleep | #include <chrono> | #include <ctime> | #include <time.h> | "
       "#include <sys/time.h>"},
      {"salted-hash", kSimulated,
       "this hash differs between processes or between platforms. Hash with our own function, "
       "whose values tests pin",
       "absl::Hash | absl::HashOf | std::hash | std::_Hash_bytes"},
      {"foreign-chance", kSimulated,
       "this chance does not follow from the run's seed, or differs between platforms. Draw from "
       "a stream of the run, named for what it decides",
       "BitGen | InsecureBitGen | BitGenRef | absl::Uniform | absl::Bernoulli | "
       "absl::Exponential | absl::Gaussian | absl::Poisson | random_device | mt19937 | "
       "mt19937_64 | minstd_rand | minstd_rand0 | default_random_engine | ranlux24 | ranlux48 | "
       "knuth_b | uniform_int_distribution | uniform_real_distribution | bernoulli_distribution "
       "| binomial_distribution | geometric_distribution | exponential_distribution | "
       "poisson_distribution | gamma_distribution | weibull_distribution | normal_distribution | "
       "lognormal_distribution | discrete_distribution | piecewise_linear_distribution | "
       "std::shuffle | std::ranges::shuffle | std::sample | random_shuffle | std::rand | rand() "
       "| srand | rand_r | drand48 | lrand48 | getrandom | getentropy | arc4random | #include "
       "<random>"},
      {"libm", kSimulated,
       "the last bits of this function differ between C libraries. Use + - * / and std::sqrt, or "
       "the exact functions of sim/fixed_point.h",
       "std::exp( | std::exp2( | std::expm1( | std::log( | std::log2( | std::log10( | "
       "std::log1p( | std::pow( | std::sin( | std::cos( | std::tan( | std::atan( | std::atan2( | "
       "std::sinh( | std::cosh( | std::tanh( | std::cbrt( | std::hypot( | std::erf( | "
       "std::erfc( | std::lgamma( | std::tgamma( | std::fma("},
      {"thread", kSimulated,
       "a run is one thread; the machine's scheduler would decide its order. Use a Task, and for "
       "more cores more processes",
       "std::thread | std::jthread | std::this_thread | std::async | pthread_create | "
       "absl::Mutex | std::mutex | std::condition_variable | std::atomic | #include <thread> | "
       "#include <mutex> | #include <atomic>"},
      {"thread-local", kAll,
       "two simulations share nothing; the one thread-local is the current simulation, for "
       "NORN_CHECK to name. Hold the state in an object of the simulation",
       "thread_local"},
      {"outside-world", "sim model",
       "sim and model read no file, no flag and no environment, or a run would depend on more "
       "than its seed and its options. Read it in scenarios and hand it in",
       "std::ifstream | std::ofstream | std::fstream | fopen | getenv | ABSL_FLAG | "
       "ABSL_DECLARE_FLAG | absl::GetFlag | #include <fstream> | #include <filesystem>"},
  };
  return rules;
}

const std::multimap<std::string, Phrase>& PhrasesByFirstToken() {
  static const auto& phrases = *[] {
    constexpr std::string_view kBetween = " | ";
    auto* by_first = new std::multimap<std::string, Phrase>;
    for (const PhraseRule& rule : PhraseRules()) {
      std::string_view rest = rule.phrases;
      while (!rest.empty()) {
        const size_t end = std::min(rest.find(kBetween), rest.size());
        Phrase phrase{std::string(rest.substr(0, end)), Lex(rest.substr(0, end)).tokens, &rule};
        rest.remove_prefix(std::min(end + kBetween.size(), rest.size()));
        std::string first = phrase.tokens.front().text;
        by_first->emplace(std::move(first), std::move(phrase));
      }
    }
    return by_first;
  }();
  return phrases;
}

}  // namespace norn::tidy
