#include "scenarios/account/cluster_account.h"

#include <algorithm>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "scenarios/account/partition_story.h"

namespace norn::scenarios {
namespace {

using Story = PartitionStory;
using Frame = model::WireLog::Frame;
using Talk = model::ClusterLog::Talk;

// What recorders keep of lists that grow with the load.
constexpr size_t kMostAttempts = 400;
constexpr size_t kFirstErrors = 8;
constexpr size_t kFirstAnswers = 10;
constexpr size_t kFirstWrong = 5;
constexpr size_t kFirstLookups = 12;
constexpr size_t kFirstFetches = 40;
// Of more records nobody asks for the times of each by its name.
constexpr ptrdiff_t kMostLabelled = 50;
// An answer may have left its socket's buffer while its broker still slept.
constexpr absl::Duration kBeforeResume = absl::Milliseconds(50);

// Operations after which keys may count their times: "series_ms_after_cut".
constexpr const char* kInstants[] = {"kill",    "leader_kill", "power_loss", "sigterm",
                                     "pause",   "resume",      "cut",        "heal",
                                     "restart", "spawn",       "listening",  "send"};

Value NumberOrNull(int64_t number) { return number < 0 ? Value() : Value(number); }

template <class T>
Value List(const std::vector<T>& items) {
  Value list = Value::Array();
  for (const T& item : items) list.Add(item);
  return list;
}

class PartitionAccount {
 public:
  PartitionAccount(const Report& report, const ClusterScope& scope, size_t partition)
      : story_(report, scope, partition), scope_(scope) {}

  Value Whole() {
    AddSeries();
    AddOutage();
    AddVerdict();
    AddLogs();
    AddAttempts();
    AddOldLeader();
    AddInstants();
    AddRequests();
    AddCatchUp();
    return std::move(account_);
  }

 private:
  template <class Make>
  void Set(std::string_view key, Make make) {
    if (scope_.wanted.empty() || scope_.wanted.contains(std::string(key)))
      account_.Set(key, make());
  }
  // For what costs something to find out.
  bool Wants(std::initializer_list<const char*> keys) const {
    return scope_.wanted.empty() || std::any_of(keys.begin(), keys.end(), [this](const char* key) {
             return scope_.wanted.contains(key);
           });
  }
  double Since(sim::Time from, sim::Time at) const { return Story::Millis(from, at); }
  double Since(sim::Time at) const { return Story::Millis(story_.origin(), at); }
  Value SinceOrNull(const std::optional<sim::Time>& at) const {
    return at.has_value() ? Value(Since(*at)) : Value();
  }
  // For each instant that recordings count from, and the plain key from the account's own origin.
  template <class Make>
  void SetAfterEach(const std::string& name, const std::string& plain, Make make) {
    if (!plain.empty()) Set(plain, [&] { return make(story_.origin()); });
    for (const char* kind : kInstants)
      Set(absl::StrCat(name, "_ms_after_", kind), [&] {
        const auto at = story_.Instant(kind);
        return at.has_value() ? make(*at) : Value();
      });
  }

  Value Series(sim::Time from, bool of_leader) const {
    Value rows = Value::Array();
    for (const auto* sight : story_.Observed()) {
      if (of_leader && sight->broker.value() != story_.old_leader()) continue;
      rows.Add(Value::Array({Since(from, sight->at), sight->broker.value(), Story::Leader(*sight),
                             sight->state.leader_epoch.value(), List(Story::Isr(*sight))}));
    }
    return rows;
  }
  // When each broker told of the new leader.
  Value NewLeader(sim::Time from) const {
    Value by_broker = Value::Object();
    const int32_t leader = story_.NewLeader(from);
    for (const int32_t broker : story_.now().replicas) {
      const auto at = story_.First(from, [&](const Story::Sight& sight) {
        return leader > 0 && sight.broker.value() == broker && Story::Leader(sight) == leader;
      });
      by_broker.Set(absl::StrCat(broker), at ? Value(Since(from, *at)) : Value());
    }
    return by_broker;
  }
  // When the leader told of that ISR first.
  Value IsrIs(sim::Time from, const std::vector<int32_t>& isr) const {
    const auto at = story_.First(from, [&](const Story::Sight& sight) {
      return Story::Leader(sight) == sight.broker.value() && Story::Isr(sight) == isr;
    });
    return at ? Value(Since(from, *at)) : Value();
  }

  void AddSeries() {
    SetAfterEach("series", "series", [&](sim::Time from) { return Series(from, false); });
    SetAfterEach("isr_series", "isr_series", [&](sim::Time from) { return Series(from, true); });
    SetAfterEach("new_leader", "new_leader_ms", [&](sim::Time from) { return NewLeader(from); });
    Set("new_leader_ms_by_broker", [&] { return NewLeader(story_.origin()); });
    const std::vector<int32_t> all = story_.AllReplicas();
    SetAfterEach("isr_full", "isr_full_ms", [&](sim::Time from) { return IsrIs(from, all); });
    for (const char* kind : kInstants)
      Set(absl::StrCat("isr_full_after_", kind, "_ms"), [&] {
        const auto at = story_.Instant(kind);
        return at.has_value() ? IsrIs(*at, all) : Value();
      });
    for (const auto& [name, isr] : story_.SmallIsrs()) {
      const std::vector<int32_t>& members = isr;
      SetAfterEach("isr_" + name, "isr_" + name + "_ms",
                   [&](sim::Time from) { return IsrIs(from, members); });
      Set("offsets_when_isr_" + name, [&] { return OffsetsWhen(members); });
    }
    for (const int32_t broker : story_.now().replicas) {
      const auto leads = [&](sim::Time from) {
        const auto at = story_.First(
            from, [&](const Story::Sight& sight) { return Story::Leader(sight) == broker; });
        return at ? Value(Since(from, *at)) : Value();
      };
      Set(absl::StrCat("leader_", broker, "_ms"), [&] { return leads(story_.origin()); });
      Set(absl::StrCat("leader_", broker, "_ms_after_spawn"), [&] {
        const auto spawned = story_.Spawned(broker);
        return spawned.has_value() ? leads(*spawned) : Value();
      });
    }
  }

  Value OffsetsWhen(const std::vector<int32_t>& isr) const {
    for (const auto* sight : story_.sights()) {
      if (Story::Leader(*sight) != sight->broker.value() || Story::Isr(*sight) != isr) continue;
      return Offsets(Story::Leader(*sight), sight->state.leader_epoch.value(),
                     sight->high_watermark.value(), sight->log_end.value());
    }
    return Value();
  }
  static Value Offsets(int32_t leader, int32_t epoch, int64_t high_watermark, int64_t log_end) {
    Value offsets = Value::Object();
    offsets.Set("leader", leader);
    offsets.Set("epoch", epoch);
    offsets.Set("hw", NumberOrNull(high_watermark));
    offsets.Set("leo", NumberOrNull(log_end));
    return offsets;
  }

  // Acknowledgements around the origin.
  void AddOutage() {
    std::vector<sim::Time> told;
    for (const RecordReport* record : story_.told())
      if (record->report.ok()) told.push_back(record->report.at);
    const sim::Time origin = story_.origin();
    std::optional<sim::Time> before;
    for (const sim::Time at : told)
      if (at < origin) before = at;
    sim::Time begins = origin, ends = origin;
    for (size_t i = 1; i < told.size(); ++i) {
      if (told[i] < origin || told[i] - told[i - 1] <= ends - begins) continue;
      begins = told[i - 1];
      ends = told[i];
    }
    Set("last_ack_before_ms", [&] { return SinceOrNull(before); });
    Set("longest_gap_between_acks_ms", [&] { return Value(Since(begins, ends)); });
    Set("gap_starts_ms", [&] { return Value(Since(begins)); });
    Set("first_ack_after_gap_ms", [&] { return Value(Since(ends)); });
  }

  static Value Ack(const RecordReport& record) {
    const model::DeliveryReport& told = record.report;
    const int64_t none = told.library == model::ClientLibrary::kJava ? -1 : -1001;
    return Value::Array({record.name, Value::TextOrNull(model::ErrorName(told)),
                         Value::TextOrNull(model::Name(told.status)),
                         !told.ok()              ? Value()
                         : told.offset.is_none() ? Value(none)
                                                 : Value(told.offset.value())});
  }

  // What was told and what is stored, laid side by side. The log is that of the first replica.
  void AddVerdict() {
    if (!Wants({"acks", "sent", "acked", "failed", "unreported", "stored", "distinct",
                "replicas_equal", "acked_lost", "acked_lost_n", "dups", "first_occurrence_in_order",
                "acked_offset_wrong", "failed_but_stored", "failed_acks"}))
      return;
    const std::vector<std::string> log = story_.Names(story_.Log(story_.FirstReplica()));
    std::map<std::string, int64_t> count;
    std::map<std::string, size_t> place;
    for (size_t i = 0; i < log.size(); ++i) {
      ++count[log[i]];
      place.emplace(log[i], i);
    }
    int64_t acked = 0;
    Value lost = Value::Array(), wrong = Value::Array(), stored = Value::Array();
    Value failed = Value::Array(), acks = Value::Array();
    for (const RecordReport* record : story_.told()) {
      const model::DeliveryReport& report = record->report;
      acks.Add(Ack(*record));
      if (!report.ok()) {
        if (count.contains(record->name)) stored.Add(record->name);
        failed.Add(Value::Array({record->name, Value::TextOrNull(model::ErrorName(report)),
                                 Value::TextOrNull(model::Name(report.status))}));
        continue;
      }
      ++acked;
      if (!count.contains(record->name)) lost.Add(record->name);
      const int64_t offset = report.offset.is_none() ? -1 : report.offset.value();
      const bool is_there = offset >= 0 && static_cast<size_t>(offset) < log.size() &&
                            log[static_cast<size_t>(offset)] == record->name;
      if (offset >= 0 && !is_there && wrong.size() < kFirstWrong)
        wrong.Add(Value::Array({record->name, offset}));
    }
    bool in_order = true;
    size_t last = 0;
    for (const RecordReport* record : story_.sent()) {
      const auto found = place.find(record->name);
      if (found == place.end()) continue;
      in_order = in_order && found->second >= last;
      last = found->second;
    }
    Value dups = Value::Object();
    for (const auto& [name, times] : count)
      if (times > 1) dups.Set(name, times);
    const auto sent = static_cast<int64_t>(story_.sent().size());
    const auto n_failed = static_cast<int64_t>(failed.size());
    const auto n_lost = static_cast<int64_t>(lost.size());
    Set("acks", [&] { return acks; });
    Set("sent", [&] { return Value(sent); });
    Set("acked", [&] { return Value(acked); });
    Set("failed", [&] { return Value(n_failed); });
    Set("unreported", [&] { return Value(sent - acked - n_failed); });
    Set("stored", [&] { return Value(log.size()); });
    Set("distinct", [&] { return Value(count.size()); });
    Set("replicas_equal", [&] { return Value(story_.ReplicasAreEqual()); });
    Set("acked_lost", [&] { return lost; });
    Set("acked_lost_n", [&] { return Value(n_lost); });
    Set("dups", [&] { return dups; });
    Set("first_occurrence_in_order", [&] { return Value(in_order); });
    Set("acked_offset_wrong", [&] { return wrong; });
    Set("failed_but_stored", [&] { return stored; });
    Set("failed_acks", [&] { return failed; });
  }

  // By replica: what `make` makes of it.
  template <class Make>
  static Value EachLog(const PartitionReport& partition, Make make) {
    Value logs = Value::Object();
    for (const ReplicaReport& replica : partition.logs)
      logs.Set(absl::StrCat(replica.broker), make(replica));
    return logs;
  }
  Value Records(const PartitionReport& partition) const {
    return EachLog(partition, [&](const ReplicaReport& log) { return List(story_.Names(log)); });
  }
  Value Counts(const PartitionReport& partition) const {
    return EachLog(partition,
                   [&](const ReplicaReport& log) { return Value(story_.Names(log).size()); });
  }
  Value LogLine(const ReplicaReport& log) const {
    Value lines = Value::Array();
    for (const ReplicaBatchReport& batch : log.batches)
      for (size_t i = 0; i < batch.ids.size(); ++i)
        lines.Add(Value::Array({batch.base_offset + static_cast<int64_t>(i),
                                story_.NameOf(batch.ids[i]), batch.leader_epoch}));
    return lines;
  }
  static void Describe(const PartitionReport& partition, Value* into) {
    into->Set("leader", partition.leader);
    into->Set("epoch", partition.leader_epoch);
    into->Set("isr", List(partition.isr));
    into->Set("elr", List(partition.elr));
    into->Set("last_known_elr", List(partition.last_known_leader));
    into->Set("offline", List(partition.offline));
  }

  void AddLogs() {
    const PartitionReport& now = story_.now();
    const ReplicaReport& leader = story_.Log(now.leader);
    Set("logs",
        [&] { return EachLog(now, [&](const ReplicaReport& log) { return LogLine(log); }); });
    Set("log", [&] {
      Value batches = Value::Array();
      for (const ReplicaBatchReport& batch : story_.Log(story_.FirstReplica()).batches)
        batches.Add(
            Value::Array({batch.base_offset, batch.ids.empty() ? "" : story_.NameOf(batch.ids[0]),
                          batch.leader_epoch, batch.producer_epoch, batch.base_sequence}));
      return batches;
    });
    Set("leader_log", [&] { return LogLine(leader); });
    Set("records", [&] { return Records(now); });
    Set("records_in_logs", [&] { return Counts(now); });
    Set("epochs", [&] {
      return EachLog(now, [](const ReplicaReport& log) {
        Value epochs = Value::Array();
        for (const auto& entry : log.epochs) epochs.Add(Value::Array({entry.epoch, entry.start}));
        return epochs;
      });
    });
    const auto offsets = [&] {
      return Offsets(now.leader, now.leader_epoch, now.high_watermark, now.log_end);
    };
    for (const char* key : {"offsets", "leader_offsets", "leaders_after"}) Set(key, offsets);
    Set("describe", [&] {
      Value described = Value::Object();
      Describe(now, &described);
      described.Set("replicas", List(now.replicas));
      described.Set("error", 0);
      return described;
    });
    Set("steps", [&] {
      Value steps = Value::Array();
      for (const auto& [mark, partition] : story_.Marks()) {
        Value step = Value::Object();
        step.Set("step", mark->label);
        step.Set("ms", Since(mark->at));
        Describe(*partition, &step);
        step.Set("records", Records(*partition));
        steps.Add(std::move(step));
      }
      return steps;
    });
    for (const char* kind : kInstants) {
      const PartitionReport* then = story_.At(kind);
      Set(absl::StrCat("logs_at_", kind), [&] { return then ? Records(*then) : Value(); });
      Set(absl::StrCat("records_in_logs_at_", kind),
          [&] { return then ? Counts(*then) : Value(); });
    }
    int64_t bytes = 0, largest = 0;
    for (const ReplicaBatchReport& batch : leader.batches) {
      bytes += batch.size;
      largest = std::max(largest, batch.size);
    }
    Set("batches", [&] { return Value(leader.batches.size()); });
    Set("largest_batch", [&] { return Value(largest); });
    Set("log_bytes", [&] { return Value(bytes); });
  }

  static Value Answers(const Frame& frame) {
    Value answers = Value::Array();
    for (const auto& answer : frame.answers)
      answers.Add(Value::Array({static_cast<int>(answer.error),
                                answer.base_offset.is_none() ? -1 : answer.base_offset.value()}));
    return answers;
  }
  static Value Batches(const Frame& frame) {
    Value batches = Value::Array();
    for (const auto& batch : frame.batches)
      batches.Add(
          Value::Array({batch.records, batch.epoch.is_none() ? -1 : int{batch.epoch.value()},
                        batch.sequence.is_none() ? -1 : batch.sequence.value()}));
    return batches;
  }
  Value Attempts(sim::Time from, bool all = true) const {
    std::map<uint64_t, size_t> connections;
    std::vector<Value> rows;
    for (const Frame* frame : story_.produce()) {
      const size_t connection =
          connections.emplace(frame->connection, connections.size() + 1).first->second;
      if (!all && frame->at < from) continue;
      Value row = Value::Array({Since(from, frame->at), frame->is_request ? "->" : "<-",
                                frame->broker.value(), connection,
                                frame->is_request ? Batches(*frame) : Answers(*frame)});
      if (!frame->act.empty()) row.Add(frame->act);
      rows.push_back(std::move(row));
    }
    if (rows.size() > kMostAttempts) {
      const auto half = static_cast<ptrdiff_t>(kMostAttempts / 2);
      const size_t left_out = rows.size() - kMostAttempts;
      rows.erase(rows.begin() + half, rows.end() - half);
      rows.insert(rows.begin() + half, Value::Array({"..", left_out}));
    }
    return Value::Array(std::move(rows));
  }
  Value AckTimes(sim::Time from) const {
    Value times = Value::Array();
    for (const RecordReport* record : story_.told()) times.Add(Since(from, record->report.at));
    return times;
  }

  void AddAttempts() {
    SetAfterEach("attempts", "attempts", [&](sim::Time from) { return Attempts(from); });
    Set("attempts_since", [&] { return Attempts(story_.origin(), /*all=*/false); });
    SetAfterEach("ack", "ack_ms", [&](sim::Time from) { return AckTimes(from); });
    std::map<std::string, int64_t> errors;
    Value first = Value::Array();
    for (const Frame* frame : story_.produce()) {
      for (const auto& answer : frame->answers) {
        if (answer.error == model::Error::kNone) continue;
        const int code = static_cast<int>(answer.error);
        ++errors[absl::StrCat(frame->broker.value(), ":", code)];
        first.Add(Value::Array({Since(frame->at), frame->broker.value(), code,
                                answer.names_leader ? Value(true) : Value()}));
      }
    }
    Set("errs", [&] {
      Value counts = Value::Object();
      for (const auto& [name, count] : errors) counts.Set(name, count);
      return counts;
    });
    if (first.size() > kFirstErrors) first.items().resize(kFirstErrors);
    Set("errors_first_ms", [&] { return first; });
    Set("metadata_asked", [&] {
      Value asked = Value::Array();
      for (const Frame* frame : story_.lookups())
        if (frame->at > story_.origin() && asked.size() < kFirstLookups)
          asked.Add(Value::Array({Since(frame->at), frame->broker.value()}));
      return asked;
    });
  }

  // What whoever led at the origin still answered.
  void AddOldLeader() {
    const auto elected = story_.First(story_.origin(), [&](const Story::Sight& sight) {
      return Story::Leader(sight) == story_.NewLeader(story_.origin()) &&
             Story::Leader(sight) == sight.broker.value();
    });
    const auto resumed = story_.Instant("resume");
    Value acks = Value::Array(), errors = Value::Array(), answers = Value::Array();
    for (const Frame* frame : story_.produce()) {
      if (frame->is_request || frame->broker.value() != story_.old_leader()) continue;
      bool failed = false;
      for (const auto& answer : frame->answers) {
        if (answer.error == model::Error::kNone) continue;
        failed = true;
        if (frame->at > story_.origin() && errors.size() < kFirstErrors)
          errors.Add(Value::Array({Since(frame->at), static_cast<int>(answer.error),
                                   answer.names_leader ? Value(true) : Value()}));
      }
      if (!failed && elected.has_value() && frame->at > *elected) acks.Add(Since(frame->at));
      if (resumed.has_value() && frame->at >= *resumed - kBeforeResume &&
          answers.size() < kFirstAnswers)
        answers.Add(Value::Array(
            {Since(*resumed, frame->at), Answers(*frame), Value::TextOrNull(frame->act)}));
    }
    Set("old_leader_acks_after_new_leader", [&] {
      Value after = Value::Object();
      after.Set("n", acks.size());
      after.Set("first_ms", acks.size() == 0 ? Value::Array() : acks.items().front());
      after.Set("last_ms", acks.size() == 0 ? Value::Array() : acks.items().back());
      return after;
    });
    Set("old_leader_errors", [&] { return errors; });
    Set("old_leader_answers_ms_after_resume", [&] { return answers; });
  }

  // When what was done was done.
  void AddInstants() {
    for (const char* kind : kInstants) {
      Set(absl::StrCat(kind, "_ms"), [&] { return SinceOrNull(story_.Instant(kind)); });
      Set(absl::StrCat("last_heartbeat_before_", kind, "_ms"), [&] {
        const OperationReport* done = story_.Operation(kind);
        return done == nullptr ? Value() : LastTalk(Talk::Kind::kHeartbeat, done->broker, *done);
      });
      Set(absl::StrCat("last_fetch_before_", kind, "_ms"), [&] {
        const OperationReport* done = story_.Operation(kind);
        if (done == nullptr) return Value();
        Value fetches = Value::Object();
        for (const int32_t broker : story_.now().replicas)
          if (broker != story_.old_leader())
            fetches.Set(absl::StrCat(broker), LastTalk(Talk::Kind::kFetch, broker, *done));
        return fetches;
      });
    }
    Set("mark_ms", [&] {
      Value marks = Value::Object();
      for (const auto& [mark, partition] : story_.Marks()) marks.Set(mark->label, Since(mark->at));
      return marks;
    });
    Set("process_gone_ms", [&] { return SinceOrNull(story_.Gone()); });
    const auto labelled =
        std::count_if(story_.sent().begin(), story_.sent().end(),
                      [](const RecordReport* record) { return !record->label.empty(); });
    for (const RecordReport* record : story_.sent()) {
      if (record->label.empty() || labelled > kMostLabelled) continue;
      Set(record->name + "_sent_ms", [&] { return Value(Since(record->sent)); });
      const bool told = record->report.outcome != model::Outcome::kPending;
      Set(record->name + "_acked_ms",
          [&] { return told ? Value(Since(record->report.at)) : Value(); });
      for (const int32_t broker : story_.now().replicas)
        Set(absl::StrCat(record->name, "_acked_ms_after_", broker, "_spawned"), [&] {
          const auto spawned = story_.Spawned(broker);
          return told && spawned ? Value(Since(*spawned, record->report.at)) : Value();
        });
    }
  }
  Value LastTalk(Talk::Kind kind, int32_t broker, const OperationReport& before) const {
    Value last;
    for (const Talk& talk : story_.report().talks)
      if (talk.kind == kind && talk.is_request && talk.from.value() == broker &&
          talk.at <= before.at)
        last = Since(before.at, talk.at);
    return last;
  }

  // Requests since the mark, counted from the first.
  void AddRequests() {
    Value records = Value::Array(), asked = Value::Array(), answered = Value::Array();
    Value gaps = Value::Array();
    std::optional<sim::Time> first, last;
    for (const Frame* frame : story_.produce()) {
      if (frame->at < scope_.begin.at) continue;
      if (!frame->is_request) {
        if (!first.has_value()) continue;
        answered.Add(Since(*first, frame->at));
        if (last.has_value()) gaps.Add(Since(*last, frame->at));
        last = frame->at;
        continue;
      }
      if (!first.has_value()) first = frame->at;
      int64_t count = 0;
      for (const auto& batch : frame->batches) count += batch.records;
      records.Add(count);
      asked.Add(Since(*first, frame->at));
    }
    int64_t ok = 0;
    for (const RecordReport* record : story_.told())
      if (record->report.ok() && record->sent >= scope_.begin.at) ++ok;
    const bool any = answered.size() > 0;
    Set("requests", [&] { return Value(records.size()); });
    Set("records_per_request", [&] { return records; });
    Set("request_ms", [&] { return asked; });
    Set("answer_ms", [&] { return answered; });
    Set("answer_gaps_ms", [&] { return gaps; });
    Set("first_answer_ms", [&] { return any ? answered.items().front() : Value(); });
    Set("last_answer_ms", [&] { return any ? answered.items().back() : Value(); });
    Set("acks_ok", [&] { return Value(ok); });
  }

  // What the broker that was started last fetched of the leader.
  void AddCatchUp() {
    const OperationReport* restarted = story_.Operation("restart", /*last=*/true);
    const PartitionReport* then = restarted == nullptr ? nullptr : story_.At(*restarted);
    Value rows = Value::Array(), sizes = Value::Array(), alter = Value::Array(), max_bytes;
    std::optional<sim::Time> first, at_end;
    for (const Talk& talk : story_.report().talks) {
      if (restarted == nullptr || talk.at < restarted->at) continue;
      if (talk.kind == Talk::Kind::kAlterPartition && talk.from.value() == story_.now().leader)
        alter.Add(Value::Array({Since(talk.at), talk.is_request ? "req" : "resp"}));
      if (talk.kind != Talk::Kind::kFetch || talk.from.value() != restarted->broker) continue;
      for (const Talk::Part& part : talk.parts) {
        if (!story_.IsOf(part.topic, part.partition)) continue;
        if (talk.is_request) {
          rows.Add(Value::Array({Since(talk.at), "->", part.offset.value(), talk.max_bytes}));
          if (max_bytes.is_null()) max_bytes = talk.max_bytes;
          if (!first.has_value()) first = talk.at;
          if (!at_end.has_value() && then != nullptr && part.offset.value() >= then->high_watermark)
            at_end = talk.at;
        } else {
          rows.Add(Value::Array({Since(talk.at), "<-", part.bytes, part.high_watermark.value()}));
          if (part.bytes > 0) sizes.Add(part.bytes);
        }
      }
    }
    if (rows.size() > kFirstFetches) rows.items().resize(kFirstFetches);
    Set("rows", [&] { return rows; });
    Set("bytes_each", [&] { return sizes; });
    Set("fetch_responses_with_data", [&] { return Value(sizes.size()); });
    Set("max_bytes_field", [&] { return max_bytes; });
    Set("first_fetch_ms", [&] { return SinceOrNull(first); });
    Set("fetch_at_hw_ms", [&] { return SinceOrNull(at_end); });
    Set("alter_partition_ms", [&] { return alter; });
  }

  const PartitionStory story_;
  const ClusterScope& scope_;
  Value account_ = Value::Object();
};

}  // namespace

Value ClusterAccountOf(const Report& report, const ClusterScope& scope) {
  if (report.snapshots.empty()) return Value::Object();
  const std::vector<PartitionReport>& partitions = report.snapshots.back().partitions;
  if (partitions.size() == 1) return PartitionAccount(report, scope, 0).Whole();
  Value account = Value::Object();
  for (size_t i = 0; i < partitions.size(); ++i)
    account.Set(absl::StrCat(partitions[i].topic, "-", partitions[i].partition),
                PartitionAccount(report, scope, i).Whole());
  return account;
}

}  // namespace norn::scenarios
