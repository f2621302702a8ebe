#include "scenarios/account/account.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "scenarios/account/cluster_account.h"

namespace norn::scenarios {
namespace {

using Frame = model::WireLog::Frame;
using Batch = model::WireLog::Batch;

double Millis(sim::Time from, sim::Time to) {
  return static_cast<double>((to.nanos() - from.nanos()) / 1000) / 1000;
}

// A value as it was given: without what fills it up.
std::string_view Word(std::string_view value) {
  while (!value.empty() && value.back() == '.') value.remove_suffix(1);
  return value;
}

// The parts of a run that an account is about: of each list, from where to where; and of which
// client.
struct Part {
  MarkReport begin;
  MarkReport end;
  std::string client;  // empty: all
};

template <class T>
std::vector<const T*> Slice(const std::vector<T>& all, size_t begin, size_t end) {
  std::vector<const T*> some;
  for (size_t i = begin; i < std::min(end, all.size()); ++i) some.push_back(&all[i]);
  return some;
}

class Accountant {
 public:
  Accountant(const Report& report, const Part& part) : report_(report), part_(part) {
    for (const Frame* frame : Slice(report.frames, part.begin.frames, part.end.frames)) {
      if (!Mine(frame->client)) continue;
      frames_.push_back(frame);
      if (frame->api != model::Api::kProduce) continue;
      (frame->is_request ? requests_ : answers_).push_back(frame);
    }
    for (const RecordReport* record : Slice(report.records, part.begin.records, part.end.records))
      if (Mine(record->client)) sends_.push_back(record);
    for (const model::RecordId* id : Slice(report.told, part.begin.told, part.end.told)) {
      const RecordReport& record = report.records[static_cast<size_t>(id->value())];
      // What the call itself refused has no report of its own.
      if (Mine(record.client) && !record.report.refused) told_.push_back(&record);
    }
    for (const FlushReport* flush : Slice(report.flushes, part.begin.flushes, part.end.flushes))
      if (Mine(flush->client)) flushes_.push_back(flush);
    for (const ReadReport* read : Slice(report.reads, part.begin.reads, part.end.reads))
      if (Mine(read->client)) reads_.push_back(read);
  }

  Value Whole() {
    facts_ = Value::Object();
    ranges_ = Value::Object();
    AddRequests();
    AddFrames();
    AddReports();
    AddSends();
    AddCalls();
    AddStored();
    AddRead();
    AddLatencies();
    Value whole = Value::Object();
    whole.Set("facts", std::move(facts_));
    whole.Set("ranges", std::move(ranges_));
    return whole;
  }

 private:
  bool Mine(std::string_view client) const {
    return part_.client.empty() || part_.client == client;
  }
  void Fact(std::string_view key, Value value) { facts_.Set(key, std::move(value)); }
  void Range(std::string_view key, Value value) { ranges_.Set(key, std::move(value)); }
  double Since(sim::Time at) const { return Millis(part_.begin.at, at); }

  static Value BatchFact(int64_t connection, const Batch& batch, std::string_view act) {
    Value fact = Value::Object();
    fact.Set("conn", connection);
    fact.Set("p", batch.partition.value());
    fact.Set("n", batch.records);
    fact.Set("seq", batch.sequence.is_none() ? -1 : batch.sequence.value());
    fact.Set("epoch", batch.epoch.is_none() ? -1 : static_cast<int>(batch.epoch.value()));
    fact.Set("bytes", batch.bytes);
    fact.Set("act", Value::TextOrNull(act));
    return fact;
  }

  static Value Gaps(const std::vector<const Frame*>& frames) {
    Value gaps = Value::Array();
    for (size_t i = 1; i < frames.size(); ++i) gaps.Add(Millis(frames[i - 1]->at, frames[i]->at));
    return gaps;
  }

  // What was asked of brokers to store, and what they answered.
  void AddRequests() {
    std::map<uint64_t, int64_t> connections;
    Value requests = Value::Array(), batches = Value::Array(), batch_bytes = Value::Array();
    Value request_bytes = Value::Array(), by_broker = Value::Array(), sent_at = Value::Array();
    Value sent_after = Value::Array();
    int64_t records = 0;
    int64_t bytes = 0;
    for (const Frame* frame : requests_) {
      const int64_t next = static_cast<int64_t>(connections.size()) + 1;
      const int64_t connection = connections.emplace(frame->connection, next).first->second;
      Value partitions = Value::Array();
      int64_t in_frame = 0;
      for (const Batch& batch : frame->batches) {
        requests.Add(BatchFact(connection, batch, frame->act));
        batches.Add(Value::Array({batch.records, batch.bytes}));
        batch_bytes.Add(batch.bytes);
        partitions.Add(batch.partition.value());
        in_frame += batch.records;
      }
      std::sort(partitions.items().begin(), partitions.items().end());
      by_broker.Add(Value::Array({frame->broker.value(), std::move(partitions), in_frame}));
      request_bytes.Add(frame->bytes);
      sent_at.Add(Since(frame->at));
      if (!sends_.empty()) sent_after.Add(Millis(sends_.front()->returned, frame->at));
      records += in_frame;
      bytes += frame->bytes;
    }
    Value answers = Value::Array(), codes = Value::Array(), throttles = Value::Array();
    std::set<int> seen;
    for (const Frame* frame : answers_) {
      if (frame->throttle_ms > 0) throttles.Add(frame->throttle_ms);
      for (const model::WireLog::Answer& answer : frame->answers) {
        const int code = static_cast<int>(answer.error);
        const int64_t offset = answer.base_offset.is_none() ? -1 : answer.base_offset.value();
        answers.Add(Value::Array({code, offset}));
        seen.insert(code);
      }
    }
    for (const int code : seen) codes.Add(code);

    const auto n_requests = static_cast<int64_t>(requests_.size());
    Range("requests_range", n_requests);
    Range("batches_range", static_cast<int64_t>(batches.size()));
    Range("bytes_range", bytes);
    Range("mean_records_per_request_range",
          n_requests == 0 ? Value() : Value(static_cast<double>(records * 100 / n_requests) / 100));
    Range("first_request_range", batches.size() == 0 ? Value() : batches.items()[0]);
    Range("sent_at_ms", std::move(sent_at));
    Range("sent_after_ms", std::move(sent_after));
    Range("gaps_ms", Gaps(requests_));
    Range("retry_gap_ms", Gaps(requests_));
    Range("n_throttled_range", static_cast<int64_t>(throttles.size()));
    Range("throttles_ms", std::move(throttles));
    Fact("requests", std::move(requests));
    Fact("requests_by_broker", std::move(by_broker));
    Fact("n_requests", n_requests);
    Fact("batches", std::move(batches));
    Fact("batch_bytes", std::move(batch_bytes));
    Fact("request_bytes", std::move(request_bytes));
    Fact("answers", std::move(answers));
    Fact("answer_codes", std::move(codes));
    Fact("n_responses", static_cast<int64_t>(answers_.size()));
    Fact("in_flight_when_reset", InFlightAtReset());
  }

  // Produce requests without an answer when connections were first reset from outside.
  Value InFlightAtReset() const {
    if (report_.first_reset == sim::Time::Max()) return Value();
    std::map<std::pair<uint64_t, int32_t>, bool> open;
    for (const Frame* frame : frames_) {
      if (frame->api != model::Api::kProduce || frame->at > report_.first_reset) continue;
      const std::pair<uint64_t, int32_t> key(frame->connection, frame->correlation.value());
      if (frame->is_request) {
        open[key] = true;
      } else if (frame->act.empty() || frame->act == "delay") {
        open[key] = false;
      }
    }
    return static_cast<int64_t>(
        std::count_if(open.begin(), open.end(), [](const auto& one) { return one.second; }));
  }

  // All that went over the wires, connection by connection.
  void AddFrames() {
    std::vector<std::pair<uint64_t, Value>> connections;
    std::set<std::string> apis;
    int64_t metadata = 0;
    for (const Frame* frame : frames_) {
      auto found = std::find_if(connections.begin(), connections.end(),
                                [&](const auto& one) { return one.first == frame->connection; });
      if (found == connections.end())
        found = connections.insert(found, {frame->connection, Value::Array()});
      const std::string name(model::wire::Name(frame->api));
      found->second.Add(
          Value::Array({name, frame->version, frame->is_request ? "->" : "<-", frame->bytes}));
      if (!frame->is_request) continue;
      if (frame->api == model::Api::kMetadata) ++metadata;
      // What every client does before it does what it is for.
      const bool usual =
          frame->api == model::Api::kApiVersions || frame->api == model::Api::kMetadata ||
          frame->api == model::Api::kInitProducerId || frame->api == model::Api::kProduce;
      if (!usual) apis.insert(name);
    }
    Value all = Value::Array(), names = Value::Array(), connects = Value::Array();
    for (auto& [id, frames] : connections) all.Add(std::move(frames));
    for (const std::string& name : apis) names.Add(name);
    for (const auto* connect : Slice(report_.connects, part_.begin.connects, part_.end.connects))
      if (connect->taken && Mine(connect->client)) connects.Add(Since(connect->at));
    Fact("connections", std::move(all));
    Fact("apis", std::move(names));
    Range("connects_at_ms", std::move(connects));
    Range("metadata_requests_range", metadata);
  }

  static std::string_view ErrorOf(const RecordReport& record) {
    return model::ErrorName(record.report);
  }
  // What recordings call a record: its label, or its number among its client's.
  static Value LabelOf(const RecordReport& record) {
    return record.label.empty() ? Value(record.number) : Value(Word(record.label));
  }
  static Value AckOf(Value label, const RecordReport& record) {
    const model::DeliveryReport& told = record.report;
    // The clients' own "no offset".
    const int64_t none = told.library == model::ClientLibrary::kJava ? -1 : -1001;
    const Value offset = !told.ok()              ? Value()
                         : told.offset.is_none() ? Value(none)
                                                 : Value(told.offset.value());
    return Value::Array({std::move(label), Value::TextOrNull(ErrorOf(record)),
                         Value::TextOrNull(model::Name(told.status)), offset});
  }

  void AddReports() {
    Value acks = Value::Array(), numbered = Value::Array(), by_error = Value::Object();
    Value after = Value::Array(), after_send = Value::Array(), errors = Value::Array();
    std::map<std::string, int64_t> counts;
    for (const RecordReport* record : told_) {
      acks.Add(AckOf(LabelOf(*record), *record));
      numbered.Add(AckOf(record->number, *record));
      const std::string_view error = ErrorOf(*record);
      ++counts[error.empty() ? "None" : std::string(error)];
      after.Add(Since(record->report.at));
      after_send.Add(Millis(std::min(record->returned, record->report.at), record->report.at));
    }
    for (const auto& [error, count] : counts) by_error.Set(error, count);
    Fact("acks", std::move(acks));
    Fact("ack", std::move(numbered));
    Fact("acks_by_error", std::move(by_error));
    Fact("msg", told_.empty() ? Value() : Value::TextOrNull(told_.back()->report.message));
    if (!told_.empty()) Range("ack_after_ms", Since(told_.back()->report.at));
    if (told_.empty()) Range("ack_after_ms", Value());
    Range("reported_after_ms", std::move(after));
    Range("ack_after_send_ms", std::move(after_send));
    Range("total_ms", told_.empty() ? Value() : Value(Since(told_.back()->report.at)));
    AddPurge();
  }

  // Reports that came by the first mark after a purge, and those that came after it.
  void AddPurge() {
    Value at = Value::Array(), later = Value::Array();
    size_t told = 0;
    for (const RecordReport* record : told_) {
      Value ack = AckOf(LabelOf(*record), *record);
      ack.items().pop_back();
      (told++ < report_.told_at_purge.value_or(0) ? at : later).Add(std::move(ack));
    }
    Fact("reports_at_purge", report_.told_at_purge ? std::move(at) : Value());
    Fact("reports_later", report_.told_at_purge ? std::move(later) : Value());
  }

  void AddSends() {
    Value sends = Value::Array(), blocked = Value::Array(), partitions = Value::Array();
    Value keys = Value::Array(), calls = Value::Array();
    for (const RecordReport* record : sends_) {
      // An error that the call returned, or that its future held when it returned.
      const bool refused = record->report.refused;
      const bool at_once = refused || record->told_in_call;
      const Value error = Value::TextOrNull(ErrorOf(*record));
      sends.Add(Value::Array({!refused, at_once ? error : Value()}));
      calls.Add(Value::Array({!refused, refused ? error : Value()}));
      blocked.Add(record->returned == sim::Time::Max()
                      ? Value()
                      : Value(Millis(record->sent, record->returned)));
      const model::PartitionIndex partition = record->report.partition;
      partitions.Add(partition.is_none() ? Value() : Value(partition.value()));
      keys.Add(record->key.has_value() ? Value(*record->key) : Value());
    }
    const bool any = !sends_.empty();
    Fact("send", any ? sends.items().back() : Value());
    Fact("send_ok", any ? calls.items().back().items()[0] : Value());
    Fact("send_err", any ? calls.items().back().items()[1] : Value());
    Fact("sends", std::move(sends));
    Fact("calls", std::move(calls));
    Fact("keys", std::move(keys));
    Fact("partitions", std::move(partitions));
    Range("send_blocked_ms", any ? blocked.items().back() : Value());
    Range("blocked_ms", std::move(blocked));
  }

  // flush() and close().
  void AddCalls() {
    Value flushes = Value::Array(), flush_ms = Value::Array(), close_ms = Value::Array();
    for (const FlushReport* flush : flushes_) {
      flushes.Add(Value::Array({Value::TextOrNull(flush->error), flush->outstanding}));
      flush_ms.Add(Millis(flush->begun, flush->done));
    }
    for (const CloseReport* close : Slice(report_.closes, part_.begin.closes, part_.end.closes))
      if (Mine(close->client)) close_ms.Add(Millis(close->begun, close->done));
    const bool any = !flushes_.empty();
    Fact("flush", any ? flushes.items().back() : Value());
    Fact("flush_err", any ? flushes.items().back().items()[0] : Value());
    Fact("outq", any ? flushes.items().back().items()[1] : Value());
    Fact("flushes", std::move(flushes));
    Range("flush_ms", std::move(flush_ms));
    Range("close_ms", std::move(close_ms));
    Value fired = Value::Object();
    for (const FaultReport& fault : report_.faults) fired.Set(fault.name, fault.fired);
    Fact("faults", std::move(fired));
  }

  // A record that has a size alone is called by its label.
  std::string StoredWord(const LogReport& log, size_t i) const {
    const auto index = static_cast<size_t>(log.ids[i].value());
    const bool known = index < report_.records.size();
    if (known && !report_.records[index].value.has_value())
      return report_.records[index].label.empty() ? absl::StrCat(report_.records[index].number)
                                                  : report_.records[index].label;
    return std::string(Word(log.values[i]));
  }

  void AddStored() {
    Value stored = Value::Object(), batches = Value::Array();
    int64_t count = 0;
    std::set<int64_t> different;
    for (const LogReport& log : report_.logs) {
      std::string line;
      for (size_t i = 0; i < log.values.size(); ++i)
        absl::StrAppend(&line, i == 0 ? "" : " ", StoredWord(log, i));
      for (const model::RecordId id : log.ids) different.insert(id.value());
      count += static_cast<int64_t>(log.values.size());
      size_t first = 0;
      for (const BatchReport& batch : log.batches) {
        if (batch.torn || first >= log.values.size()) continue;
        batches.Add(Value::Array({StoredWord(log, first), batch.count}));
        first += static_cast<size_t>(batch.count);
      }
      if (report_.logs.size() == 1) {
        stored = Value(std::move(line));
      } else {
        stored.Set(absl::StrCat(log.topic, "-", log.partition), std::move(line));
      }
    }
    Fact("stored", std::move(stored));
    Fact("stored_batches", std::move(batches));
    Fact("n_stored", count);
    Fact("duplicates", count - static_cast<int64_t>(different.size()));
    Range("stored_range", count);
  }

  // What consumers read, and the requests of those who read.
  void AddRead() {
    Value records = Value::Array(), errors = Value::Array(), positions = Value::Array();
    const ReadReport* last = nullptr;
    for (const ReadReport* read : reads_) {
      if (read->kind == ReadReport::Kind::kError) {
        errors.Add(read->text);
      } else if (read->kind == ReadReport::Kind::kPosition) {
        positions.Add(read->offset);
      } else {
        records.Add(Value::Array({read->offset, std::string(Word(read->text))}));
        last = read;
      }
    }
    std::vector<const Frame*> fetches;
    std::set<int64_t> asked, answered;
    Value first = Value();
    const Frame* first_request = nullptr;
    for (const Frame* frame : frames_) {
      if (frame->api != model::Api::kFetch) continue;
      (frame->is_request ? asked : answered).insert(frame->bytes);
      if (frame->is_request) {
        fetches.push_back(frame);
        if (first_request == nullptr) first_request = frame;
      } else if (first.is_null() && first_request != nullptr) {
        first = Value::Array({first_request->version, first_request->bytes, frame->bytes});
      }
    }
    Value ends = Value::Array();
    std::map<std::pair<uint64_t, model::CorrelationId>, int64_t> questions;
    for (const Frame* frame : frames_) {
      if (frame->api != model::Api::kOffsetForLeaderEpoch) continue;
      int64_t& question = questions[{frame->connection, frame->correlation}];
      if (frame->is_request) {
        question = frame->bytes;
      } else {
        ends.Add(Value::Array({frame->version, question, frame->bytes}));
      }
    }
    const auto sizes = [](const std::set<int64_t>& of) {
      Value all = Value::Array();
      for (const int64_t size : of) all.Add(size);
      return all;
    };
    Value lag;
    if (last != nullptr) {
      for (const RecordReport& record : report_.records)
        if (record.id == last->id && record.report.ok()) lag = Millis(record.report.at, last->at);
    }
    Fact("records", std::move(records));
    Fact("errors", std::move(errors));
    Fact("position", std::move(positions));
    Fact("first_fetch", std::move(first));
    Fact("epoch_ends", std::move(ends));
    Fact("idle_request_bytes", sizes(asked));
    Fact("idle_response_bytes", sizes(answered));
    Range("period_ms", Gaps(fetches));
    Range("record_after_ack_ms", std::move(lag));
  }

  void AddLatencies() {
    std::vector<double> latencies;
    sim::Time first = sim::Time::Max();
    sim::Time last;
    for (const RecordReport* record : sends_) {
      if (record->returned == sim::Time::Max()) continue;
      first = std::min(first, record->returned);
      last = std::max(last, record->returned);
      if (record->report.outcome != model::Outcome::kPending)
        latencies.push_back(Millis(record->returned, record->report.at));
    }
    Value quantiles = Value::Array();
    std::sort(latencies.begin(), latencies.end());
    for (const size_t percent : {10, 50, 90, 99})
      if (!latencies.empty()) quantiles.Add(latencies[percent * (latencies.size() - 1) / 100]);
    Range("arrival_span_ms", first == sim::Time::Max() ? Value() : Value(Millis(first, last)));
    Range("latency_quantiles_ms", std::move(quantiles));
  }

  const Report& report_;
  const Part& part_;
  std::vector<const Frame*> frames_;
  std::vector<const Frame*> requests_;  // Produce
  std::vector<const Frame*> answers_;
  std::vector<const RecordReport*> sends_;
  std::vector<const RecordReport*> told_;
  std::vector<const FlushReport*> flushes_;
  std::vector<const ReadReport*> reads_;
  Value facts_;
  Value ranges_;
};

Value Of(const Report& report, const Part& part, const AccountParts& parts) {
  Value account = parts.facts ? Accountant(report, part).Whole() : Value::Object();
  if (parts.cluster.has_value())
    account.Set("cluster",
                ClusterAccountOf(report, {part.begin, part.end, part.client, *parts.cluster}));
  return account;
}

}  // namespace

Value AccountOf(const Report& report, const AccountParts& parts) {
  const Part whole{MarkReport{}, MarkReport::End(), ""};
  Value account = Of(report, whole, parts);
  Value since = Value::Object(), until = Value::Object();
  for (const MarkReport& mark : report.marks) {
    if (parts.since) since.Set(mark.label, Of(report, {mark, MarkReport::End(), ""}, parts));
    if (parts.until) until.Set(mark.label, Of(report, {MarkReport{}, mark, ""}, parts));
  }
  if (!report.marks.empty() && parts.since) account.Set("since", std::move(since));
  if (!report.marks.empty() && parts.until) account.Set("until", std::move(until));
  if (report.clients.size() > 1 && parts.clients) {
    Value clients = Value::Object();
    for (const std::string& client : report.clients)
      clients.Set(client, Of(report, {MarkReport{}, MarkReport::End(), client}, parts));
    account.Set("clients", std::move(clients));
  }
  return account;
}

}  // namespace norn::scenarios
