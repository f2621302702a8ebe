#include "sim/random.h"

#include <bit>
#include <cstring>
#include <iterator>
#include <map>
#include <ostream>
#include <tuple>

namespace norn::sim {
namespace {

using internal::Below;
using internal::FirstDraw;
using internal::Mix;
using internal::MulHigh;

constexpr int64_t kMaxNanos = INT64_MAX;
constexpr int64_t kLogOf2To64 = int64_t{64} << kLogBits;
constexpr uint64_t kLn2Q64 = 0xb17217f7d1cf79ac;
constexpr int64_t kLog2EQ62 = 0x5c551d94ae0bf85e;

// What an override may be.
bool Anything(int64_t) { return true; }
struct Between {
  bool operator()(int64_t value) const { return lo <= value && value <= hi; }
  int64_t lo;
  int64_t hi;
};
constexpr Between kAnyNanos = {0, kMaxNanos};

// Parameters are checked here and not in line, where building the message would cost a draw more
// than its arithmetic does.
[[gnu::noinline, gnu::cold]] void FailParameter(const char* what, int64_t value) {
  NORN_CHECK(false) << "a draw with " << what << ": " << value;
}
inline void Require(bool condition, const char* otherwise, int64_t value) {
  if (__builtin_expect(!condition, 0)) FailParameter(otherwise, value);
}

// -log2(u) in Q56 for u uniform in (0, 1]: what exponential, normal and Pareto are made of.
uint64_t LogDepth(uint64_t bits) {
  const uint64_t u = bits | (bits == 0);  // in units of 2^-64; 0 would be infinitely deep
  return static_cast<uint64_t>(kLogOf2To64 - Log2(u));
}

int64_t DrawBetween(uint64_t stream, const Key& key, Kind kind, int64_t lo, int64_t hi) {
  const uint64_t width = static_cast<uint64_t>(hi) - static_cast<uint64_t>(lo);
  const uint64_t above_lo = width == UINT64_MAX ? Mix(stream, key, FirstDraw(kind))
                                                : Below(stream, key, FirstDraw(kind), width + 1);
  return static_cast<int64_t>(static_cast<uint64_t>(lo) + above_lo);
}

// Box and Muller: a radius of the right length in a uniform direction, seen from one side. It takes
// two words and rejects none.
int64_t DrawNormal(uint64_t stream, const Key& key, Kind kind) {
  const uint64_t length_bits = Mix(stream, key, FirstDraw(kind));
  const uint64_t turn = Mix(stream, key, FirstDraw(kind) + 1);
  // radius = sqrt(-2 ln u) = sqrt(2 ln 2 * -log2 u)
  const uint64_t square = MulHigh(LogDepth(length_bits), kLn2Q64) << 1;  // Q56
  const int64_t radius = static_cast<int64_t>(Sqrt(square) >> 1);        // Q59
  constexpr int kShift = 59 + 62 - 32;
  const Int128 value = Int128{radius} * CosOfTurn(turn);
  return static_cast<int64_t>((value + (Int128{1} << (kShift - 1))) >> kShift);
}

int64_t DrawNormalDuration(uint64_t stream, const Key& key, int64_t mean, int64_t sd) {
  const Int128 away = Int128{sd} * DrawNormal(stream, key, Kind::kNormalDuration);
  const Int128 nanos = mean + ((away + (Int128{1} << 31)) >> 32);
  if (nanos < 0) return 0;
  return nanos > kMaxNanos ? kMaxNanos : static_cast<int64_t>(nanos);
}

int64_t Saturate(Int128 value) {
  if (value > INT64_MAX) return INT64_MAX;
  return value < INT64_MIN ? INT64_MIN : static_cast<int64_t>(value);
}

int64_t DrawLogNormal(uint64_t stream, const Key& key, int64_t median, Fixed sigma) {
  const Int128 product = Int128{sigma.raw()} * DrawNormal(stream, key, Kind::kLogNormal);  // Q64
  const int64_t natural = Saturate(product >> (64 - kLogBits));
  const int64_t exponent = Saturate((Int128{natural} * kLog2EQ62) >> 62);
  const uint64_t nanos = TimesExp2(static_cast<uint64_t>(median), exponent);
  return nanos > static_cast<uint64_t>(kMaxNanos) ? kMaxNanos : static_cast<int64_t>(nanos);
}

int64_t DrawPareto(uint64_t stream, const Key& key, int64_t scale, Fixed alpha, int64_t cap) {
  const uint64_t depth = LogDepth(Mix(stream, key, FirstDraw(Kind::kPareto)));
  const int64_t exponent = Saturate((Int128{depth} << 32) / alpha.raw());
  const uint64_t nanos = TimesExp2(static_cast<uint64_t>(scale), exponent);
  return nanos > static_cast<uint64_t>(cap) ? cap : static_cast<int64_t>(nanos);
}

bool IsUnsigned(Kind kind) {
  return kind == Kind::kBits || kind == Kind::kUniform || kind == Kind::kShuffle ||
         kind == Kind::kPick;
}

}  // namespace

std::ostream& operator<<(std::ostream& os, const Key& key) {
  os << key.a;
  if (key.b != 0 || key.c != 0) os << '.' << key.b;
  if (key.c != 0) os << '.' << key.c;
  return os;
}

Probability::Probability(double p) {
  // By its bits: not even a comparison of doubles is left for -ffast-math to rearrange.
  const uint64_t bits = std::bit_cast<uint64_t>(p);
  constexpr uint64_t kOne = uint64_t{1023} << 52;
  if (bits == uint64_t{1} << 63) return;  // -0.0
  NORN_CHECK(bits <= kOne) << "a probability is from 0 to 1, not " << p;
  if (bits == kOne) {
    threshold_ = kAlways;
    return;
  }
  const int exponent = static_cast<int>(bits >> 52);
  const uint64_t mantissa = (bits & ((uint64_t{1} << 52) - 1)) | (uint64_t{1} << 52);
  // p = mantissa * 2^(exponent - 1075), so p * 2^64 = mantissa * 2^(exponent - 1011). What is too
  // small to count, denormal numbers among it, is 0.
  const int shift = exponent - 1011;
  if (shift >= 0) {
    threshold_ = mantissa << shift;
  } else if (shift > -64) {
    threshold_ = mantissa >> -shift;
  }
}

double Probability::ToDouble() const {
  if (threshold_ == kAlways) return 1;
  return static_cast<double>(threshold_) * (1.0 / 18446744073709551616.0);
}

std::ostream& operator<<(std::ostream& os, Probability p) { return os << p.ToDouble(); }

std::string_view KindName(Kind kind) {
  static constexpr std::string_view kNames[] = {
      "bits",        "uniform", "bernoulli",       "uniform_duration",
      "exponential", "normal",  "normal_duration", "log_normal",
      "pareto",      "jitter",  "shuffle",         "pick"};
  const size_t index = static_cast<size_t>(kind);
  return index < std::size(kNames) ? kNames[index] : "any";
}

std::ostream& operator<<(std::ostream& os, const Decision& decision) {
  os << decision.stream << ' ' << decision.key << ' ' << KindName(decision.kind) << ' ';
  if (IsUnsigned(decision.kind)) return os << static_cast<uint64_t>(decision.value);
  return os << decision.value;
}

uint64_t HashName(std::string_view name) {
  uint64_t hash = internal::kPi[0] ^ name.size();
  for (size_t at = 0; at < name.size(); at += 8) {
    uint64_t word = 0;  // eight bytes, the first one lowest
    for (size_t i = 0; i < 8 && at + i < name.size(); ++i) {
      word |= static_cast<uint64_t>(static_cast<unsigned char>(name[at + i])) << (8 * i);
    }
    hash = internal::Fold(hash ^ word, internal::kPi[3]) + internal::kPi[1];
  }
  return internal::Fold(hash ^ internal::kPi[2], hash + internal::kPi[5]);
}

namespace internal {

int64_t ExponentialOf(uint64_t bits, int64_t mean) {
  Require(mean >= 0, "its mean below 0", mean);
  const uint64_t natural = MulHigh(LogDepth(bits) << 1, kLn2Q64);  // Q57: -ln u, at most 44.4
  const UInt128 nanos = UInt128{static_cast<uint64_t>(mean)} * natural + (UInt128{1} << 56);
  if (__builtin_expect(static_cast<uint64_t>(nanos >> 64) >> 56 != 0, 0)) return kMaxNanos;
  return static_cast<int64_t>(nanos >> 57);
}

uint64_t BelowAfterFirst(uint64_t stream, const Key& key, uint64_t draw, uint64_t n,
                         UInt128 first) {
  const uint64_t surplus = -n % n;  // 2^64 mod n: that many words would make some values likelier
  UInt128 scaled = first;
  for (uint64_t i = 1; static_cast<uint64_t>(scaled) < surplus; ++i) {
    NORN_CHECK(i < 1000) << "a thousand words rejected, each with probability below 1/2";
    scaled = UInt128{Mix(stream, key, draw + i)} * n;
  }
  return static_cast<uint64_t>(scaled >> 64);
}

namespace {

struct NameHeader {
  uint64_t id;
  uint64_t length;
};

// Calls f(id, name) for each entry until it returns false.
template <class F>
void ForEachName(std::string_view entries, F f) {
  while (!entries.empty()) {
    NameHeader header;
    std::memcpy(&header, entries.data(), sizeof(header));
    if (!f(header.id, entries.substr(sizeof(header), header.length))) return;
    entries.remove_prefix(sizeof(header) + header.length);
  }
}

}  // namespace

void StreamNames::Add(uint64_t id, std::string_view name) {
  const NameHeader header = {id, name.size()};
  const size_t size = sizeof(header) + name.size();
  if (entries_.capacity() - entries_.size() < size) MakeRoom(size);
  entries_.append(reinterpret_cast<const char*>(&header), sizeof(header));
  entries_.append(name);
}

// Names resolved again are dropped here, so memory follows the number of names, not of calls.
void StreamNames::MakeRoom(size_t size) {
  std::map<uint64_t, std::string_view> known;
  size_t known_size = 0;
  ForEachName(entries_, [&](uint64_t id, std::string_view name) {
    const auto [entry, is_new] = known.emplace(id, name);
    NORN_CHECK(entry->second == name)
        << "two streams with one hash, rename one: " << name << " and " << entry->second;
    if (is_new) known_size += sizeof(NameHeader) + name.size();
    return true;
  });
  std::string fresh;
  fresh.reserve(2 * (known_size + size) + 1000);
  for (const auto& [id, name] : known) {
    const NameHeader header = {id, name.size()};
    fresh.append(reinterpret_cast<const char*>(&header), sizeof(header));
    fresh.append(name);
  }
  entries_ = std::move(fresh);
}

std::optional<std::string_view> StreamNames::Find(uint64_t id) const {
  std::optional<std::string_view> found;
  ForEachName(entries_, [&](uint64_t entry, std::string_view name) {
    if (entry == id) found = name;
    return !found.has_value();
  });
  return found;
}

}  // namespace internal

// Addresses are ordered by stream id, key and kind; only looked up, so the order shows nowhere.
struct Chance::Ledger {
  using Address = std::tuple<uint64_t, Key, Kind>;
  struct Kept {
    Stream stream;
    Key key;
    Kind kind;
    int64_t value;
  };

  bool recording = false;
  std::vector<Kept> kept;
  std::map<Address, int64_t> answers;

  std::vector<Decision> overrides;
  std::vector<bool> used;  // parallel to `overrides`
  std::map<Address, size_t> override_at;
};

Chance::Chance(uint64_t seed) : seed_(seed), root_(Mix(internal::kPi[0], Key(seed), 0)) {}
Chance::~Chance() = default;

Stream Chance::StreamOf(std::string_view name) const {
  return Stream(Mix(root_, Key(HashName(name)), 0));
}

Stream Chance::Resolve(std::string_view name) {
  NORN_CHECK(!name.empty()) << "a stream needs a name that says what it decides";
  const Stream stream = StreamOf(name);
  names_.Add(stream.id_, name);
  return stream;
}

std::string Chance::Name(Stream stream) const {
  const std::optional<std::string_view> name = names_.Find(stream.id_);
  NORN_CHECK(name.has_value()) << "a stream of another Chance";
  return std::string(*name);
}

size_t Chance::WeightedPick(Stream stream, const Key& key, std::span<const uint64_t> weights) {
  uint64_t sum = 0;
  for (const uint64_t weight : weights) {
    NORN_CHECK(!__builtin_add_overflow(sum, weight, &sum)) << "the sum of weights passes 2^64";
  }
  NORN_CHECK(sum > 0) << "a pick among " << weights.size() << " weights that are all 0";
  uint64_t left = Below(stream.id_, key, FirstDraw(Kind::kPick), sum);
  size_t index = 0;
  while (left >= weights[index]) left -= weights[index++];
  const auto valid = [&](int64_t value) {
    return static_cast<uint64_t>(value) < weights.size() && weights[value] > 0;
  };
  return static_cast<size_t>(Decide(stream, key, Kind::kPick, static_cast<int64_t>(index), valid));
}

uint64_t Chance::ShuffleWord(Stream stream, const Key& key) {
  const uint64_t drawn = Mix(stream.id_, key, FirstDraw(Kind::kShuffle));
  return static_cast<uint64_t>(
      Decide(stream, key, Kind::kShuffle, static_cast<int64_t>(drawn), Anything));
}

Fixed Chance::Normal(Stream stream, const Key& key) {
  const int64_t drawn = DrawNormal(stream.id_, key, Kind::kNormal);
  return Fixed::FromRaw(Decide(stream, key, Kind::kNormal, drawn, Anything));
}

int64_t Chance::UniformNanos(Stream stream, const Key& key, int64_t lo, int64_t hi) {
  Require(lo <= hi, "its upper end below the lower one", hi);
  const int64_t drawn = DrawBetween(stream.id_, key, Kind::kUniformDuration, lo, hi);
  return Decide(stream, key, Kind::kUniformDuration, drawn, Between{lo, hi});
}

int64_t Chance::NormalDurationNanos(Stream stream, const Key& key, int64_t mean, int64_t sd) {
  Require(mean >= 0, "its mean below 0", mean);
  Require(sd >= 0, "its standard deviation below 0", sd);
  const int64_t drawn = DrawNormalDuration(stream.id_, key, mean, sd);
  return Decide(stream, key, Kind::kNormalDuration, drawn, kAnyNanos);
}

int64_t Chance::LogNormalNanos(Stream stream, const Key& key, int64_t median, Fixed sigma) {
  Require(median >= 0, "its median below 0", median);
  Require(sigma.raw() >= 0, "its sigma below 0", sigma.raw());
  const int64_t drawn = DrawLogNormal(stream.id_, key, median, sigma);
  return Decide(stream, key, Kind::kLogNormal, drawn, kAnyNanos);
}

int64_t Chance::ParetoNanos(Stream stream, const Key& key, int64_t scale, Fixed alpha,
                            int64_t cap) {
  Require(scale >= 0, "its scale below 0", scale);
  Require(scale <= cap, "its cap below the scale", cap);
  Require(alpha > Fixed(), "its alpha not above 0", alpha.raw());
  const int64_t drawn = DrawPareto(stream.id_, key, scale, alpha, cap);
  return Decide(stream, key, Kind::kPareto, drawn, Between{scale, cap});
}

int64_t Chance::JitterNanos(Stream stream, const Key& key, int64_t base, int64_t per_mille) {
  Require(base >= 0, "its base below 0", base);
  Require(0 <= per_mille && per_mille <= 1000, "a jitter outside of 0 to 1000 per mille",
          per_mille);
  const int64_t spread = static_cast<int64_t>(Int128{base} * per_mille / 1000);
  const Between range = {base - spread, Saturate(Int128{base} + spread)};
  const int64_t drawn = DrawBetween(stream.id_, key, Kind::kJitter, range.lo, range.hi);
  return Decide(stream, key, Kind::kJitter, drawn, range);
}

void Chance::Record(bool on) {
  if (ledger_ == nullptr) ledger_ = std::make_unique<Ledger>();
  ledger_->recording = on;
  listening_ = on || !ledger_->overrides.empty();
}

std::vector<Decision> Chance::Decisions() const {
  std::vector<Decision> decisions;
  if (ledger_ == nullptr) return decisions;
  std::map<uint64_t, std::string> names;
  for (const Ledger::Kept& kept : ledger_->kept) {
    std::string& name = names[kept.stream.id_];
    if (name.empty()) name = Name(kept.stream);
    decisions.push_back({name, kept.key, kept.kind, kept.value});
  }
  return decisions;
}

void Chance::Override(std::string_view stream, const Key& key, int64_t value) {
  Override({std::string(stream), key, Kind::kAny, value});
}

void Chance::Override(const Decision& decision) {
  NORN_CHECK(!decision.stream.empty()) << "an override without a stream: " << decision;
  if (ledger_ == nullptr) ledger_ = std::make_unique<Ledger>();
  const Ledger::Address address(StreamOf(decision.stream).id_, decision.key, decision.kind);
  const bool is_new = ledger_->override_at.emplace(address, ledger_->overrides.size()).second;
  NORN_CHECK(is_new) << "overridden twice: " << decision;
  ledger_->overrides.push_back(decision);
  ledger_->used.push_back(false);
  listening_ = true;
}

std::vector<Decision> Chance::UnusedOverrides() const {
  std::vector<Decision> unused;
  if (ledger_ == nullptr) return unused;
  for (size_t i = 0; i < ledger_->overrides.size(); ++i) {
    if (!ledger_->used[i]) unused.push_back(ledger_->overrides[i]);
  }
  return unused;
}

std::optional<int64_t> Chance::Overridden(Stream stream, const Key& key, Kind kind) {
  for (const Kind asked : {kind, Kind::kAny}) {
    const auto found = ledger_->override_at.find({stream.id_, key, asked});
    if (found == ledger_->override_at.end()) continue;
    ledger_->used[found->second] = true;
    return ledger_->overrides[found->second].value;
  }
  return std::nullopt;
}

void Chance::Keep(Stream stream, const Key& key, Kind kind, int64_t value) {
  if (!ledger_->recording) return;
  const auto [answer, is_new] =
      ledger_->answers.emplace(Ledger::Address(stream.id_, key, kind), value);
  NORN_CHECK(answer->second == value)
      << "one key for two things: " << Decision{Name(stream), key, kind, answer->second}
      << ", then asked with other parameters, " << value;
  if (is_new) ledger_->kept.push_back({stream, key, kind, value});
}

void Chance::FailOverride(Stream stream, const Key& key, Kind kind, int64_t value) const {
  NORN_CHECK(false) << "an override out of its draw's range: "
                    << Decision{Name(stream), key, kind, value};
}

}  // namespace norn::sim
