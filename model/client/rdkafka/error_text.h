// What librdkafka says of a broker's error code (rd_kafka_err2str), as release 2.16.0 says it.
//
//   ErrorText(Error::kOffsetOutOfRange)    // "Broker: Offset out of range"
#ifndef NORN_MODEL_CLIENT_RDKAFKA_ERROR_TEXT_H_
#define NORN_MODEL_CLIENT_RDKAFKA_ERROR_TEXT_H_

#include <string>

#include "model/error.h"

namespace norn::model::rdkafka {

// "Err-101?" for a code that it does not know.
std::string ErrorText(Error error);

}  // namespace norn::model::rdkafka

#endif  // NORN_MODEL_CLIENT_RDKAFKA_ERROR_TEXT_H_
