// Chance that replays. A decision depends on the run's seed, the name of its stream and its key, on
// nothing else: not on how many draws came before, nor on the order in which streams were resolved.
// So one more draw here moves nothing there, and a run without record 17 treats record 18 as
// before. absl::BitGen is salted per process and would not replay.
//
// A stream is named for what it decides, a key names the thing decided. Asking twice at one address
// gives the same answer twice; two different kinds of question at one address are independent.
//
//   Chance chance(/*seed=*/42);
//   const Stream latency = chance.Resolve("link/p1->b2/latency");    // once
//   absl::Duration d = chance.Exponential(latency, {connection, frame}, absl::Milliseconds(2));
//
// Promised: the same values on every machine, from every compiler, at every -O level (golden values
// in the test); all arithmetic is on integers. A change of any value "changes runs" and says so.
// Durations are whole nanoseconds, rounded to nearest, saturating at 2^63 - 1 ns (292 years). Those
// in the simulation who count nanoseconds themselves use the ...Nanos form, which is the same draw.
//
// Recording and overriding. A run can keep its decisions, and be given decisions to take:
//   chance.Record(true);  ...run...;  std::vector<Decision> schedule = chance.Decisions();
//   Chance replay(/*seed=*/7);  for (const Decision& d : schedule) replay.Override(d);
// The second run, whatever its seed, decides as the first one did.
//
// Errors: a parameter out of its range is the caller's mistake, and a failed NORN_CHECK.
#ifndef NORN_SIM_RANDOM_H_
#define NORN_SIM_RANDOM_H_

#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "sim/check.h"
#include "sim/fixed_point.h"
#include "sim/time.h"

namespace norn::sim {

// Names the thing decided, by up to three integers: {connection, frame, attempt}. Those left out
// are 0, so {7} and {7, 0} are one key. Prints as "7", "7.3", "7.3.1".
struct Key {
  constexpr Key() = default;
  constexpr Key(std::integral auto a_) : a(Word(a_)) {}  // NOLINT: {7} and 7 read better bare
  constexpr Key(std::integral auto a_, std::integral auto b_) : a(Word(a_)), b(Word(b_)) {}
  constexpr Key(std::integral auto a_, std::integral auto b_, std::integral auto c_)
      : a(Word(a_)), b(Word(b_)), c(Word(c_)) {}

  friend constexpr auto operator<=>(const Key&, const Key&) = default;

  uint64_t a = 0;
  uint64_t b = 0;
  uint64_t c = 0;

 private:
  static constexpr uint64_t Word(auto i) { return static_cast<uint64_t>(i); }
};
std::ostream& operator<<(std::ostream& os, const Key& key);

// A handle on a named stream of one Chance, resolved once and kept. Equal names, equal handles.
class Stream {
 public:
  friend constexpr bool operator==(Stream, Stream) = default;

 private:
  friend class Chance;
  explicit constexpr Stream(uint64_t id) : id_(id) {}
  uint64_t id_;
};

// A probability: a multiple of 2^-64 below 1, or 1. Zero never happens and one always does.
class Probability {
 public:
  constexpr Probability() = default;  // never
  // Exact where `p` is a multiple of 2^-64, else rounded down. Give it a literal, or what somebody
  // wrote in a file: a computed double may differ between compilers, and Ratio() does not.
  // REQUIRES: 0 <= p <= 1.
  Probability(double p);  // NOLINT: a probability is such a number, `.loss = 0.01`
  static constexpr Probability Never() { return Probability(); }
  static constexpr Probability Always() { return FromThreshold(kAlways); }
  // numerator / denominator, rounded down. REQUIRES: numerator <= denominator, denominator > 0.
  static constexpr Probability Ratio(uint64_t numerator, uint64_t denominator) {
    NORN_CHECK(denominator > 0) << "a probability of " << numerator << "/0";
    NORN_CHECK(numerator <= denominator)
        << "a probability above 1: " << numerator << "/" << denominator;
    if (numerator == denominator) return Always();
    return FromThreshold(static_cast<uint64_t>((UInt128{numerator} << 64) / denominator));
  }
  static constexpr Probability PerMillion(uint64_t n) { return Ratio(n, 1'000'000); }
  static constexpr Probability Percent(uint64_t n) { return Ratio(n, 100); }

  constexpr bool Covers(uint64_t bits) const {
    return (bits < threshold_) | (threshold_ == kAlways);
  }
  // How many of the 2^64 words it covers; UINT64_MAX stands for all.
  constexpr uint64_t threshold() const { return threshold_; }
  double ToDouble() const;  // for printing and statistics

  friend constexpr auto operator<=>(Probability, Probability) = default;

 private:
  static constexpr uint64_t kAlways = UINT64_MAX;
  static constexpr Probability FromThreshold(uint64_t threshold) {
    Probability p;
    p.threshold_ = threshold;
    return p;
  }
  uint64_t threshold_ = 0;  // happens if 64 random bits are below it
};
std::ostream& operator<<(std::ostream& os, Probability p);

// What was asked. The numbers are part of every address: a new kind goes to the end.
enum class Kind : uint8_t {
  kBits = 0,
  kUniform = 1,
  kBernoulli = 2,
  kUniformDuration = 3,
  kExponential = 4,
  kNormal = 5,
  kNormalDuration = 6,
  kLogNormal = 7,
  kPareto = 8,
  kJitter = 9,
  kShuffle = 10,
  kPick = 11,
  kAny = 255,  // only in an override: whatever is asked at its address
};
std::string_view KindName(Kind kind);

// One decision, as recorded or as ordered. `value` is the result: the nanoseconds, the index, 0 or
// 1; for a normal its 2^-32ths, for a shuffle the word that orders it (0 leaves the order alone).
// Results that are unsigned (bits, uniform, shuffle, pick) are kept as the same 64 bits.
struct Decision {
  std::string stream;
  Key key;
  Kind kind = Kind::kAny;
  int64_t value = 0;
  friend bool operator==(const Decision&, const Decision&) = default;
};
std::ostream& operator<<(std::ostream& os, const Decision& decision);

// Our own 64-bit hash of a name, the same for ever.
uint64_t HashName(std::string_view name);

namespace internal {

// The fraction of pi, in hexadecimal: numbers without a purpose.
inline constexpr uint64_t kPi[] = {0x243F6A8885A308D3, 0x13198A2E03707344, 0xA4093822299F31D0,
                                   0x082EFA98EC4E6C89, 0x452821E638D01377, 0xBE5466CF34E90C6C};

constexpr uint64_t Fold(uint64_t x, uint64_t y) {
  const UInt128 product = UInt128{x} * y;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

// 64 bits from an address: three rounds of 64 x 64 -> 128 multiplications, folded. Two do not
// suffice: with a fixed multiplier a row of keys leaves the first rounds as a row of equal steps,
// and it takes the last round, which multiplies the value with itself, to break that.
constexpr uint64_t Mix(uint64_t stream, const Key& key, uint64_t draw) {
  const uint64_t x = Fold(key.a ^ stream, key.b ^ kPi[0]);
  const uint64_t y = Fold(key.c ^ (stream << 32 | stream >> 32), kPi[1] ^ (draw * kPi[3]));
  const uint64_t z = Fold(x ^ kPi[2], y ^ kPi[4]);
  return Fold(z ^ stream, z + kPi[5]);
}

// Where the draws of one kind begin: a kind that needs several words, or rejects some, goes on.
constexpr uint64_t FirstDraw(Kind kind) { return static_cast<uint64_t>(kind) << 32; }

// One of [0, n), each equally likely (Lemire's method; n > 0). The words after the first are needed
// with probability below n / 2^64.
uint64_t BelowAfterFirst(uint64_t stream, const Key& key, uint64_t draw, uint64_t n, UInt128 first);
inline uint64_t Below(uint64_t stream, const Key& key, uint64_t draw, uint64_t n) {
  const UInt128 scaled = UInt128{Mix(stream, key, draw)} * n;
  if (__builtin_expect(static_cast<uint64_t>(scaled) < n, 0)) {
    return BelowAfterFirst(stream, key, draw, n, scaled);
  }
  return static_cast<uint64_t>(scaled >> 64);
}

// mean * -ln u, rounded, where `bits` are u in units of 2^-64.
int64_t ExponentialOf(uint64_t bits, int64_t mean);

// The names of streams, in one piece of memory that grows rarely: a world resolves its streams in
// passing, and reads a name only to print it.
class StreamNames {
 public:
  void Add(uint64_t id, std::string_view name);
  std::optional<std::string_view> Find(uint64_t id) const;

 private:
  void MakeRoom(size_t size);
  std::string entries_;  // id, length, name; id, length, name; ...
};

}  // namespace internal

class Chance {
 public:
  explicit Chance(uint64_t seed);
  Chance(const Chance&) = delete;
  Chance& operator=(const Chance&) = delete;
  ~Chance();

  uint64_t seed() const { return seed_; }

  // The stream of that name. REQUIRES: the name is not empty.
  Stream Resolve(std::string_view name);
  // REQUIRES: `stream` was resolved by this Chance.
  std::string Name(Stream stream) const;

  // 64 random bits.
  uint64_t Bits(Stream stream, const Key& key);
  // One of [0, n), each equally likely. REQUIRES: n > 0.
  uint64_t Uniform(Stream stream, const Key& key, uint64_t n);
  // True with probability p.
  bool Bernoulli(Stream stream, const Key& key, Probability p);
  // An index of `weights`, with a chance proportional to the weight there.
  // REQUIRES: the sum of the weights is above 0 and fits in 64 bits.
  size_t WeightedPick(Stream stream, const Key& key, std::span<const uint64_t> weights);
  // Puts the items in a random order.
  template <class T>
  void Shuffle(Stream stream, const Key& key, std::span<T> items);

  // Mean 0, standard deviation 1; at most 9.42 in size. Off by less than 2^-28.
  Fixed Normal(Stream stream, const Key& key);

  // Any nanosecond from `lo` to `hi`, both included. REQUIRES: lo <= hi.
  int64_t UniformNanos(Stream stream, const Key& key, int64_t lo, int64_t hi);
  // The time to the next of independent events that come every `mean` on average; at most 44.4
  // times the mean. REQUIRES: mean >= 0.
  int64_t ExponentialNanos(Stream stream, const Key& key, int64_t mean);
  // A bell around `mean`; what would be below 0 is 0, which raises the average where `sd` is not
  // small beside `mean`. REQUIRES: mean >= 0, sd >= 0.
  int64_t NormalDurationNanos(Stream stream, const Key& key, int64_t mean, int64_t sd);
  // median * e^(sigma * normal): latency with a tail. REQUIRES: median >= 0, sigma >= 0.
  int64_t LogNormalNanos(Stream stream, const Key& key, int64_t median, Fixed sigma);
  // At least `scale`, and above x with probability (scale / x)^alpha; what would be above `cap` is
  // `cap`. The tail that has no mean for alpha <= 1. REQUIRES: 0 <= scale <= cap, alpha > 0.
  int64_t ParetoNanos(Stream stream, const Key& key, int64_t scale, Fixed alpha, int64_t cap);
  // Any nanosecond within `per_mille` thousandths of `base`: 200 is +-20 %, as back-offs are
  // spread. REQUIRES: base >= 0, 0 <= per_mille <= 1000.
  int64_t JitterNanos(Stream stream, const Key& key, int64_t base, int64_t per_mille);

  // The same draws for those who hold durations.
  absl::Duration UniformDuration(Stream stream, const Key& key, absl::Duration lo,
                                 absl::Duration hi) {
    return absl::Nanoseconds(UniformNanos(stream, key, ToNanos(lo), ToNanos(hi)));
  }
  absl::Duration Exponential(Stream stream, const Key& key, absl::Duration mean) {
    return absl::Nanoseconds(ExponentialNanos(stream, key, ToNanos(mean)));
  }
  absl::Duration NormalDuration(Stream stream, const Key& key, absl::Duration mean,
                                absl::Duration sd) {
    return absl::Nanoseconds(NormalDurationNanos(stream, key, ToNanos(mean), ToNanos(sd)));
  }
  absl::Duration LogNormal(Stream stream, const Key& key, absl::Duration median, Fixed sigma) {
    return absl::Nanoseconds(LogNormalNanos(stream, key, ToNanos(median), sigma));
  }
  absl::Duration Pareto(Stream stream, const Key& key, absl::Duration scale, Fixed alpha,
                        absl::Duration cap) {
    return absl::Nanoseconds(ParetoNanos(stream, key, ToNanos(scale), alpha, ToNanos(cap)));
  }
  absl::Duration Jitter(Stream stream, const Key& key, absl::Duration base, int64_t per_mille) {
    return absl::Nanoseconds(JitterNanos(stream, key, ToNanos(base), per_mille));
  }

  // Keeps the decisions made from now on, or stops to. While it is on, one address has one answer:
  // the same kind of question with another result (two values of n at one key) is a failed check.
  void Record(bool on);
  // What was kept, in order; a question asked again is listed once.
  std::vector<Decision> Decisions() const;

  // Makes the decision at this address, of whatever kind it is, come out as `value`. Checked when
  // asked: a value the draw could not take by its range is a failed check. An override moves no
  // other decision. REQUIRES: not overridden yet.
  void Override(std::string_view stream, const Key& key, int64_t value);
  // The same for one kind only; with Kind::kAny for all.
  void Override(const Decision& decision);
  // Those nobody asked for yet, in the order given: a schedule that no longer fits its run.
  std::vector<Decision> UnusedOverrides() const;

 private:
  struct Ledger;

  Stream StreamOf(std::string_view name) const;
  // The one door, through which every drawn value passes: changed if somebody decides otherwise,
  // kept if somebody records. `valid(value)` says whether an override is a value this draw can
  // take.
  template <class Valid>
  int64_t Decide(Stream stream, const Key& key, Kind kind, int64_t drawn, Valid valid) {
    if (__builtin_expect(!listening_, 1)) return drawn;
    return DecideListening(stream, key, kind, drawn, valid);
  }
  template <class Valid>
  [[gnu::noinline]] int64_t DecideListening(Stream stream, const Key& key, Kind kind, int64_t drawn,
                                            Valid valid);
  std::optional<int64_t> Overridden(Stream stream, const Key& key, Kind kind);
  void Keep(Stream stream, const Key& key, Kind kind, int64_t value);
  void FailOverride(Stream stream, const Key& key, Kind kind, int64_t value) const;
  uint64_t ShuffleWord(Stream stream, const Key& key);

  uint64_t seed_;
  uint64_t root_;           // what names are mixed with: the seed, spread over 64 bits
  bool listening_ = false;  // recording, or there are overrides
  std::unique_ptr<Ledger> ledger_;
  internal::StreamNames names_;
};

// --- What is small enough to be inline.

template <class Valid>
int64_t Chance::DecideListening(Stream stream, const Key& key, Kind kind, int64_t drawn,
                                Valid valid) {
  const int64_t value = Overridden(stream, key, kind).value_or(drawn);
  if (value != drawn && !valid(value)) FailOverride(stream, key, kind, value);
  Keep(stream, key, kind, value);
  return value;
}

inline uint64_t Chance::Bits(Stream stream, const Key& key) {
  const uint64_t drawn = internal::Mix(stream.id_, key, internal::FirstDraw(Kind::kBits));
  return static_cast<uint64_t>(
      Decide(stream, key, Kind::kBits, static_cast<int64_t>(drawn), [](int64_t) { return true; }));
}

inline uint64_t Chance::Uniform(Stream stream, const Key& key, uint64_t n) {
  NORN_CHECK(n > 0) << "one of nothing";
  const uint64_t drawn = internal::Below(stream.id_, key, internal::FirstDraw(Kind::kUniform), n);
  return static_cast<uint64_t>(
      Decide(stream, key, Kind::kUniform, static_cast<int64_t>(drawn),
             [n](int64_t value) { return static_cast<uint64_t>(value) < n; }));
}

inline bool Chance::Bernoulli(Stream stream, const Key& key, Probability p) {
  const bool drawn =
      p.Covers(internal::Mix(stream.id_, key, internal::FirstDraw(Kind::kBernoulli)));
  return Decide(stream, key, Kind::kBernoulli, drawn,
                [](int64_t value) { return value == 0 || value == 1; }) != 0;
}

inline int64_t Chance::ExponentialNanos(Stream stream, const Key& key, int64_t mean) {
  const uint64_t bits = internal::Mix(stream.id_, key, internal::FirstDraw(Kind::kExponential));
  return Decide(stream, key, Kind::kExponential, internal::ExponentialOf(bits, mean),
                [](int64_t value) { return value >= 0; });
}

template <class T>
void Chance::Shuffle(Stream stream, const Key& key, std::span<T> items) {
  const uint64_t word = ShuffleWord(stream, key);
  if (word == 0) return;
  for (size_t i = items.size(); i > 1; --i) {
    const size_t j = internal::Below(word, Key(i), internal::FirstDraw(Kind::kShuffle),
                                     static_cast<uint64_t>(i));
    using std::swap;
    if (j != i - 1) swap(items[i - 1], items[j]);
  }
}

}  // namespace norn::sim

#endif  // NORN_SIM_RANDOM_H_
