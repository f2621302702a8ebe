#include "model/fault_wire.h"

#include <algorithm>

namespace norn::model {
namespace {

int64_t FromEitherEnd(int64_t place, int64_t size) { return place < 0 ? size + place : place; }

}  // namespace

FaultVerdict FrameFaults::Strike(Faults& faults, sim::Network& network, const sim::Socket& socket,
                                 const FaultSite& site, FrameDamage& damage, sim::Frame& frame) {
  const FaultVerdict verdict = faults.At(site);
  if (verdict.reset) {
    frame.fate = sim::FrameFate::kReset;
  } else if (verdict.drop) {
    frame.fate = sim::FrameFate::kVanish;
  }
  frame.extra_delay += verdict.delay;
  if (verdict.corrupt != nullptr)
    damage = {FromEitherEnd(verdict.corrupt->bytes, frame.size), verdict.corrupt->mask};
  const uint64_t connection = socket.id();
  const sim::Node& from = socket.local();
  const int64_t begins = network.BytesGiven(connection, from);
  if (begins < 0) return verdict;
  if (verdict.cut != nullptr) {
    const int64_t bytes = std::max<int64_t>(FromEitherEnd(verdict.cut->bytes, frame.size), 0);
    network.CutAfter(connection, from, begins + bytes, sim::Network::CutManner::kReset);
  } else if (verdict.silence) {
    network.CutAfter(connection, from, begins, sim::Network::CutManner::kSilence);
  }
  const bool held_already =
      std::any_of(faults.holds_.begin(), faults.holds_.end(), [&](const Faults::Hold& hold) {
        return hold.connection == connection && hold.from == &from;
      });
  if (verdict.hold != nullptr && !held_already && network.Hold(connection, from)) {
    faults.holds_.push_back({verdict.hold, &network, connection, &from});
  }
  return verdict;
}

template <class Envelope>
void FrameFaults::Remember(Faults& faults, const sim::Socket& socket, const Envelope& message,
                           bool is_request, const sim::Frame& frame) {
  for (const Faults::Hold& hold : faults.holds_) {
    if (hold.connection != socket.id() || hold.from != &socket.local()) continue;
    faults.waiting_.push_back(
        {{hold.fault->name(), hold.connection, is_request, frame.size, Describe(message)},
         hold.from});
    return;
  }
}

void FrameFaults::Apply(Faults& faults, sim::Network& network, const sim::Socket& socket,
                        const FaultSite& site, RequestEnvelope& request, sim::Frame& frame) {
  const FaultVerdict verdict = Strike(faults, network, socket, site, request.damage, frame);
  if (verdict.answered) request.instead = {verdict.answer, verdict.answer_after};
  Remember(faults, socket, request, true, frame);
}

void FrameFaults::Apply(Faults& faults, sim::Network& network, const sim::Socket& socket,
                        const FaultSite& site, ResponseEnvelope& response, sim::Frame& frame) {
  Strike(faults, network, socket, site, response.damage, frame);
  Remember(faults, socket, response, false, frame);
}

}  // namespace norn::model
