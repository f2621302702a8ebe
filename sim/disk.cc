#include "sim/disk.h"

#include <algorithm>
#include <utility>

#include "sim/check.h"
#include "sim/fixed_point.h"

namespace norn::sim {
namespace {

constexpr Label kSynced{"synced"};
constexpr Label kSurvived{"unsynced writes survived"};
constexpr Label kTorn{"torn"};
constexpr Label kOf{"of"};
constexpr Label kFailed{"a call fails"};
constexpr Label kOldContent{"the old content survived"};

}  // namespace

// The callback of a sync, on its way to its owner. It dies with that owner, in its burial.
class Disk::SyncDone {
 public:
  SyncDone(Disk* disk, uint64_t number, std::string file, DiskError error,
           absl::AnyInvocable<void(DiskError)> callback)
      : disk_(disk),
        number_(number),
        file_(std::move(file)),
        error_(error),
        callback_(std::move(callback)) {}

  void operator()() {
    // Only a callback of nobody's outlives the power.
    if (number_ < disk_->lost_syncs_) return;
    disk_->Settle();
    if (number_ < disk_->first_sync_) {
      if (error_ != DiskError::kNone) disk_->Failed(file_, error_);
      if (callback_ != nullptr) callback_(error_);
      return;
    }
    // The disk stalled meanwhile.
    Simulation& sim = *disk_->sim_;
    const Time done = disk_->syncing_[number_ - disk_->first_sync_].done;
    sim.Schedule(done, sim.current_owner(), kSynced, std::move(*this));
  }

 private:
  Disk* disk_;
  uint64_t number_;
  std::string file_;  // of a sync that fails
  DiskError error_;
  absl::AnyInvocable<void(DiskError)> callback_;
};

Disk::Disk(Node& node, DiskOptions options)
    : node_(&node),
      sim_(&node.sim()),
      node_name_(node.name()),
      options_(std::move(options)),
      write_latency_(ToNanos(options_.write_latency)),
      sync_latency_(ToNanos(options_.sync_latency)),
      writeback_interval_(ToNanos(options_.writeback_interval)) {
  NORN_CHECK(write_latency_ >= 0);
  NORN_CHECK(sync_latency_ >= 0);
  NORN_CHECK(writeback_interval_ >= 0);
  NORN_CHECK(options_.bytes_per_second > 0) << "a disk that never ends writing";
  node.AddObserver(this);
}

Disk::~Disk() {
  if (node_ != nullptr) node_->RemoveObserver(this);
}

int64_t Disk::File::synced_size() const {
  disk_->Settle();
  // A replaced file is durable as a whole, or not yet.
  const bool pending = !replaced_.empty() && replaced_.back().durable > disk_->sim_->Now();
  return replaced_.empty() ? synced_ : pending ? 0 : size_;
}

Disk::File* Disk::Open(std::string_view name) {
  auto it = files_.find(name);
  if (it == files_.end()) {
    std::unique_ptr<File> file(new File(this, std::string(name)));
    it = files_.emplace(file->name(), std::move(file)).first;
  }
  return it->second.get();
}

Disk::File* Disk::Find(std::string_view name) {
  const auto it = files_.find(name);
  return it == files_.end() ? nullptr : it->second.get();
}

void Disk::Delete(File* file) {
  if (!Usable()) return;
  for (Syncing& sync : syncing_)
    if (sync.file == file) sync.file = nullptr;
  used_ -= file->size_;
  files_.erase(files_.find(file->name()));
}

std::vector<std::string> Disk::List(std::string_view prefix) const {
  std::vector<std::string> names;
  for (auto it = files_.lower_bound(prefix); it != files_.end(); ++it) {
    if (!std::string_view(it->first).starts_with(prefix)) break;
    names.push_back(it->first);
  }
  return names;
}

bool Disk::Usable() const {
  return node_ != nullptr && node_->alive() && !sim_->IsDead(sim_->current_owner());
}

Time Disk::Occupy(int64_t nanos) {
  const Time start = std::max({sim_->Now(), busy_until_, stalled_until_});
  busy_until_ = start.PlusNanos(nanos);
  return busy_until_;
}

DiskFault& Disk::Fill(int64_t leaving) {
  NORN_CHECK(leaving >= 0);
  return faults_.Fill(used_ + leaving);
}

int64_t Disk::room() const {
  return std::max<int64_t>(0, faults_.Limit(options_.capacity) - used_);
}

// By value: whoever watches may delete the file.
DiskError Disk::Failed(std::string file, DiskError error) {
  sim_->Note(kFailed, {}, [&] { return node_name_ + "/" + file + ": " + Name(error); });
  if (observer_ != nullptr) observer_->OnDiskError(file, error);
  return error;
}

Disk::Done Disk::Write(File* file, int64_t size, std::shared_ptr<const void> content) {
  NORN_CHECK(size > 0) << "a write of " << size << " bytes to " << file->name_;
  const Time now = sim_->Now();
  if (!Usable()) return {now};
  NORN_CHECK(file->replaced_.empty()) << file->name_ << " is replaced, not appended to";
  DiskError error = faults_.On(DiskCall::kWrite, file->name_, now);
  int64_t kept = error == DiskError::kNone ? size : 0;
  if (__builtin_expect(kept > room(), 0)) {
    kept = room();
    error = DiskError::kFull;
    faults_.OnFull(now);
  }
  if (kept > 0) {
    file->extents_.push_back({size, kept, std::move(content), now});
    file->size_ += kept;
    used_ += kept;
  }
  const Int128 transfer = Int128{kept} * 1'000'000'000 / options_.bytes_per_second;
  const Time done = Occupy(write_latency_ + static_cast<int64_t>(transfer));
  if (__builtin_expect(error != DiskError::kNone, 0)) Failed(file->name_, error);
  return {done, error};
}

Disk::Done Disk::Replace(File* file, int64_t size, std::shared_ptr<const void> content) {
  NORN_CHECK(size > 0) << file->name_ << " replaced by " << size << " bytes";
  const Time now = sim_->Now();
  if (!Usable()) return {now};
  SettleReplaced(*file);
  const Time durable = std::max(now, stalled_until_).PlusNanos(sync_latency_);
  DiskError error = faults_.On(DiskCall::kAny, file->name_, now);
  if (error == DiskError::kNone && size > room()) {
    error = DiskError::kFull;
    faults_.OnFull(now);
  }
  if (__builtin_expect(error != DiskError::kNone, 0)) return {durable, Failed(file->name_, error)};
  used_ += size - file->size_;
  file->replaced_.push_back({durable, std::move(file->extents_)});
  file->extents_.assign(1, {size, size, std::move(content), now});
  file->size_ = size;
  file->synced_ = 0;
  return {durable};
}

void Disk::SettleReplaced(File& file) {
  if (file.replaced_.empty()) return;
  const Time now = sim_->Now();
  std::erase_if(file.replaced_, [now](const File::Replaced& r) { return r.durable <= now; });
  if (file.replaced_.empty()) file.synced_ = file.size_;
}

uint64_t Disk::StartSync(File* file) {
  Settle();
  const DiskError error = faults_.On(DiskCall::kSync, file->name_, sim_->Now());
  syncing_.push_back({Occupy(sync_latency_), file, file->size_, error});
  return first_sync_ + syncing_.size() - 1;
}

void Disk::Sync(File* file, absl::AnyInvocable<void(DiskError)> callback) {
  if (!Usable()) return;
  const uint64_t number = StartSync(file);
  const Syncing& sync = syncing_.back();
  const bool fails = sync.error != DiskError::kNone;
  if (callback == nullptr && !fails) return;
  sim_->At(
      sync.done, kSynced,
      SyncDone(this, number, fails ? file->name_ : std::string(), sync.error, std::move(callback)));
}

void Disk::Sync(File* file, absl::AnyInvocable<void()> callback) {
  Sync(file, absl::AnyInvocable<void(DiskError)>(
                 [callback = std::move(callback)](DiskError error) mutable {
                   if (error == DiskError::kNone) callback();
                 }));
}

void Disk::SyncBehind(File* file) { Sync(file, absl::AnyInvocable<void(DiskError)>()); }

Future<Time> Disk::Sync(File* file) {
  Promise<Time> promise(*sim_);
  Future<Time> future = promise.future();
  // Abandoned if nothing happens.
  Sync(file, [sim = sim_, promise = std::move(promise)]() mutable { promise.Set(sim->Now()); });
  return future;
}

void Disk::Truncate(File* file, int64_t size) {
  NORN_CHECK(size >= 0) << file->name_ << " truncated to " << size;
  if (!Usable() || size >= file->size_) return;
  Settle();
  std::vector<Extent>& extents = file->extents_;
  used_ -= file->size_ - size;
  while (file->size_ > size) {
    const int64_t start = file->size_ - extents.back().kept;
    if (start < size) {
      extents.back().kept = size - start;
      file->size_ = size;
    } else {
      file->size_ = start;
      extents.pop_back();
    }
  }
  file->synced_ = std::min(file->synced_, size);
  // A sync under way was about more than there is; what is appended now is not part of it.
  for (Syncing& sync : syncing_)
    if (sync.file == file) sync.size = std::min(sync.size, size);
}

void Disk::Stall(absl::Duration duration) {
  const int64_t nanos = ToNanos(duration);
  NORN_CHECK(nanos >= 0);
  Settle();
  const Time now = sim_->Now();
  const Time until = now.PlusNanos(nanos);
  // What a stall that lasts has held up already, it does not hold up twice.
  const Time before = std::max(now, stalled_until_);
  if (until <= before) return;
  const int64_t longer = until.nanos() - before.nanos();
  if (stalled_until_ <= now) stall_began_ = now;
  stalled_until_ = until;
  for (Syncing& sync : syncing_) sync.done = sync.done.PlusNanos(longer);
  if (busy_until_ > now) busy_until_ = busy_until_.PlusNanos(longer);
  for (auto& [name, file] : files_)
    for (File::Replaced& replaced : file->replaced_)
      if (replaced.durable > now) replaced.durable = replaced.durable.PlusNanos(longer);
}

// Whether something is synced is a question of what the time is; it needs no event.
void Disk::Settle() {
  const Time now = sim_->Now();
  for (; !syncing_.empty() && syncing_.front().done <= now; ++first_sync_) {
    const Syncing& sync = syncing_.front();
    if (sync.file != nullptr && sync.error == DiskError::kNone)
      sync.file->synced_ = std::max(sync.file->synced_, sync.size);
    syncing_.pop_front();
  }
  if (writeback_interval_ == 0) return;
  const Time worked = now < stalled_until_ ? stall_began_ : now;
  const Time tick = Time::FromNanos(worked.nanos() / writeback_interval_ * writeback_interval_);
  for (auto& [name, file] : files_) {
    int64_t end = file->size_;
    for (size_t i = file->extents_.size(); i-- > 0 && file->extents_[i].written > tick;)
      end -= file->extents_[i].kept;
    file->synced_ = std::max(file->synced_, end);
  }
}

void Disk::OnPowerLost() {
  Settle();
  lost_syncs_ = first_sync_ + syncing_.size();
  first_sync_ = lost_syncs_;
  syncing_.clear();
  busy_until_ = Time::Zero();
  ++power_losses_;
  used_ = 0;
  for (auto& [name, file] : files_) {
    Lose(*file);
    used_ += file->size_;
  }
}

void Disk::Lose(File& file) {
  std::vector<Extent>& extents = file.extents_;
  SettleReplaced(file);
  if (!file.replaced_.empty()) {
    extents = std::move(file.replaced_.front().before);
    file.replaced_.clear();
    file.size_ = 0;
    for (const Extent& extent : extents) file.size_ += extent.kept;
    file.synced_ = file.size_;
    sim_->Note(kOldContent, {}, [&] { return node_name_ + "/" + file.name_; });
    return;
  }
  size_t synced = extents.size();
  for (int64_t end = file.size_; end > file.synced_; --synced) end -= extents[synced - 1].kept;
  const size_t unsynced = extents.size() - synced;
  if (unsynced == 0) return;
  Chance& chance = sim_->chance();
  const Stream survives = chance.Resolve("disk/" + node_name_ + "/" + file.name_ + "/survives");
  const size_t whole =
      options_.keeps_unsynced ? chance.Uniform(survives, {power_losses_}, unsynced + 1) : 0;
  size_t kept = synced + whole;
  bool torn = false;
  if (options_.keeps_unsynced && kept < extents.size() && extents[kept].kept > 1) {
    torn = chance.Bernoulli(survives, {power_losses_}, options_.torn_tail);
    if (torn) {
      const uint64_t room = static_cast<uint64_t>(extents[kept].kept) - 1;
      const uint64_t bytes = chance.Uniform(survives, {power_losses_, 1}, room);
      extents[kept].kept = 1 + static_cast<int64_t>(bytes);
      ++kept;
    }
  }
  extents.erase(extents.begin() + static_cast<ptrdiff_t>(kept), extents.end());
  file.size_ = 0;
  for (const Extent& extent : extents) file.size_ += extent.kept;
  // It lies on the disk now.
  file.synced_ = file.size_;
  sim_->Note(kSurvived,
             {{&kSurvived, static_cast<int64_t>(whole)},
              {&kOf, static_cast<int64_t>(unsynced)},
              {&kTorn, torn ? 1 : 0}},
             [&] { return node_name_ + "/" + file.name_; });
}

}  // namespace norn::sim
