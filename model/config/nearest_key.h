// What was probably meant by a key that does not exist: the known key that is a slip of the fingers
// away, or that the word abbreviates. Case and the difference between _, - and . do not count.
//
// Example, with names {"linger.ms", "batch.size"}:
//   NearestKey("linger.msx", names)    // "linger.ms"
//   NearestKey("LINGER_MS", names)     // "linger.ms"
//   NearestKey("linger", names)        // "linger.ms"
//   NearestKey("colour", names)        // "": nothing is near
#ifndef NORN_MODEL_CONFIG_NEAREST_KEY_H_
#define NORN_MODEL_CONFIG_NEAREST_KEY_H_

#include <span>
#include <string_view>

namespace norn::model {

// One of `names`, of several equally near ones the first; empty if none is near.
std::string_view NearestKey(std::string_view key, std::span<const std::string_view> names);

}  // namespace norn::model

#endif  // NORN_MODEL_CONFIG_NEAREST_KEY_H_
