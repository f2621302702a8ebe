// A connection as the broker at its end sees it: one request at a time, in order.
#ifndef NORN_MODEL_BROKER_CHANNEL_H_
#define NORN_MODEL_BROKER_CHANNEL_H_

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "model/envelope.h"
#include "model/frame_reader.h"
#include "sim/network.h"
#include "sim/time.h"

namespace norn::model {

class Channel final : public sim::SocketHandler {
 public:
  class Owner {
   public:
    virtual void OnRequest(Channel& channel, std::unique_ptr<RequestEnvelope> request,
                           int64_t bytes) = 0;
    // What came is no request: the channel has to be closed.
    virtual void OnGarbage(Channel& channel) = 0;
    virtual void OnChannelClosed(Channel& channel) = 0;

   protected:
    ~Owner() = default;
  };

  // `max_request`: socket.request.max.bytes.
  Channel(Owner* owner, std::unique_ptr<sim::Socket> socket, int64_t max_request)
      : socket_(std::move(socket)), id_(socket_->id()), owner_(owner), reader_(max_request) {
    socket_->SetHandler(this);
  }

  uint64_t id() const { return id_; }
  sim::Socket& socket() { return *socket_; }
  std::string_view client() const { return socket_->remote().name(); }
  // A follower is at the other end.
  bool between_brokers() const { return between_brokers_; }
  void SetBetweenBrokers() { between_brokers_ = true; }

  // Between a request and its answer, and as long as a quota wants, nothing more is read.
  bool muted() const { return muted_; }
  void Mute() {
    muted_ = true;
    socket_->PauseReading();
  }
  void Unmute() {
    muted_ = false;
    socket_->ResumeReading();
  }

  sim::Time last_used;

 private:
  void OnFrame(sim::Frame frame) override {
    const int64_t bytes = frame.size;
    std::unique_ptr<RequestEnvelope> request;
    switch (reader_.Read(std::move(frame), &request)) {
      case Found::kMessage:
        return owner_->OnRequest(*this, std::move(request), bytes);
      case Found::kNothingYet:
        return;
      case Found::kGarbage:
        return owner_->OnGarbage(*this);
    }
  }
  void OnClosed(sim::CloseReason) override { owner_->OnChannelClosed(*this); }

  std::unique_ptr<sim::Socket> socket_;
  const uint64_t id_;
  Owner* const owner_;
  FrameReader<RequestEnvelope> reader_;
  bool muted_ = false;
  bool between_brokers_ = false;
};

}  // namespace norn::model

#endif  // NORN_MODEL_BROKER_CHANNEL_H_
