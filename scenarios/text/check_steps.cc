#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "scenarios/text/checks.h"
#include "scenarios/text/duration.h"
#include "scenarios/text/nearest.h"

namespace norn::scenarios {
namespace {

constexpr int32_t kMostBytes = 1 << 29;
constexpr int64_t kMostRecords = 50'000'000;

template <class Message>
void FillClient(const Place& place, const Names& names, Names::Kind kind, Message* message) {
  if (const auto client = names.Client(place.In("client"), message->client(), kind))
    message->set_client(*client);
}

class StepChecker {
 public:
  StepChecker(Names& names, Scenario& scenario) : names_(names), scenario_(scenario) {}

  void Check(const Place& step, Step& what) {
    CheckTiming(step, what);
    switch (what.what_case()) {
      case Step::kCreateMessage:
        return Check(step.In("create_message"), *what.mutable_create_message());
      case Step::kConnect:
        FillClient(step.In("connect"), names_, Names::Kind::kProducer, what.mutable_connect());
        names_.CheckDuration(step.In("connect").In("timeout"), what.connect().timeout());
        return;
      case Step::kSend:
        return Check(step.In("send"), *what.mutable_send());
      case Step::kFlush: {
        const Place place = step.In("flush");
        FillClient(place, names_, Names::Kind::kProducer, what.mutable_flush());
        if (what.flush().has_timeout())
          names_.CheckDuration(place.In("timeout"), what.flush().timeout());
        names_.AddFlush(what.flush().label());
        return;
      }
      case Step::kMark:
        if (names_.CheckGiven(step.In("mark").In("label"), what.mark().has_label(),
                              "label: \"warm\"") &&
            !marks_.insert(what.mark().label()).second)
          names_.diagnosis().Add(
              step.In("mark").In("label"),
              absl::StrCat("a mark before this is called '", what.mark().label(), "', too"));
        return;
      case Step::kUntilFired: {
        const Place place = step.In("until_fired");
        names_.CheckFault(place.In("fault"), what.until_fired().fault());
        names_.CheckAtLeast(place.In("times"), what.until_fired().times(), 1);
        names_.CheckDuration(place.In("timeout"), what.until_fired().timeout());
        return;
      }
      case Step::kDisarm:
        CheckHasPoint(step.In("disarm").In("fault"), what.disarm().fault(), "disarmed");
        return;
      case Step::kPurge: {
        const Place place = step.In("purge");
        FillClient(place, names_, Names::Kind::kProducer, what.mutable_purge());
        CheckLibrdkafka(place, what.purge().client(), "purge");
        if (!what.purge().queue() && !what.purge().in_flight())
          names_.diagnosis().Add(place,
                                 "purges nothing; write queue: true, in_flight: true, or both");
        return;
      }
      case Step::kPolling:
        FillClient(step.In("polling"), names_, Names::Kind::kProducer, what.mutable_polling());
        CheckLibrdkafka(step.In("polling"), what.polling().client(), "poll");
        return;
      case Step::kSeek: {
        const Place place = step.In("seek");
        CheckPlaceOfConsumer(place, what.mutable_seek());
        if (names_.CheckGiven(place.In("offset"), what.seek().has_offset(), "offset: 0"))
          names_.CheckAtLeast(place.In("offset"), what.seek().offset(), 0);
        return;
      }
      case Step::kPosition:
        return CheckPlaceOfConsumer(step.In("position"), what.mutable_position());
      case Step::kClose:
        FillClient(step.In("close"), names_, Names::Kind::kProducer, what.mutable_close());
        if (what.close().has_timeout())
          names_.CheckDuration(step.In("close").In("timeout"), what.close().timeout());
        return;
      case Step::kExit:
        return CheckVerb(step.In("exit"), names_, false, *what.mutable_exit());
      case Step::kWait:
        if (names_.CheckGiven(step.In("wait").In("duration"), what.wait().has_duration(),
                              "wait { duration: \"1s\" }"))
          names_.CheckDuration(step.In("wait").In("duration"), what.wait().duration());
        if (what.wait().has_up_to()) CheckUpTo(step.In("wait").In("up_to"), what.wait());
        return;
      case Step::kWaitForSend: {
        const Place place = step.In("wait_for_send");
        if (what.wait_for_send().has_label())
          names_.CheckSend(place.In("label"), what.wait_for_send().label());
        names_.CheckDuration(place.In("timeout"), what.wait_for_send().timeout());
        return;
      }
      case Step::kPoll:
        FillClient(step.In("poll"), names_, Names::Kind::kConsumer, what.mutable_poll());
        names_.CheckDuration(step.In("poll").In("timeout"), what.poll().timeout());
        return;
      case Step::kCheckStored:
        if (what.check_stored().has_label())
          names_.CheckSend(step.In("check_stored").In("label"), what.check_stored().label());
        return;
      case Step::kCheck:
        CheckSometimes(step.In("check"), names_, what.check(), false);
        return CheckExpectation(step.In("check"), names_, *what.mutable_check());
      case Step::kArm:
        return CheckArm(step.In("arm"), what.arm());
      case Step::kStartBroker:
        return Verb(step.In("start_broker"), what.mutable_start_broker());
      case Step::kKillBroker:
        return Verb(step.In("kill_broker"), what.mutable_kill_broker());
      case Step::kLosePower:
        return Verb(step.In("lose_power"), what.mutable_lose_power());
      case Step::kPause:
        return Verb(step.In("pause"), what.mutable_pause());
      case Step::kResume:
        return Verb(step.In("resume"), what.mutable_resume());
      case Step::kPartition:
        return Verb(step.In("partition"), what.mutable_partition());
      case Step::kRepair:
        return Verb(step.In("repair"), what.mutable_repair());
      case Step::kRefuse:
        return Verb(step.In("refuse"), what.mutable_refuse());
      case Step::kBlackHole:
        return Verb(step.In("black_hole"), what.mutable_black_hole());
      case Step::kResetConnections:
        return Verb(step.In("reset_connections"), what.mutable_reset_connections());
      case Step::kFillDisk:
        return Verb(step.In("fill_disk"), what.mutable_fill_disk());
      case Step::kFailDisk:
        return Verb(step.In("fail_disk"), what.mutable_fail_disk());
      case Step::kRepairDisk:
        return Verb(step.In("repair_disk"), what.mutable_repair_disk());
      case Step::kStepClock:
        return Verb(step.In("step_clock"), what.mutable_step_clock());
      case Step::kStallDisk:
        return Verb(step.In("stall_disk"), what.mutable_stall_disk());
      case Step::kHeal:
        return Verb(step.In("heal"), what.mutable_heal());
      case Step::kRelease:
        return Verb(step.In("release"), what.mutable_release());
      case Step::kCreateTopic:
        return;  // CheckCluster has looked at it
      case Step::kBrokerLatency:
        return Verb(step.In("broker_latency"), what.mutable_broker_latency());
      case Step::kShutDownBroker:
        return Verb(step.In("shut_down_broker"), what.mutable_shut_down_broker());
      case Step::kKillController:
        return Verb(step.In("kill_controller"), what.mutable_kill_controller());
      case Step::kStartController:
        return Verb(step.In("start_controller"), what.mutable_start_controller());
      case Step::kWaitUntil: {
        const Place place = step.In("wait_until");
        names_.CheckDuration(place.In("timeout"), what.wait_until().timeout());
        CheckSometimes(place.In("holds"), names_, what.wait_until().holds(), false);
        return CheckExpectation(place.In("holds"), names_,
                                *what.mutable_wait_until()->mutable_holds());
      }
      case Step::kStartClient:
        return Verb(step.In("start_client"), what.mutable_start_client());
      case Step::WHAT_NOT_SET:
        names_.diagnosis().Add(step,
                               "does nothing; a step does one thing, as in "
                               "steps { flush { timeout: \"1s\" } }");
    }
  }

 private:
  template <class V>
  void Verb(const Place& place, V* verb) {
    CheckVerb(place, names_, false, *verb);
  }

  void CheckUpTo(const Place& place, const Wait& wait) {
    if (!names_.CheckDuration(place, wait.up_to())) return;
    const auto shortest = ParseDuration(wait.duration());
    if (shortest.ok() && DurationOf(wait.up_to()) < *shortest)
      names_.diagnosis().Add(
          place, absl::StrCat("is shorter than ", wait.duration(), ", the shortest it may be"));
  }

  void CheckTiming(const Place& step, const Step& what) {
    if (what.has_at() && what.has_after())
      names_.diagnosis().Add(step.In("after"),
                             "the step has an instant already; keep `at` or "
                             "`after`");
    if (what.has_after()) names_.CheckDuration(step.In("after"), what.after());
    if (!what.has_at() || !names_.CheckDuration(step.In("at"), what.at())) return;
    const absl::Duration at = DurationOf(what.at());
    if (at < latest_) {
      names_.diagnosis().Add(step.In("at"),
                             absl::StrCat("lies before ", absl::FormatDuration(latest_),
                                          ", the instant of a step before it; steps happen in "
                                          "their order"));
    }
    latest_ = std::max(at, latest_);
  }

  // What a record is made of, wherever it is written.
  template <class Record>
  void CheckRecord(const Place& place, Record& record) {
    if (!record.has_topic() && names_.topics().size() == 1)
      record.set_topic(names_.topics().begin()->first);
    if (!names_.CheckGiven(place.In("topic"), record.has_topic(), "topic: \"topic1\"")) return;
    if (record.has_value_size() &&
        names_.CheckAtLeast(place.In("value_size"), record.value_size(), 0)) {
      if (record.value_size() > kMostBytes)
        names_.diagnosis().Add(place.In("value_size"),
                               absl::StrCat("is more than Norn takes: ", kMostBytes));
      if (record.value_size() < static_cast<int32_t>(record.value().size()))
        names_.diagnosis().Add(place.In("value_size"),
                               absl::StrCat("is less than the value has: ", record.value().size(),
                                            " bytes; leave it out, or make it larger"));
    }
  }

  template <class Record>
  void CheckDestination(const Place& place, const Record& record) {
    if (!record.has_topic() || !names_.CheckTopic(place.In("topic"), record.topic())) return;
    if (record.has_partition())
      names_.CheckPartition(place.In("partition"), record.topic(), record.partition());
  }

  void Check(const Place& place, CreateMessage& message) {
    CheckRecord(place, message);
    CheckDestination(place, message);
    if (!message.has_label()) message.set_label(message.has_value() ? message.value() : "message");
    if (!created_.emplace(message.label(), message).second)
      names_.diagnosis().Add(place.In("label"), absl::StrCat("a message before this is called '",
                                                             message.label(), "', too"));
  }

  void Check(const Place& place, Send& send) {
    FillClient(place, names_, Names::Kind::kProducer, &send);
    const bool whole = send.has_topic() || send.has_partition() || send.has_key() ||
                       send.has_value() || send.has_value_size();
    if (send.has_compression_ratio())
      names_.CheckCompressionRatio(place.In("compression_ratio"), send.compression_ratio());
    if (!send.has_message() && !whole && created_.size() == 1)
      send.set_message(created_.begin()->first);
    if (send.has_message()) {
      const auto found = created_.find(send.message());
      if (whole) {
        names_.diagnosis().Add(place.In("message"),
                               "the message has its contents already; leave "
                               "out topic, partition, key, value, value_size");
      } else if (found == created_.end()) {
        std::vector<std::string> known;
        for (const auto& [label, message] : created_) known.push_back(label);
        names_.diagnosis().Add(place.In("message"),
                               absl::StrCat("no message that is created before this is called '",
                                            send.message(), "'", ThereAre(known, "messages are")));
      } else {
        Copy(found->second, &send);
      }
    } else {
      CheckRecord(place, send);
      if (!send.may_not_exist()) CheckDestination(place, send);
      if (!send.has_label() && send.has_value()) send.set_label(send.value());
    }
    names_.CheckAtLeast(place.In("count"), send.count(), 1);
    if (send.count() > kMostRecords)
      names_.diagnosis().Add(place.In("count"),
                             absl::StrCat("is more than Norn takes: ", kMostRecords));
    if (send.has_until_queued())
      names_.CheckDuration(place.In("until_queued"), send.until_queued());
    names_.AddSend(send.label(), send.count());
  }

  static void Copy(const CreateMessage& message, Send* send) {
    send->set_topic(message.topic());
    if (message.has_partition()) send->set_partition(message.partition());
    if (message.has_key()) send->set_key(message.key());
    if (message.has_value()) send->set_value(message.value());
    if (message.has_value_size()) send->set_value_size(message.value_size());
    if (!send->has_label()) send->set_label(message.label());
  }

  // A topic and a partition that a consumer reads.
  template <class Step>
  void CheckPlaceOfConsumer(const Place& place, Step* what) {
    FillClient(place, names_, Names::Kind::kConsumer, what);
    if (!what->has_topic() && names_.topics().size() == 1)
      what->set_topic(names_.topics().begin()->first);
    if (!names_.CheckGiven(place.In("topic"), what->has_topic(), "topic: \"topic1\"") ||
        !names_.CheckTopic(place.In("topic"), what->topic()) ||
        !names_.CheckPartition(place.In("partition"), what->topic(), what->partition()))
      return;
    for (const Client& client : scenario_.clients()) {
      if (client.name() != what->client() || !client.has_consumer()) continue;
      for (const Assignment& assign : client.consumer().assign())
        if (assign.topic() == what->topic() &&
            (assign.partition_size() == 0 ||
             std::count(assign.partition().begin(), assign.partition().end(), what->partition()) >
                 0))
          return;
      names_.diagnosis().Add(
          place, absl::StrCat(client.name(), " is not assigned ", what->topic(), "-",
                              what->partition(), "; add it to consumer { assign { ... } }"));
    }
  }

  void CheckLibrdkafka(const Place& place, const std::string& name, const std::string& call) {
    for (const Client& client : scenario_.clients())
      if (client.name() == name && absl::StartsWith(client.flavour(), "java"))
        names_.diagnosis().Add(
            place, absl::StrCat("Java's producer has no ", call, "(), and ", name, " is a ",
                                client.flavour(), "; give it the flavour librdkafka-2.16"));
  }

  bool CheckHasPoint(const Place& place, const std::string& name, const std::string& done) {
    if (!names_.CheckFault(place, name)) return false;
    for (const Fault& fault : scenario_.faults())
      if (fault.name() == name && !fault.has_on())
        names_.diagnosis().Add(place, absl::StrCat("'", name,
                                                   "' happens at an instant of its own "
                                                   "and cannot be ",
                                                   done, "; give it `on`"));
    return true;
  }

  void CheckArm(const Place& place, const Arm& arm) {
    if (!CheckHasPoint(place.In("fault"), arm.fault(), "armed")) return;
    if (!armed_.emplace(arm.fault(), true).second)
      names_.diagnosis().Add(place.In("fault"),
                             absl::StrCat("'", arm.fault(), "' is armed by a step before this"));
  }

  Names& names_;
  Scenario& scenario_;
  absl::Duration latest_;
  std::map<std::string, CreateMessage> created_;
  std::map<std::string, bool> armed_;
  std::set<std::string> marks_;
};

void CheckSize(const Place& place, const Names& names, const Size& size) {
  if (size.of_case() == Size::kFixed) names.CheckAtLeast(place.In("fixed"), size.fixed(), 0);
  if (size.of_case() == Size::kUniform) {
    const Place at = place.In("uniform");
    names.CheckAtLeast(at.In("min"), size.uniform().min(), 0);
    names.CheckAtLeast(at.In("max"), size.uniform().max(), size.uniform().min());
  }
  if (size.of_case() == Size::kExponential) {
    const Place at = place.In("exponential");
    names.CheckAtLeast(at.In("mean"), size.exponential().mean(), 0);
    names.CheckAtLeast(at.In("max"), size.exponential().max(), 0);
  }
  if (size.of_case() == Size::OF_NOT_SET)
    names.diagnosis().Add(place, "says nothing; write size { fixed: 100 }");
}

void CheckPace(const Place& place, const Names& names, const Workload& workload) {
  Diagnosis& diagnosis = names.diagnosis();
  if (workload.pace_case() == Workload::PACE_NOT_SET) {
    diagnosis.Add(place, "has no pace; write per_second: 100, or every: \"10ms\"");
  } else if (workload.has_per_second()) {
    names.CheckAtLeast(place.In("per_second"), workload.per_second(), 1);
    if (workload.per_second() > 1'000'000'000)
      diagnosis.Add(place.In("per_second"), "is more than one in a nanosecond");
  } else if (names.CheckDuration(place.In("every"), workload.every()) &&
             DurationOf(workload.every()) <= absl::ZeroDuration()) {
    diagnosis.Add(place.In("every"), "must be longer than nothing");
  }
  if (workload.length_case() == Workload::LENGTH_NOT_SET) {
    diagnosis.Add(place, "has no end; write count: 1000, or duration: \"10s\"");
  } else if (workload.has_count()) {
    names.CheckAtLeast(place.In("count"), workload.count(), 1);
    if (workload.count() > kMostRecords)
      diagnosis.Add(place.In("count"), absl::StrCat("is more than Norn takes: ", kMostRecords));
  } else {
    names.CheckDuration(place.In("duration"), workload.duration());
  }
}

}  // namespace

void CheckSteps(const Place& scenario, Names& names, Scenario& completed) {
  StepChecker checker(names, completed);
  for (int i = 0; i < completed.steps_size(); ++i)
    checker.Check(scenario.In("steps", i), *completed.mutable_steps(i));
}

void CheckWorkloads(const Place& scenario, Names& names, Scenario& completed) {
  for (int i = 0; i < completed.workloads_size(); ++i) {
    Workload& workload = *completed.mutable_workloads(i);
    const Place place = scenario.In("workloads", i);
    if (!workload.has_name()) workload.set_name(absl::StrCat("w", i + 1));
    for (int k = 0; k < i; ++k)
      if (completed.workloads(k).name() == workload.name())
        names.diagnosis().Add(place.In("name"), absl::StrCat("a workload before this is called '",
                                                             workload.name(), "', too"));
    FillClient(place, names, Names::Kind::kProducer, &workload);
    if (!workload.has_topic() && names.topics().size() == 1)
      workload.set_topic(names.topics().begin()->first);
    if (names.CheckGiven(place.In("topic"), workload.has_topic(), "topic: \"topic1\"") &&
        names.CheckTopic(place.In("topic"), workload.topic()) && workload.has_partition()) {
      names.CheckPartition(place.In("partition"), workload.topic(), workload.partition());
    }
    if (workload.has_partition() && workload.round_robin())
      names.diagnosis().Add(place.In("round_robin"),
                            "goes round all partitions; leave out "
                            "partition");
    names.CheckDuration(place.In("at"), workload.at());
    CheckPace(place, names, workload);
    if (workload.has_key()) {
      const Place key = place.In("key");
      if (workload.key().of_case() == Key::OF_NOT_SET)
        names.diagnosis().Add(key, "says nothing; write key { uniform: 10 }, or leave it out");
      if (workload.key().has_uniform())
        names.CheckAtLeast(key.In("uniform"), workload.key().uniform(), 1);
    }
    if (workload.has_size()) CheckSize(place.In("size"), names, workload.size());
  }
}

}  // namespace norn::scenarios
