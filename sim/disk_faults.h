// What can be wrong with a disk, and how often it was: a disk that fails a call of write(2) or
// fsync(2), and one that somebody else has filled.
//
// Example:
//   DiskFault& full = disk.Fill(4096);                              // room for a page more
//   DiskFault& bad = disk.Fail({.call = DiskCall::kSync, .nth = 3});  // the third fsync and all
//   after
//   ...
//   full.fired();                                                   // writes that found no room
//   disk.Repair();                                                  // both end
#ifndef NORN_SIM_DISK_FAULTS_H_
#define NORN_SIM_DISK_FAULTS_H_

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/time.h"

namespace norn::sim {

// Why a call did not do what it was asked to.
enum class DiskError : uint8_t {
  kNone,
  kFull,    // ENOSPC
  kFailed,  // EIO
};
// "No space left on device", as strerror() says it.
const char* Name(DiskError error);

// A replacement of a whole file is both.
enum class DiskCall : uint8_t { kAny, kWrite, kSync };

struct DiskFaultRule {
  DiskCall call = DiskCall::kAny;
  // Of such calls, counted from now on, the n-th is the first that fails,
  int64_t nth = 1;
  // and so many fail, one after the other; by default all until the disk is repaired.
  int64_t times = std::numeric_limits<int64_t>::max();
  // Only of files whose names begin so.
  std::string file = {};
};

// One thing that is wrong. It may outlive its disk's repair, but not its disk.
class DiskFault {
 public:
  // How many calls have failed because of it, and when the first did; Max(): none.
  int64_t fired() const { return fired_; }
  Time first_fired() const { return first_fired_; }

 private:
  friend class DiskFaults;
  explicit DiskFault(DiskFaultRule rule) : rule_(std::move(rule)) {}
  DiskFaultRule rule_;
  bool fills_ = false;
  bool over_ = false;
  int64_t seen_ = 0;
  int64_t fired_ = 0;
  Time first_fired_ = Time::Max();
};

class DiskFaults {
 public:
  DiskFault& Add(DiskFaultRule rule);
  // Nothing lies on the disk beyond `limit` from now on; it may be below what does already.
  DiskFault& Fill(int64_t limit);
  void Repair();

  // What all files together may hold, of a disk that takes `capacity`.
  int64_t Limit(int64_t capacity) const { return limit_ < capacity ? limit_ : capacity; }
  // A call is made: whether it fails.
  DiskError On(DiskCall call, std::string_view file, Time now) {
    return __builtin_expect(active_ == 0, 1) ? DiskError::kNone : Strike(call, file, now);
  }
  // A call has found no room.
  void OnFull(Time now);

 private:
  DiskError Strike(DiskCall call, std::string_view file, Time now);
  static void Fire(DiskFault& fault, Time now);

  std::vector<std::unique_ptr<DiskFault>> faults_;
  int64_t active_ = 0;  // of those that fail calls
  int64_t limit_ = std::numeric_limits<int64_t>::max();
};

}  // namespace norn::sim

#endif  // NORN_SIM_DISK_FAULTS_H_
