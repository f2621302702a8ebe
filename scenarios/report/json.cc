#include "scenarios/report/json.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "scenarios/report/json_writer.h"
#include "scenarios/report/records.h"
#include "scenarios/report/verdict.h"

namespace norn::scenarios {
namespace {

// As recordings write a value: without what fills it up, and in one word.
std::string Word(std::string value) {
  while (!value.empty() && value.back() == '.') value.pop_back();
  for (char& c : value)
    if (c == ' ') c = '-';
  return value;
}

// A record that has a size alone is called by its label.
std::string StoredWord(const Report& report, const LogReport& log, size_t i) {
  const auto index = static_cast<size_t>(log.ids[i].value());
  const bool known = index < report.records.size();
  if (known && !report.records[index].value.has_value() && !report.records[index].label.empty())
    return report.records[index].label;
  return Word(log.values[i]);
}

void WriteRequests(const Report& report, JsonWriter& json) {
  bool several_partitions = false;
  for (const RequestReport& request : report.requests)
    several_partitions = several_partitions || request.partition != 0;
  std::map<uint64_t, int64_t> connections;
  json.Key("requests").Array();
  for (const RequestReport& request : report.requests) {
    const int64_t next = static_cast<int64_t>(connections.size()) + 1;
    const int64_t connection = connections.emplace(request.connection, next).first->second;
    json.FlatObject().Key("conn").Number(connection);
    if (several_partitions) json.Key("p").Number(request.partition);
    json.Key("n").Number(request.records).Key("seq").Number(request.sequence);
    json.Key("epoch").Number(request.epoch).Key("bytes").Number(request.bytes);
    json.Key("act").TextOrNull(request.act).End();
  }
  json.End();
  json.Key("answers").Array();
  for (const AnswerReport& answer : report.answers)
    json.FlatArray().Number(answer.error).Number(answer.base_offset).End();
  json.End();
}

void WriteAcks(const Report& report, JsonWriter& json) {
  json.Key("acks").Array();
  for (const model::RecordId id : report.told) {
    const RecordReport& record = report.records[static_cast<size_t>(id.value())];
    json.FlatArray();
    if (record.label.empty()) {
      json.Number(id.value());
    } else {
      json.Text(record.label);
    }
    json.TextOrNull(ErrorName(record.report)).Null();
    if (!record.report.ok()) {
      json.Null();
    } else {
      json.Number(record.report.offset.value());
    }
    json.End();
  }
  json.End();
}

void WriteStored(const Report& report, JsonWriter& json) {
  const auto line = [&report](const LogReport& log) {
    std::string text;
    for (size_t i = 0; i < log.values.size(); ++i)
      absl::StrAppend(&text, i == 0 ? "" : " ", StoredWord(report, log, i));
    return text;
  };
  json.Key("stored");
  if (report.logs.size() == 1) {
    json.Text(line(report.logs[0]));
    return;
  }
  json.Object();
  for (const LogReport& log : report.logs)
    json.Key(absl::StrCat(log.topic, "-", log.partition)).Text(line(log));
  json.End();
}

void WriteFacts(const Report& report, JsonWriter& json) {
  json.Key("facts").Object();
  WriteRequests(report, json);
  WriteAcks(report, json);
  json.Key("flushes").Array();
  for (const FlushReport& flush : report.flushes)
    json.FlatArray().TextOrNull(flush.timed_out ? "TIMEOUT" : "").Number(flush.outstanding).End();
  json.End();
  WriteStored(report, json);
  json.End();
}

void WriteRecords(const Report& report, JsonWriter& json) {
  json.Key("records").Array();
  for (const RecordReport& record : report.records) {
    const model::DeliveryReport& told = record.report;
    json.FlatObject().Key("record").Text(NameOf(record)).Key("client").Text(record.client);
    json.Key("topic").Text(record.topic).Key("partition");
    if (told.partition.is_none()) {
      json.Null();
    } else {
      json.Number(told.partition.value());
    }
    json.Key("key");
    if (record.key.has_value()) {
      json.Text(*record.key);
    } else {
      json.Null();
    }
    json.Key("outcome").Text(OutcomeWord(told.outcome)).Key("attempts").Number(told.attempts);
    json.Key("error").TextOrNull(ErrorName(told)).Key("message").TextOrNull(told.message);
    json.Key("sent_ms").Millis(record.sent.nanos()).Key("told_ms");
    if (told.outcome == model::Outcome::kPending) {
      json.Null();
    } else {
      json.Millis(told.at.nanos());
    }
    json.Key("stored_at").FlatArray();
    for (const RecordReport::Place& place : record.stored)
      json.FlatArray().Number(place.partition).Number(place.offset).End();
    json.End().End();
  }
  json.End();
}

void WriteRest(const Report& report, JsonWriter& json) {
  json.Key("flushes").Array();
  for (const FlushReport& flush : report.flushes) {
    json.FlatObject().Key("label").TextOrNull(flush.label);
    json.Key("begun_ms").Millis(flush.begun.nanos());
    json.Key("took_ms").Millis(flush.done.nanos() - flush.begun.nanos());
    json.Key("timed_out").Bool(flush.timed_out).End();
  }
  json.End();
  json.Key("faults").Array();
  for (const FaultReport& fault : report.faults)
    json.FlatObject().Key("fault").Text(fault.name).Key("fired").Number(fault.fired).End();
  json.End();
  json.Key("expectations").Array();
  for (const ExpectationReport& expectation : report.expectations) {
    json.FlatObject().Key("holds").Bool(expectation.holds);
    json.Key("expected").Text(expectation.expected);
    json.Key("happened").Text(expectation.happened).End();
  }
  json.End();
}

void Write(const Report& report, JsonWriter& json) {
  json.Object();
  json.Key("scenario").Text(report.scenario).Key("seed").Unsigned(report.seed);
  json.Key("result").Text(report.passed() ? "PASS" : "FAIL");
  json.Key("digest").Text(Hex(report.story_digest)).Key("run").Text(Hex(report.run_digest));
  json.Key("ended_ms").Millis(report.ended.nanos());
  WriteFacts(report, json);
  WriteRecords(report, json);
  WriteRest(report, json);
  json.End();
}

}  // namespace

std::string PrintJson(const std::vector<Report>& reports) {
  JsonWriter json;
  if (reports.size() == 1) {
    Write(reports[0], json);
  } else {
    json.Array();
    for (const Report& report : reports) Write(report, json);
    json.End();
  }
  return json.ToString();
}

}  // namespace norn::scenarios
