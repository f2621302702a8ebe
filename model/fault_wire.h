// Hands requests and answers to sockets, past the faults that wait for them there: the one place
// where a frame is dropped, reset, delayed, cut, damaged, held, silenced or answered by a box on
// the way.
//
// Example:
//   sim::Frame frame;
//   frame.size = SizeOf(*request);
//   StrikeFrame(faults, network, *socket, [&] { return site; }, *request, frame);
//   frame.message = std::move(request);
//   socket->Send(std::move(frame));
#ifndef NORN_MODEL_FAULT_WIRE_H_
#define NORN_MODEL_FAULT_WIRE_H_

#include "model/envelope.h"
#include "model/faults.h"
#include "sim/network.h"

namespace norn::model {

class FrameFaults {
 public:
  // Asks the faults about `site`, whose frame_bytes are those of `frame`, and does to the frame,
  // the message in it and the connection what they say.
  static void Apply(Faults& faults, sim::Network& network, const sim::Socket& socket,
                    const FaultSite& site, RequestEnvelope& request, sim::Frame& frame);
  static void Apply(Faults& faults, sim::Network& network, const sim::Socket& socket,
                    const FaultSite& site, ResponseEnvelope& response, sim::Frame& frame);

 private:
  static FaultVerdict Strike(Faults& faults, sim::Network& network, const sim::Socket& socket,
                             const FaultSite& site, FrameDamage& damage, sim::Frame& frame);
  template <class Envelope>
  static void Remember(Faults& faults, const sim::Socket& socket, const Envelope& message,
                       bool is_request, const sim::Frame& frame);
};

// To be called before `frame`, which will carry `message`, is given to `socket`. `site` is called
// only if there are faults: it says where the frame is, at kRequestSent or kResponseSent.
template <class Envelope, class Site>
void StrikeFrame(Faults& faults, sim::Network& network, const sim::Socket& socket, const Site& site,
                 Envelope& message, sim::Frame& frame) {
  if (__builtin_expect(!faults.listening(), 1)) return;
  FaultSite where = site();
  where.frame_bytes = frame.size;
  FrameFaults::Apply(faults, network, socket, where, message, frame);
}

}  // namespace norn::model

#endif  // NORN_MODEL_FAULT_WIRE_H_
