// What every librdkafka client has, producer or consumer: its topics, its brokers, and the main
// thread that asks for metadata, hands partitions to the threads of their leaders, and looks every
// second after topics and connections (rd_kafka_t; rdkafka_metadata.c, rdkafka_topic.c,
// rdkafka_broker.c).
//
// A client derives from it and is asked and told through the On...() calls; what a partition is
// good for is its business.
#ifndef NORN_MODEL_CLIENT_RDKAFKA_MAIN_THREAD_H_
#define NORN_MODEL_CLIENT_RDKAFKA_MAIN_THREAD_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "model/broker_address.h"
#include "model/client/context.h"
#include "model/client/rdkafka/broker_thread.h"
#include "model/client/rdkafka/toppar.h"
#include "model/config/rdkafka_client_config.h"
#include "model/error.h"
#include "model/ids.h"
#include "model/wire/leader.h"
#include "model/wire/metadata.h"
#include "sim/timer.h"

namespace norn::model::rdkafka {

class MainThread : public ThreadOwner {
 public:
  MainThread(const MainThread&) = delete;
  MainThread& operator=(const MainThread&) = delete;

 protected:
  struct Options {
    std::string name;  // of its node
    RdkafkaClientConfig config;
    std::vector<BrokerAddress> bootstrap;
    bool creates_topics = false;  // Metadata may create what it asks for
    int64_t most_response_bytes = 100'000'000;
  };
  MainThread(ClientContext context, Options options);
  ~MainThread();

  // Looks for a first broker. Only once the client is complete, which is asked from here on.
  void Begin();
  // Closes all connections; nothing happens any more.
  void End();

  // --- What the client says.
  // The `number`-th topic it named: nothing is known of it yet.
  virtual void OnNewTopic(Topic&, int32_t /*number*/) {}
  // Nobody asks again for a topic that does not exist.
  virtual bool GivesUp(const Topic&) const { return true; }
  // A partition it wants is not among those that are known.
  virtual bool Misses(const Topic&) const { return false; }
  // Once a second.
  virtual void OnTick(Topic&) {}
  // Its partitions, and who leads them, were learned anew.
  virtual void OnTopic(Topic&) = 0;
  virtual void OnTopicGone(Topic&) = 0;
  virtual void OnPartitionGone(Toppar&) = 0;
  // It has another thread, or none.
  virtual void OnDelegated(Toppar&) {}
  // Somebody said who leads it, in an epoch that is `new_epoch` or the one that was known.
  virtual void OnLeader(Toppar&, bool /*new_epoch*/) {}
  virtual void OnMetadataTaken() {}
  // Something is written to it or read from it: who leads it is asked while that broker is down
  // (rd_kafka_toppar_needs_query).
  virtual bool InUse(const Toppar& toppar) const = 0;

  // --- Topics.
  Topic& TopicOf(std::string_view name);
  // A broker said that it is not the leader, or something to that effect.
  void LeaderUnavailable(Toppar& toppar);
  // A broker said who is (KIP-951, from 2.16 on). True if it is known now who leads.
  bool LearnLeader(Toppar& toppar, const wire::LeaderIdAndEpoch& leader,
                   const std::vector<wire::NodeEndpoint>& endpoints);
  void RemovePartitions(Topic& topic, size_t left);
  // Asks for `topics`; with none, for the brokers alone. False if no broker is up.
  bool AskMetadata(BrokerThread* thread, std::vector<Topic*> topics, bool force);

  // --- Brokers.
  BrokerThread* AnyBrokerUp();
  int64_t up_count() const;

  bool recent() const { return shared_.config.flavour == Flavour::kLibrdkafka216; }
  sim::Time Now() const { return context_.sim->Now(); }

  struct Thread {
    std::unique_ptr<BrokerThread> thread;
    bool down_reported = false;
  };

  ClientContext context_;
  BrokerThread::Shared shared_;
  bool closed_ = false;
  // In the order in which the client named them.
  std::vector<std::unique_ptr<Topic>> topics_;
  // In the order of their making.
  std::vector<Thread> threads_;

 private:
  template <void (MainThread::*Method)()>
  struct Call {
    MainThread* main_thread;
    void operator()() const { (main_thread->*Method)(); }
  };

  void MainTick();
  void OnConnectAgain();
  void QueryLeaders();
  void RefreshPeriodically();
  void AskKnownTopics(BrokerThread* thread, bool force);
  void OnMetadata(const wire::MetadataResponse& answer, const std::vector<Topic*>& asked);
  void UpdateTopic(const wire::MetadataResponse::Topic& known, Topic& topic);
  void SetLeader(Toppar& toppar, BrokerId id, LeaderEpoch epoch, BrokerThread* thread);
  void SetNotExists(Topic& topic, Error error);
  void StartLeaderQueries();
  void Delegate(Toppar& toppar, BrokerThread* to);

  BrokerThread* AddThread(BrokerId id, const BrokerAddress& address);
  void LetGo(size_t index);
  BrokerThread* FindThread(BrokerId id) const;
  BrokerThread* LearnBroker(BrokerId id, const BrokerAddress& address);
  void AddBootstrap();
  void Rebootstrap();
  void FreeThreads();
  BrokerThread* AnyUsable();
  void ConnectAny();
  void OnUp(BrokerThread& thread) override;
  void OnDown(BrokerThread& thread) override;
  void AfterDown(BrokerThread& thread, bool was_up) override;
  uint64_t Draw(uint64_t n);

  const std::vector<BrokerAddress> bootstrap_;
  const bool creates_topics_;
  Topic* last_topic_ = nullptr;
  std::vector<std::unique_ptr<BrokerThread>> gone_;  // freed when none of them is running
  int32_t threads_made_ = 0;
  sim::Stream choice_stream_;
  sim::Stream query_stream_;
  uint64_t choices_ = 0;
  uint64_t queries_ = 0;
  sim::Time connect_any_at_ = sim::Time::FromNanos(-1);  // when it may be done again
  absl::Duration connect_any_interval_;
  absl::Duration query_interval_ = absl::ZeroDuration();

  sim::Timer<Call<&MainThread::MainTick>> main_timer_;
  sim::Timer<Call<&MainThread::OnConnectAgain>> connect_timer_;
  sim::Timer<Call<&MainThread::QueryLeaders>> query_timer_;
  sim::Timer<Call<&MainThread::RefreshPeriodically>> refresh_timer_;
  sim::Timer<Call<&MainThread::Rebootstrap>> rebootstrap_timer_;
  sim::Timer<Call<&MainThread::FreeThreads>> free_timer_;
};

}  // namespace norn::model::rdkafka

#endif  // NORN_MODEL_CLIENT_RDKAFKA_MAIN_THREAD_H_
