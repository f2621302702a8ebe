// Finds messages in the frames that arrive on a connection, as the program at that end would: a
// frame whose size prefix was damaged swallows what follows it, or breaks the connection.
//
// Example:
//   FrameReader<RequestEnvelope> reader(/*max_bytes=*/104857600);
//   switch (reader.Read(std::move(frame), &request)) {
//     case Found::kMessage: ...        // the usual case
//     case Found::kNothingYet: ...     // it waits for more bytes
//     case Found::kGarbage: ...        // close the connection
//   }
#ifndef NORN_MODEL_FRAME_READER_H_
#define NORN_MODEL_FRAME_READER_H_

#include <cstdint>
#include <memory>
#include <utility>

#include "model/envelope.h"
#include "model/wire/frame.h"
#include "sim/network.h"

namespace norn::model {

enum class Found : uint8_t { kMessage, kNothingYet, kGarbage };

// What the size prefix of a frame of `frame_bytes` says once it is damaged.
int32_t DamagedSize(int64_t frame_bytes, const FrameDamage& damage);

template <class Envelope>
class FrameReader {
 public:
  // The most bytes a frame may say it has (socket.request.max.bytes of a broker).
  explicit FrameReader(int64_t max_bytes) : max_bytes_(max_bytes) {}

  Found Read(sim::Frame frame, std::unique_ptr<Envelope>* message) {
    std::unique_ptr<Envelope> read(static_cast<Envelope*>(frame.message.release()));
    if (__builtin_expect(wanted_ > 0, 0)) return Swallow(frame.size, message);
    if (__builtin_expect(read->damage.at >= 0, 0))
      return ReadDamaged(frame.size, std::move(read), message);
    *message = std::move(read);
    return Found::kMessage;
  }

 private:
  Found Swallow(int64_t bytes, std::unique_ptr<Envelope>* message) {
    wanted_ -= bytes;
    if (wanted_ > 0) return Found::kNothingYet;
    // Unless the frame ends where another does, the next size is read out of somebody's middle.
    if (wanted_ < 0) return Found::kGarbage;
    // Kafka reads what it needs of a message and does not mind what follows.
    *message = std::move(begun_);
    return Found::kMessage;
  }

  Found ReadDamaged(int64_t bytes, std::unique_ptr<Envelope> read,
                    std::unique_ptr<Envelope>* message) {
    if (read->damage.at < wire::kFrameSizeBytes) {
      const int64_t size = DamagedSize(bytes, read->damage);
      // Less than the message needs, or more than anybody would send.
      if (size < bytes - wire::kFrameSizeBytes || size > max_bytes_) return Found::kGarbage;
      wanted_ = size - (bytes - wire::kFrameSizeBytes);
      read->damage = FrameDamage();
      begun_ = std::move(read);
      return Found::kNothingYet;
    }
    *message = AsReceived(std::move(read));
    return *message == nullptr ? Found::kGarbage : Found::kMessage;
  }

  int64_t max_bytes_;
  int64_t wanted_ = 0;  // bytes that a damaged size still asks for
  std::unique_ptr<Envelope> begun_;
};

}  // namespace norn::model

#endif  // NORN_MODEL_FRAME_READER_H_
