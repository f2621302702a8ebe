// What a machine remembers: files that grow at their end, and how much of each was synced.
//
// A write goes into the page cache and can be read at once; it survives the death of its process.
// When the machine loses power, each file keeps what was synced, and of the rest as much as chance
// wants: some of its writes from the first on, and perhaps a piece of the next. A file does not
// know bytes, it keeps sizes and what its writer says they mean. A small file can also be replaced
// whole, and then a loss of power leaves its old content or its new.
//
// The disk does one thing after the other, so that a write or a sync also waits for those before
// it, and all wait while the disk stalls. It may be full, and its writes and syncs may fail
// (disk_faults.h): whoever called is told, and so is whoever watches the disk. A write for which
// there is not room enough leaves the piece for which there was, as write(2) does; a sync that
// fails has synced nothing. Not modelled: reads take no time and do not fail; names, truncations
// and deletions are durable at once, and take no room.
//
// Example:
//   Disk disk(b1, {.sync_latency = absl::Milliseconds(4)});
//   Disk::File* log = disk.Open("orders-0.log");
//   Time returns = disk.Write(log, batch->size(), batch);    // the write(2) of a thread returns
//   then disk.Sync(log, [this] { flushed_ = true; }); b1.LosePower(); log->size(); // synced_size()
//   at least
#ifndef NORN_SIM_DISK_H_
#define NORN_SIM_DISK_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "sim/disk_faults.h"
#include "sim/future.h"
#include "sim/node.h"
#include "sim/random.h"
#include "sim/simulation.h"

namespace norn::sim {

struct DiskOptions {
  // A write takes this and its size by the bandwidth.
  absl::Duration write_latency = absl::Microseconds(10);
  int64_t bytes_per_second = 1'000'000'000;
  absl::Duration sync_latency = absl::Milliseconds(2);
  // At every multiple of this since the run began, the kernel syncs all that was written, beside
  // what the disk does otherwise. Zero: never.
  absl::Duration writeback_interval = absl::ZeroDuration();
  // Bytes that all files together may hold; what a file is replaced by needs room beside it.
  int64_t capacity = std::numeric_limits<int64_t>::max();
  // That a power loss leaves a piece of the first write that did not survive it.
  Probability torn_tail = Probability::Percent(50);
  // A power loss keeps an arbitrary part of what was not synced; without this, nothing of it.
  bool keeps_unsynced = true;
};

class Disk final : public NodeObserver {
 public:
  // One write, or what is left of it.
  struct Extent {
    int64_t size = 0;                     // as written
    int64_t kept = 0;                     // the first bytes of it that are there, 1 to size
    std::shared_ptr<const void> content;  // what the writer said it is
    Time written;
    bool torn() const { return kept < size; }
  };

  class File {
   public:
    const std::string& name() const { return name_; }
    int64_t size() const { return size_; }
    // Sure to survive a loss of power, now.
    int64_t synced_size() const;
    const std::vector<Extent>& extents() const { return extents_; }

   private:
    friend class Disk;
    struct Replaced {
      Time durable;
      std::vector<Extent> before;
    };
    File(Disk* disk, std::string name) : disk_(disk), name_(std::move(name)) {}
    Disk* disk_;
    std::string name_;
    int64_t size_ = 0;
    int64_t synced_ = 0;
    std::vector<Extent> extents_;
    std::vector<Replaced> replaced_;  // what the disk may not have taken in yet, oldest first
  };

  // When a call returns to the process, so that its time can be a part of some longer service and
  // needs no event; and what it says.
  struct Done {
    Time at;
    DiskError error = DiskError::kNone;
    bool ok() const { return error == DiskError::kNone; }
  };

  // Told of each call that fails, as it returns.
  class ErrorObserver {
   public:
    virtual void OnDiskError(const std::string& file, DiskError error) = 0;

   protected:
    ~ErrorObserver() = default;
  };

  // A disk of `node`. It survives the lives of the node; either object may go before the other, but
  // no run of the simulation may come after it.
  Disk(Node& node, DiskOptions options);
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;
  ~Disk();

  // The file of that name; a new one if there is none. Valid until it is deleted.
  File* Open(std::string_view name);
  // Null if there is none.
  File* Find(std::string_view name);
  void Delete(File* file);
  // Names, sorted; only those that begin so.
  std::vector<std::string> List(std::string_view prefix = {}) const;

  // In the following, nothing happens if the calling process is dead or the node is down.

  // Appends, at once. REQUIRES: size > 0.
  Done Write(File* file, int64_t size, std::shared_ptr<const void> content);
  // Syncs what was written before, then calls back. The kernel does it even if the process dies
  // meanwhile; the callback comes only if its owner, who is whoever runs now, lives.
  void Sync(File* file, absl::AnyInvocable<void(DiskError)> callback);
  // The same for whoever is not interested in failures: it is not called then.
  void Sync(File* file, absl::AnyInvocable<void()> callback);
  // The same; the value is the instant, and a failure abandons it.
  Future<Time> Sync(File* file);
  // The same, and nobody waits.
  void SyncBehind(File* file);
  // Gives the file this content instead of what it holds, as by a second file that is written,
  // synced and renamed. It goes on beside what the disk does otherwise, and takes a sync's time: a
  // loss of power before the time returned leaves the old content, and so does a failure. A file is
  // either appended to or replaced. REQUIRES: size > 0.
  Done Replace(File* file, int64_t size, std::shared_ptr<const void> content);
  // Keeps the first `size` bytes, at most all. A write of which a part is kept is torn.
  void Truncate(File* file, int64_t size);

  // Nothing is done for so long, and what is under way takes so much longer. A write that was told
  // when it returns, does.
  void Stall(absl::Duration duration);
  // Until when it is busy with what it was given.
  Time busy_until() const { return busy_until_; }

  // From now on calls fail.
  DiskFault& Fail(DiskFaultRule rule) { return faults_.Add(std::move(rule)); }
  // Somebody else takes all the room there is, but for so many bytes.
  DiskFault& Fill(int64_t leaving = 0);
  // Ends all that was wrong: what others took is free again. What is lost stays lost.
  void Repair() { faults_.Repair(); }
  // Bytes that lie on it, and for how many there is room.
  int64_t used() const { return used_; }
  int64_t room() const;

  // Of its machine. REQUIRES: that has not gone.
  const Clock& clock() const { return node_->clock(); }

  // One observer at a time; a later one takes the place of an earlier one.
  void Watch(ErrorObserver* observer) { observer_ = observer; }
  // Nothing if another has taken its place.
  void Unwatch(const ErrorObserver* observer) {
    if (observer_ == observer) observer_ = nullptr;
  }

 private:
  struct Syncing {
    Time done;
    File* file;  // null: deleted meanwhile
    int64_t size;
    DiskError error;
  };
  class SyncDone;

  void OnPowerLost() override;
  void OnDestroyed() override { node_ = nullptr; }
  bool Usable() const;
  void Settle();
  void Lose(File& file);
  void SettleReplaced(File& file);
  Time Occupy(int64_t nanos);
  uint64_t StartSync(File* file);
  DiskError Failed(std::string file, DiskError error);

  Node* node_;  // null once it is destroyed
  Simulation* sim_;
  std::string node_name_;
  DiskOptions options_;
  int64_t write_latency_;
  int64_t sync_latency_;
  int64_t writeback_interval_;
  Time busy_until_;
  Time stall_began_;
  Time stalled_until_;
  int64_t power_losses_ = 0;
  int64_t used_ = 0;
  DiskFaults faults_;
  ErrorObserver* observer_ = nullptr;
  std::map<std::string, std::unique_ptr<File>, std::less<>> files_;
  // Syncs that are not known to be done, in order; the first is number first_sync_.
  std::deque<Syncing> syncing_;
  uint64_t first_sync_ = 0;
  uint64_t lost_syncs_ = 0;  // those before this number were cut short by a loss of power
};

}  // namespace norn::sim

#endif  // NORN_SIM_DISK_H_
