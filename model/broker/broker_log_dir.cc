// The log directory, and its end: Kafka's LogDirFailureChannel and the thread that reads it. A
// broker here has one directory, which is its disk; Kafka halts when it has none left.
#include <string>

#include "model/broker/broker.h"

namespace norn::model {
namespace {

constexpr sim::Label kOffline{"log dir offline"};
constexpr sim::Label kHalt{"shutdown because all log dirs have failed"};
constexpr sim::Label kExited{"halted process ends"};

// A broker that starts maps an index of each segment it recovers; without room for its first page
// the process dies of it.
constexpr int64_t kIndexPage = 4096;

}  // namespace

bool Broker::HasRoomToStart() {
  if (disk_->room() >= kIndexPage) return true;
  OnDiskError("meta.properties", sim::DiskError::kFull);
  return false;
}

void Broker::OnDiskError(const std::string& file, sim::DiskError error) {
  // "The log dir is already offline due to a previous IO exception."
  if (log_dir_offline_) return;
  log_dir_offline_ = true;
  sim_->Note(kOffline, {}, [&] { return file + ": " + sim::Name(error); });
  for (auto& fetcher : fetchers_) fetcher->RemoveAll();
  // What is not all on the disk was not closed in order.
  if (sim::Disk::File* marker = disk_->Find(kCleanShutdown)) disk_->Delete(marker);
  sim_->After(options_.costs.log_dir_failure, kHalt, [this] { Halt(); });
}

// Runtime.halt(): nothing runs any more, and some time later the kernel takes back what the process
// had, its sockets too.
void Broker::Halt() {
  sim::Node* const node = node_;
  node->Pause();
  const auto end = [node, life = node->owner()] {
    if (node->owner() == life) node->Kill();
  };
  sim_->Schedule(sim_->Now() + options_.costs.halt, 0, kExited, end);
}

}  // namespace norn::model
