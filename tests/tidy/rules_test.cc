// Each rule fires on the mistake as people write it, and is silent on what they should write
// instead.
#include "tests/tidy/rules.h"

#include <algorithm>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace norn::tidy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> RulesBroken(const std::string& text,
                                     const std::string& path = "sim/x.cc") {
  std::vector<std::string> rules;
  for (const Finding& finding : Check({path, text})) rules.push_back(finding.rule);
  return rules;
}

struct Pair {
  std::string rule;
  std::string bad;
  std::string good;
  std::string path = "sim/x.cc";
};

void PrintTo(const Pair& pair, std::ostream* os) { *os << pair.rule << ": " << pair.bad; }

const std::vector<Pair>& Pairs() {
  static const auto& pairs = *new std::vector<Pair>{
      {"wall-clock", "auto t = absl::Now();", "auto t = sim.Now();"},
      {"wall-clock", "auto t = std::chrono::steady_clock::now();", "Time t = sim->Now();"},
      {"wall-clock", "seed = time(nullptr);", "seed = message.time(nothing);"},
      {"wall-clock", "x = ::time(&y);", "x = Message::time(&y);"},
      {"wall-clock", "#include <chrono>", "#include \"sim/time.h\""},
      {"salted-hash", "size_t h = absl::HashOf(name);", "uint64_t h = StableHash(name);"},
      {"salted-hash", "std::hash<std::string>{}(s);", "// std::hash would differ\nF(s);"},
      {"foreign-chance", "absl::BitGen gen;", "Stream gen = sim.StreamNamed(name);"},
      {"foreign-chance", "std::uniform_int_distribution<int> d(0, 9);",
       "std::string d = \"uniform_int_distribution\";"},
      {"foreign-chance", "std::shuffle(v.begin(), v.end(), g);", "stream.Shuffle(key, v);"},
      {"libm", "double y = std::exp(x);", "double y = std::sqrt(x);", "model/x.cc"},
      {"thread", "std::thread worker(f);", "Task<> worker = F();", "scenarios/x.cc"},
      {"thread-local", "thread_local int depth = 0;", "int depth_ = 0;"},
      {"thread-local", "thread_local int depth = 0;", "int depth_ = 0;", "tests/sim/x_test.cc"},
      {"outside-world", "std::ifstream in(path);", "void Parse(std::string_view text);",
       "model/x.cc"},
      {"hash-container", "#include \"absl/container/flat_hash_map.h\"",
       "#include \"absl/container/flat_hash_map.h\"  // lookup only: by name, at start-up"},
      {"hash-container", "#include <unordered_map>", "#include <map>"},
      {"hash-iteration", "std::unordered_map<int, std::pair<int, int>> m; for (auto& e : m) F(e);",
       "std::map<int, int> m; for (auto& e : m) F(e);"},
      {"hash-iteration",
       "using Index = absl::flat_hash_map<int, int>; Index index_; for (auto& [k, v] : "
       "this->index_) F(k);",
       "using Index = absl::flat_hash_map<int, int>; Index index_; F(index_.find(k) == "
       "index_.end());"},
      {"hash-iteration", "absl::flat_hash_set<int> s; auto first = s.begin();",
       "absl::flat_hash_set<int> s; for (int k : keys) F(s.contains(k));"},
      {"pointer-key", "std::map<Node*, int> load;", "std::map<NodeId, Node*> nodes;"},
      {"pointer-key", "absl::btree_set<const Node* const> s;", "std::vector<const Node*> v;"},
      {"pointer-key", "std::set<std::unique_ptr<Node>> s;",
       "std::map<int, std::unique_ptr<Node>> s;"},
      {"one-choice", "F(a.Uniform(k, 1), b.Uniform(k, 2));",
       "auto x = a.Uniform(k, 1); F(x, b.Uniform(k, 2));"},
      {"one-choice", "int x = a.Draw(s, 1) + a.Draw(s, 2);",
       "int x = a.Draw(s, 1), y = a.Draw(s, 2);"},
      {"one-choice", "Pair p{a.Draw(s, 1), a.Draw(s, 2)};",
       "if (a.Draw(s, 1) < 2) return a.Draw(s, 2);"},
      {"one-choice", "F(Pair{1, a.Draw(s, 1)}, a.Draw(s, 2));",
       "x = first ? a.Draw(s, 1) : a.Draw(s, 2);"},
      {"one-choice", "F(sim.After(d, f), sim.After(d, g));",
       "sim.After(d, [&] { sim.After(d, g); sim.After(d, h); });"},
      {"one-choice", "F(sim.At(t, f), sim.At(t, g));", "F(slots.At(1), slots.At(2));"},
      {"one-choice", "F(co_await a, co_await b);", "auto x = co_await a; F(x, co_await b);"},
      {"one-choice", "F([&] { return 1; }, a.Draw(s, 1), a.Draw(s, 2));",
       "uint64_t Stream::Draw(Key key) { return Draw(key, 0); } uint64_t Stream::Draw(Key key, int "
       "n) { return n; }"},
      {"one-choice", "for (int i = a.Draw(s, 1) + a.Draw(s, 2); i < 9; ++i) F();",
       "for (int i = a.Draw(s, 1); i < a.Draw(s, 2); ++i) sim.After(d, f);"},
      {"await-brace", "co_await Call({.topic = \"t\"});",
       "Request request{.topic = \"t\"}; co_await Call(request);"},
      {"await-brace", "auto r = co_await Call(Request{1});",
       "if (co_await Call(Request(1))) { F(); }"},
      {"await-brace", "F(co_await Call(1, Request{}));", "F(co_await Call(1), Request{});",
       "tests/sim/x_test.cc"},
      {"await-brace", "x = co_await F([&] { return 1; });",
       "auto operator co_await() const { return A{}; }"},
      {"coroutine-lambda", "Spawn([&]() -> Task<> { co_await Sleep(d); }());",
       "Spawn([](Simulation* sim) -> Task<> { co_await Sleep(sim, d); }(&sim));",
       "tests/sim/x_test.cc"},
      {"coroutine-lambda",
       "auto f = [this](int n) mutable -> Task<int> { if (n) { co_return 1; } };",
       "auto f = [this] { return [](int n) -> Task<int> { co_return n; }(1); };"},
      {"include-arrow", "#include \"model/broker.h\"", "#include \"sim/node.h\""},
      {"include-arrow", "#include \"scenarios/run.h\"", "#include \"sim/node.h\"", "model/x.cc"},
      {"include-arrow", "#include \"tests/support/matchers.h\"", "#include \"model/cluster.h\"",
       "bench/x.cc"},
      {"include-arrow", "#include \"bench/hold.h\"", "#include \"tests/support/matchers.h\"",
       "tests/x_test.cc"},
  };
  return pairs;
}

class EachRule : public testing::TestWithParam<Pair> {};

TEST_P(EachRule, FiresOnTheMistake) {
  EXPECT_THAT(RulesBroken(GetParam().bad, GetParam().path), ElementsAre(GetParam().rule))
      << GetParam().bad;
}

TEST_P(EachRule, IsSilentOnTheWayOut) {
  EXPECT_THAT(RulesBroken(GetParam().good, GetParam().path), IsEmpty()) << GetParam().good;
}

TEST_P(EachRule, CanBeExcused) {
  // A comment excuses its own line, or the next one if it stands alone.
  const std::string excuse = "// norn-tidy: allow(" + GetParam().rule + ") the test wants it";
  EXPECT_THAT(RulesBroken(GetParam().bad + "  " + excuse, GetParam().path), IsEmpty());
  EXPECT_THAT(RulesBroken(excuse + "\n" + GetParam().bad, GetParam().path), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Rules, EachRule, testing::ValuesIn(Pairs()));

TEST(Rules, AreAllTried) {
  std::set<std::string> tried;
  for (const Pair& pair : Pairs()) tried.insert(pair.rule);
  for (const std::string& rule : RuleNames()) EXPECT_TRUE(tried.contains(rule)) << rule;
}

TEST(Rules, LeaveTheOtherRoomsTheirClock) {
  EXPECT_THAT(RulesBroken("auto t = absl::Now();", "bench/x.cc"), IsEmpty());
  EXPECT_THAT(RulesBroken("auto t = absl::Now();", "tests/x_test.cc"), IsEmpty());
}

TEST(Rules, SeeMembersDeclaredInTheHeader) {
  const File file = {"sim/x.cc", "void X::F() { for (auto& e : seen_) G(e); }",
                     "class X { absl::flat_hash_set<int> seen_; };"};
  ASSERT_EQ(Check(file).size(), 1u);
  EXPECT_EQ(Check(file)[0].rule, "hash-iteration");
}

TEST(Rules, SayWhereAndWhyAndWhatInstead) {
  const std::vector<Finding> findings =
      Check({"sim/x.cc", "int a;\nint b;\nauto t = absl::Now();\n"});
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_THAT(findings[0].ToString(), HasSubstr("sim/x.cc:3: absl::Now"));
  EXPECT_THAT(findings[0].ToString(), HasSubstr("two runs of one seed differ"));
  EXPECT_THAT(findings[0].ToString(), HasSubstr("sim.Now()"));
  EXPECT_THAT(findings[0].ToString(), HasSubstr("norn-tidy: allow(wall-clock)"));
}

TEST(Rules, DoNotReadCommentsAndStrings) {
  EXPECT_THAT(
      RulesBroken(
          "// absl::Now()\n/* absl::Now()\nabsl::Now() */ F(\"absl::Now() \\\" absl::Now()\");\n"
          "G(R\"x(absl::Now() \" )x\", 'a', '\"', 1'000'000);"),
      IsEmpty());
  EXPECT_THAT(RulesBroken("F(1'000, \"\\\\\", '\\'', absl::Now());"), ElementsAre("wall-clock"));
}

TEST(Excuses, NeedAReasonARuleAndAMistake) {
  EXPECT_THAT(RulesBroken("absl::Now();  // norn-tidy: allow(wall-clock)"),
              ElementsAre("wall-clock", "excuse"));
  EXPECT_THAT(RulesBroken("absl::Now();  // norn-tidy: allow(wall-cluck) why not"),
              ElementsAre("wall-clock", "excuse"));
  EXPECT_THAT(RulesBroken("sim.Now();  // norn-tidy: allow(wall-clock) once it was"),
              ElementsAre("excuse"));
}

TEST(Excuses, MaySpellTheRuleWithUnderscores) {
  EXPECT_THAT(RulesBroken("thread_local int x;  // norn-tidy: allow(thread_local) why not"),
              IsEmpty());
}

TEST(Excuses, CoverOneLine) {
  EXPECT_THAT(RulesBroken("absl::Now();  // norn-tidy: allow(wall-clock) why not\nabsl::Now();"),
              ElementsAre("wall-clock"));
}

}  // namespace
}  // namespace norn::tidy
