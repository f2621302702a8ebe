#include "scenarios/text/fault_rule.h"

#include <limits>
#include <utility>

#include "scenarios/text/duration.h"
#include "sim/check.h"

namespace norn::scenarios {
namespace {

constexpr model::Api kApis[] = {model::Api::kApiVersions,
                                model::Api::kMetadata,
                                model::Api::kInitProducerId,
                                model::Api::kProduce,
                                model::Api::kFetch,
                                model::Api::kListOffsets,
                                model::Api::kOffsetForLeaderEpoch};

model::CutPoint PointOf(CutPoint::Point point) {
  switch (point) {
    case CutPoint::CONNECT:
      return model::CutPoint::kConnect;
    case CutPoint::CONNECTED:
      return model::CutPoint::kConnected;
    case CutPoint::REQUEST_SENT:
      return model::CutPoint::kRequestSent;
    case CutPoint::REQUEST_RECEIVED:
      return model::CutPoint::kRequestReceived;
    case CutPoint::APPENDED:
      return model::CutPoint::kAppended;
    case CutPoint::RESPONSE_SENT:
      return model::CutPoint::kResponseSent;
    case CutPoint::RESPONSE_RECEIVED:
      return model::CutPoint::kResponseReceived;
  }
  NORN_CHECK(!"point") << "no such cut point: " << static_cast<int>(point);
  return {};
}

void SetWhichOnes(const CutPoint& on, model::FaultRule* rule) {
  constexpr int64_t kForEver = std::numeric_limits<int64_t>::max();
  if (on.has_nth()) {
    rule->first = on.nth();
  } else if (on.has_first()) {
    rule->times = on.first();
  } else if (on.has_every()) {
    rule->first = on.every();
    rule->every = on.every();
    rule->times = kForEver;
  } else if (on.always() || on.has_probability()) {
    rule->times = kForEver;
  } else if (rule->answers.size() > 1) {
    rule->times = static_cast<int64_t>(rule->answers.size());
  }
  if (on.has_probability()) rule->probability = sim::Probability(on.probability());
}

void SetAction(const Fault& fault, model::FaultRule* rule) {
  switch (fault.what_case()) {
    case Fault::kDrop:
      rule->action = model::FaultAction::kDrop;
      return;
    case Fault::kReset:
      rule->action = model::FaultAction::kReset;
      return;
    case Fault::kDelay:
      rule->action = model::FaultAction::kDelay;
      rule->delay = DurationOf(fault.delay().by());
      return;
    case Fault::kCut:
      rule->action = model::FaultAction::kCut;
      rule->bytes = fault.cut().after_bytes();
      return;
    case Fault::kCorrupt:
      rule->action = model::FaultAction::kCorrupt;
      rule->bytes = fault.corrupt().byte();
      rule->mask = static_cast<uint8_t>(fault.corrupt().mask());
      return;
    case Fault::kHold:
      rule->action = model::FaultAction::kHold;
      return;
    case Fault::kSilence:
      rule->action = model::FaultAction::kSilence;
      return;
    case Fault::kAnswer:
      rule->action = model::FaultAction::kAnswer;
      rule->delay = DurationOf(fault.answer().after());
      for (const std::string& error : fault.answer().error())
        rule->answers.push_back(ErrorCalled(error).value());
      return;
    case Fault::kKillBroker:
      rule->action = model::FaultAction::kKillBroker;
      return;
    case Fault::kLosePower:
      rule->action = model::FaultAction::kLoseBrokerPower;
      return;
    case Fault::kPause:
      rule->action = model::FaultAction::kPauseBroker;
      return;
    case Fault::kPartition:
      rule->action = model::FaultAction::kPartitionBroker;
      return;
    default:
      NORN_CHECK(!"action") << "this is not done at a cut point: " << fault.what_case();
  }
}

}  // namespace

std::vector<std::string> ApiNames() {
  std::vector<std::string> names;
  for (const model::Api api : kApis) names.emplace_back(model::wire::Name(api));
  return names;
}

std::optional<model::Api> ApiCalled(std::string_view name) {
  for (const model::Api api : kApis)
    if (model::wire::Name(api) == name) return api;
  return std::nullopt;
}

std::vector<std::string> ErrorNames() {
  std::vector<std::string> names;
  for (const model::Error error : model::AllErrors()) names.emplace_back(model::Name(error));
  return names;
}

std::optional<model::Error> ErrorCalled(std::string_view name) {
  for (const model::Error error : model::AllErrors())
    if (model::Name(error) == name) return error;
  return std::nullopt;
}

model::FaultRule RuleOf(const Fault& fault, IsCalled is_called) {
  const CutPoint& on = fault.on();
  model::FaultRule rule;
  rule.name = fault.name();
  rule.point = PointOf(on.point());
  if (on.has_api()) rule.api = ApiCalled(on.api());
  if (on.has_broker()) rule.broker = model::BrokerId(on.broker());
  if (on.has_client()) rule.client = on.client();
  if (on.has_topic()) rule.about.topic = on.topic();
  if (on.has_partition()) rule.about.partition = model::PartitionIndex(on.partition());
  if (on.has_producer_id()) rule.about.producer_id = model::ProducerId(on.producer_id());
  if (on.has_sequence()) rule.about.sequence = model::Sequence(on.sequence());
  if (on.has_record()) {
    rule.about.carries = [is_called = std::move(is_called),
                          name = on.record()](model::RecordId id) { return is_called(id, name); };
  }
  SetAction(fault, &rule);
  SetWhichOnes(on, &rule);
  if (fault.has_lasts()) rule.lasts = DurationOf(fault.lasts());
  return rule;
}

}  // namespace norn::scenarios
