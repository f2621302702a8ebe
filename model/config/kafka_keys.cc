#include "model/config/kafka_keys.h"

#include <algorithm>
#include <span>
#include <utility>

#include "model/config/text.h"

namespace norn::model {
namespace {

// Clients and brokers, since 3.9.
constexpr std::string_view kSecurity = R"(
sasl.client.callback.handler.class sasl.jaas.config sasl.kerberos.kinit.cmd
sasl.kerberos.min.time.before.relogin sasl.kerberos.service.name sasl.kerberos.ticket.renew.jitter
sasl.kerberos.ticket.renew.window.factor sasl.login.callback.handler.class sasl.login.class
sasl.login.connect.timeout.ms sasl.login.read.timeout.ms sasl.login.refresh.buffer.seconds
sasl.login.refresh.min.period.seconds sasl.login.refresh.window.factor
sasl.login.refresh.window.jitter sasl.login.retry.backoff.max.ms sasl.login.retry.backoff.ms
sasl.oauthbearer.clock.skew.seconds sasl.oauthbearer.expected.audience
sasl.oauthbearer.expected.issuer sasl.oauthbearer.jwks.endpoint.refresh.ms
sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms sasl.oauthbearer.jwks.endpoint.retry.backoff.ms
sasl.oauthbearer.jwks.endpoint.url sasl.oauthbearer.scope.claim.name
sasl.oauthbearer.sub.claim.name sasl.oauthbearer.token.endpoint.url security.providers
ssl.cipher.suites ssl.enabled.protocols ssl.endpoint.identification.algorithm
ssl.engine.factory.class ssl.key.password ssl.keymanager.algorithm ssl.keystore.certificate.chain
ssl.keystore.key ssl.keystore.location ssl.keystore.password ssl.keystore.type ssl.protocol
ssl.provider ssl.secure.random.implementation ssl.trustmanager.algorithm
ssl.truststore.certificates ssl.truststore.location ssl.truststore.password ssl.truststore.type)";

// Clients and brokers, new between 3.9 and 4.1.
constexpr std::string_view kSecuritySince41 = R"(
sasl.oauthbearer.assertion.algorithm sasl.oauthbearer.assertion.claim.aud
sasl.oauthbearer.assertion.claim.exp.seconds sasl.oauthbearer.assertion.claim.iss
sasl.oauthbearer.assertion.claim.jti.include sasl.oauthbearer.assertion.claim.nbf.seconds
sasl.oauthbearer.assertion.claim.sub sasl.oauthbearer.assertion.file
sasl.oauthbearer.assertion.private.key.file sasl.oauthbearer.assertion.private.key.passphrase
sasl.oauthbearer.assertion.template.file sasl.oauthbearer.client.credentials.client.id
sasl.oauthbearer.client.credentials.client.secret sasl.oauthbearer.jwt.retriever.class
sasl.oauthbearer.jwt.validator.class sasl.oauthbearer.scope)";

// Clients only.
constexpr std::string_view kClientSecurity = R"(
sasl.mechanism sasl.oauthbearer.header.urlencode security.protocol)";

// Clients of either kind.
constexpr std::string_view kClientNoEffect = R"(
client.dns.lookup enable.metrics.push interceptor.classes metric.reporters metrics.num.samples
metrics.recording.level metrics.sample.window.ms)";

constexpr std::string_view kClientEffective = R"(
bootstrap.servers client.id connections.max.idle.ms metadata.max.age.ms receive.buffer.bytes
reconnect.backoff.max.ms reconnect.backoff.ms request.timeout.ms retry.backoff.max.ms
retry.backoff.ms send.buffer.bytes socket.connection.setup.timeout.max.ms
socket.connection.setup.timeout.ms)";

// Levels and the transaction timeout act only through compression.type and transactional.id.
constexpr std::string_view kProducerNoEffect = R"(
compression.gzip.level compression.lz4.level compression.zstd.level key.serializer value.serializer
transaction.timeout.ms)";

constexpr std::string_view kProducerEffective = R"(
acks batch.size buffer.memory compression.type delivery.timeout.ms enable.idempotence linger.ms
max.block.ms max.in.flight.requests.per.connection max.request.size metadata.max.idle.ms
partitioner.adaptive.partitioning.enable partitioner.availability.timeout.ms partitioner.class
partitioner.ignore.keys retries transactional.id)";

constexpr std::string_view kConsumerNoEffect = R"(
exclude.internal.topics key.deserializer value.deserializer)";

constexpr std::string_view kConsumerEffective = R"(
allow.auto.create.topics auto.commit.interval.ms auto.offset.reset check.crcs client.rack
default.api.timeout.ms enable.auto.commit fetch.max.bytes fetch.max.wait.ms fetch.min.bytes
group.id group.instance.id group.protocol group.remote.assignor heartbeat.interval.ms
isolation.level max.partition.fetch.bytes max.poll.interval.ms max.poll.records
partition.assignment.strategy session.timeout.ms)";

// Groups, transactions, shares, compaction, tiered storage: a broker may be set up for them all,
// but none begins before a client or a topic asks for it, and asking is refused.
constexpr std::string_view kBrokerNoEffect = R"(
add.partitions.to.txn.retry.backoff.max.ms add.partitions.to.txn.retry.backoff.ms
advertised.listeners alter.config.policy.class.name alter.log.dirs.replication.quota.window.num
alter.log.dirs.replication.quota.window.size.seconds authorizer.class.name background.threads
compression.gzip.level compression.lz4.level compression.zstd.level
connection.failed.authentication.delay.ms connections.max.reauth.ms controller.listener.names
create.topic.policy.class.name delegation.token.expiry.check.interval.ms
delegation.token.expiry.time.ms delegation.token.max.lifetime.ms delegation.token.secret.key
delete.records.purgatory.purge.interval.requests early.start.listeners
fetch.purgatory.purge.interval.requests group.consumer.assignors
group.consumer.heartbeat.interval.ms group.consumer.max.heartbeat.interval.ms
group.consumer.max.session.timeout.ms group.consumer.max.size group.consumer.migration.policy
group.consumer.min.heartbeat.interval.ms group.consumer.min.session.timeout.ms
group.consumer.session.timeout.ms group.coordinator.append.linger.ms
group.coordinator.rebalance.protocols group.coordinator.threads group.initial.rebalance.delay.ms
group.max.session.timeout.ms group.max.size group.min.session.timeout.ms group.share.assignors
group.share.delivery.count.limit group.share.heartbeat.interval.ms
group.share.max.heartbeat.interval.ms group.share.max.record.lock.duration.ms
group.share.max.session.timeout.ms group.share.max.share.sessions group.share.max.size
group.share.min.heartbeat.interval.ms group.share.min.record.lock.duration.ms
group.share.min.session.timeout.ms group.share.partition.max.record.locks
group.share.record.lock.duration.ms group.share.session.timeout.ms
group.streams.heartbeat.interval.ms group.streams.max.heartbeat.interval.ms
group.streams.max.session.timeout.ms group.streams.max.size group.streams.max.standby.replicas
group.streams.min.heartbeat.interval.ms group.streams.min.session.timeout.ms
group.streams.num.standby.replicas group.streams.session.timeout.ms inter.broker.listener.name
kafka.metrics.polling.interval.secs kafka.metrics.reporters listener.security.protocol.map
listeners log.cleaner.backoff.ms log.cleaner.dedupe.buffer.size log.cleaner.delete.retention.ms
log.cleaner.enable log.cleaner.io.buffer.load.factor log.cleaner.io.buffer.size
log.cleaner.io.max.bytes.per.second log.cleaner.max.compaction.lag.ms
log.cleaner.min.cleanable.ratio log.cleaner.min.compaction.lag.ms log.cleaner.threads log.dir
log.dirs log.index.interval.bytes log.index.size.max.bytes log.preallocate
log.segment.delete.delay.ms metadata.log.dir metadata.log.max.record.bytes.between.snapshots
metadata.log.max.snapshot.interval.ms metadata.log.segment.bytes metadata.log.segment.ms
metadata.max.retention.bytes metadata.max.retention.ms metric.reporters metrics.num.samples
metrics.recording.level metrics.sample.window.ms num.recovery.threads.per.data.dir
num.replica.alter.log.dirs.threads offset.metadata.max.bytes offsets.commit.timeout.ms
offsets.load.buffer.size offsets.retention.check.interval.ms offsets.retention.minutes
offsets.topic.compression.codec offsets.topic.num.partitions offsets.topic.replication.factor
offsets.topic.segment.bytes principal.builder.class process.roles
producer.purgatory.purge.interval.requests remote.fetch.max.wait.ms
remote.list.offsets.request.timeout.ms remote.log.index.file.cache.total.size.bytes
remote.log.manager.copier.thread.pool.size remote.log.manager.copy.max.bytes.per.second
remote.log.manager.copy.quota.window.num remote.log.manager.copy.quota.window.size.seconds
remote.log.manager.expiration.thread.pool.size remote.log.manager.fetch.max.bytes.per.second
remote.log.manager.fetch.quota.window.num remote.log.manager.fetch.quota.window.size.seconds
remote.log.manager.task.interval.ms remote.log.manager.thread.pool.size
remote.log.metadata.custom.metadata.max.bytes remote.log.metadata.manager.class.name
remote.log.metadata.manager.class.path remote.log.metadata.manager.impl.prefix
remote.log.metadata.manager.listener.name remote.log.reader.max.pending.tasks
remote.log.reader.threads remote.log.storage.manager.class.name
remote.log.storage.manager.class.path remote.log.storage.manager.impl.prefix
sasl.enabled.mechanisms sasl.kerberos.principal.to.local.rules sasl.mechanism.controller.protocol
sasl.mechanism.inter.broker.protocol sasl.server.callback.handler.class
sasl.server.max.receive.size security.inter.broker.protocol share.coordinator.append.linger.ms
share.coordinator.load.buffer.size share.coordinator.snapshot.update.records.per.snapshot
share.coordinator.state.topic.compression.codec share.coordinator.state.topic.min.isr
share.coordinator.state.topic.num.partitions share.coordinator.state.topic.replication.factor
share.coordinator.state.topic.segment.bytes share.coordinator.threads
share.coordinator.write.timeout.ms share.fetch.purgatory.purge.interval.requests
ssl.allow.dn.changes ssl.allow.san.changes ssl.client.auth ssl.principal.mapping.rules
telemetry.max.bytes transaction.abort.timed.out.transaction.cleanup.interval.ms
transaction.max.timeout.ms transaction.partition.verification.enable
transaction.remove.expired.transaction.cleanup.interval.ms transaction.state.log.load.buffer.size
transaction.state.log.min.isr transaction.state.log.num.partitions
transaction.state.log.replication.factor transaction.state.log.segment.bytes
transaction.two.phase.commit.enable transactional.id.expiration.ms)";

constexpr std::string_view kBrokerEffective = R"(
auto.create.topics.enable auto.leader.rebalance.enable broker.heartbeat.interval.ms broker.id
broker.rack broker.session.timeout.ms client.quota.callback.class compression.type
connections.max.idle.ms controlled.shutdown.enable controller.quorum.append.linger.ms
controller.quorum.bootstrap.servers controller.quorum.election.backoff.max.ms
controller.quorum.election.timeout.ms controller.quorum.fetch.timeout.ms
controller.quorum.request.timeout.ms controller.quorum.retry.backoff.ms controller.quorum.voters
controller.quota.window.num controller.quota.window.size.seconds controller.socket.timeout.ms
default.replication.factor delete.topic.enable fetch.max.bytes
initial.broker.registration.timeout.ms leader.imbalance.check.interval.seconds log.cleanup.policy
log.dir.failure.timeout.ms log.flush.interval.messages log.flush.interval.ms
log.flush.offset.checkpoint.interval.ms log.flush.scheduler.interval.ms
log.flush.start.offset.checkpoint.interval.ms log.local.retention.bytes log.local.retention.ms
log.message.timestamp.after.max.ms log.message.timestamp.before.max.ms log.message.timestamp.type
log.retention.bytes log.retention.check.interval.ms log.retention.hours log.retention.minutes
log.retention.ms log.roll.hours log.roll.jitter.hours log.roll.jitter.ms log.roll.ms
log.segment.bytes max.connection.creation.rate max.connections max.connections.per.ip
max.connections.per.ip.overrides max.incremental.fetch.session.cache.slots
max.request.partition.size.limit message.max.bytes metadata.max.idle.interval.ms
min.insync.replicas node.id num.io.threads num.network.threads num.partitions num.replica.fetchers
producer.id.expiration.ms queued.max.request.bytes queued.max.requests quota.window.num
quota.window.size.seconds remote.log.storage.system.enable replica.fetch.backoff.ms
replica.fetch.max.bytes replica.fetch.min.bytes replica.fetch.response.max.bytes
replica.fetch.wait.max.ms replica.high.watermark.checkpoint.interval.ms replica.lag.time.max.ms
replica.selector.class replica.socket.receive.buffer.bytes replica.socket.timeout.ms
replication.quota.window.num replication.quota.window.size.seconds request.timeout.ms
socket.connection.setup.timeout.max.ms socket.connection.setup.timeout.ms
socket.listen.backlog.size socket.receive.buffer.bytes socket.request.max.bytes
socket.send.buffer.bytes unclean.leader.election.enable)";

constexpr std::string_view kTopicNoEffect = R"(
compression.gzip.level compression.lz4.level compression.zstd.level delete.retention.ms
file.delete.delay.ms index.interval.bytes local.retention.bytes local.retention.ms
max.compaction.lag.ms min.cleanable.dirty.ratio min.compaction.lag.ms preallocate
remote.log.copy.disable remote.log.delete.on.disable segment.index.bytes)";

constexpr std::string_view kTopicEffective = R"(
cleanup.policy compression.type flush.messages flush.ms follower.replication.throttled.replicas
leader.replication.throttled.replicas max.message.bytes message.timestamp.after.max.ms
message.timestamp.before.max.ms message.timestamp.type min.insync.replicas remote.storage.enable
retention.bytes retention.ms segment.bytes segment.jitter.ms segment.ms
unclean.leader.election.enable)";

// Plug-ins read these out of a client's properties: schema registries, interceptors, value
// providers.
constexpr std::string_view kPlugins = R"(
auto.register.schemas use.latest.version latest.compatibility.strict normalize.schemas
key.subject.name.strategy value.subject.name.strategy specific.avro.reader)";

constexpr std::string_view kClientPrefixes = R"(
metrics.context. config.providers schema.registry. basic.auth. bearer.auth.
confluent.monitoring.interceptor.)";

constexpr std::string_view kBrokerPrefixes = R"(
listener.name. metrics.context. config.providers rlmm.config. rsm.config.)";

// Names that differ although the setting is much the same: librdkafka's, then Java's.
constexpr std::pair<std::string_view, std::string_view> kLibrdkafkaNames[] = {
    {"batch.num.messages", "batch.size"},
    {"compression.codec", "compression.type"},
    {"max.in.flight", "max.in.flight.requests.per.connection"},
    {"message.send.max.retries", "retries"},
    {"message.timeout.ms", "delivery.timeout.ms"},
    {"metadata.broker.list", "bootstrap.servers"},
    {"partitioner", "partitioner.class"},
    {"queue.buffering.max.kbytes", "buffer.memory"},
    {"queue.buffering.max.messages", "buffer.memory"},
    {"queue.buffering.max.ms", "linger.ms"},
    {"request.required.acks", "acks"},
    {"socket.receive.buffer.bytes", "receive.buffer.bytes"},
    {"socket.send.buffer.bytes", "send.buffer.bytes"},
    {"socket.timeout.ms", "request.timeout.ms"},
    {"topic.metadata.refresh.interval.ms", "metadata.max.age.ms"},
};

// librdkafka: what neither a producer nor a consumer makes anything of in a simulated cluster. Keys
// of groups and commits are among them: a consumer here is told its partitions, joins no group and
// commits nothing.
constexpr std::string_view kRdkafkaNoEffect = R"(
allow.auto.create.topics api.version.fallback.ms auto.commit.enable auto.commit.interval.ms
background_event_cb broker.address.family broker.address.ttl broker.version.fallback
builtin.features client.dns.lookup client.software.name client.software.version closesocket_cb
compression.level connect_cb consume_cb consume.callback.max.messages coordinator.query.interval.ms
debug default_topic_conf dr_cb dr_msg_cb enable.auto.commit enable.auto.offset.store
enable.metrics.push enable.random.seed enable.ssl.certificate.verification error_cb group.id
group.instance.id group.protocol group.protocol.type group.remote.assignor heartbeat.interval.ms
https.ca.location https.ca.pem interceptors internal.termination.signal log_cb log_level
log.connection.close log.queue log.thread.name max.poll.interval.ms message.copy.max.bytes
msg_order_cmp oauth_cb oauthbearer_token_refresh_cb offset.store.method offset.store.path
offset.store.sync.interval.ms offset_commit_cb opaque open_cb partition.assignment.strategy
plugin.library.paths produce.offset.report rebalance_cb resolve_cb sasl.kerberos.keytab
sasl.kerberos.kinit.cmd sasl.kerberos.min.time.before.relogin sasl.kerberos.principal
sasl.kerberos.service.name sasl.mechanism sasl.mechanisms sasl.oauthbearer.client.id
sasl.oauthbearer.client.secret sasl.oauthbearer.config sasl.oauthbearer.extensions
sasl.oauthbearer.method sasl.oauthbearer.scope sasl.oauthbearer.token.endpoint.url sasl.password
sasl.username security.protocol session.timeout.ms socket.blocking.max.ms socket.keepalive.enable
socket_cb ssl.ca.certificate.stores ssl.ca.location ssl.ca.pem ssl.certificate.location
ssl.certificate.pem ssl.cipher.suites ssl.crl.location ssl.curves.list
ssl.endpoint.identification.algorithm ssl.engine.id ssl.engine.location ssl.key.location
ssl.key.password ssl.key.pem ssl.keystore.location ssl.keystore.password ssl.providers
ssl.sigalgs.list statistics.interval.ms stats_cb throttle_cb topic.blacklist
topic.metadata.refresh.fast.cnt topic.metadata.refresh.sparse transaction.timeout.ms)";

constexpr std::string_view kRdkafkaEffective = R"(
api.version.request api.version.request.timeout.ms bootstrap.servers client.id
connections.max.idle.ms enable.sparse.connections max.in.flight.requests.per.connection
message.max.bytes metadata.max.age.ms reconnect.backoff.max.ms reconnect.backoff.ms
retry.backoff.ms socket.connection.setup.timeout.ms socket.max.fails socket.nagle.disable
socket.receive.buffer.bytes socket.send.buffer.bytes socket.timeout.ms
topic.metadata.propagation.max.ms topic.metadata.refresh.fast.interval.ms
topic.metadata.refresh.interval.ms)";

// The other kind of client ignores these, with a line in its log.
constexpr std::string_view kRdkafkaProducerEffective = R"(
acks batch.num.messages batch.size compression.type delivery.report.only.error
enable.gapless.guarantee enable.idempotence linger.ms message.timeout.ms partitioner partitioner_cb
queue.buffering.backpressure.threshold queue.buffering.max.kbytes queue.buffering.max.messages
queuing.strategy request.timeout.ms retries sticky.partitioning.linger.ms transactional.id)";

constexpr std::string_view kRdkafkaConsumerEffective = R"(
auto.offset.reset check.crcs client.rack enable.partition.eof fetch.error.backoff.ms
fetch.max.bytes fetch.message.max.bytes fetch.min.bytes fetch.wait.max.ms isolation.level
max.partition.fetch.bytes queued.max.messages.kbytes queued.min.messages receive.message.max.bytes)";

void AddWords(std::string_view words, std::vector<std::string_view>& out) {
  constexpr std::string_view kGaps = " \n";
  for (size_t begin = words.find_first_not_of(kGaps); begin != std::string_view::npos;) {
    const size_t end = std::min(words.find_first_of(kGaps, begin), words.size());
    out.push_back(words.substr(begin, end - begin));
    begin = words.find_first_not_of(kGaps, end);
  }
}

bool Contains(std::span<const std::string_view> words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

KafkaKeys ClientKeys(Flavour flavour) {
  KafkaKeys keys;
  for (std::string_view words : {kSecurity, kClientSecurity, kClientNoEffect}) {
    AddWords(words, keys.no_effect);
  }
  AddWords(kClientEffective, keys.effective);
  keys.effective.push_back("metadata.recovery.strategy");
  AddWords(kPlugins, keys.plugins);
  AddWords(kClientPrefixes, keys.no_effect_prefixes);
  if (flavour == Flavour::kJava39) {
    keys.no_effect.push_back("auto.include.jmx.reporter");
  } else {
    // Gone since 4.0, and passed over there like any key that is not Kafka's.
    keys.plugins.push_back("auto.include.jmx.reporter");
    AddWords(kSecuritySince41, keys.no_effect);
    keys.effective.push_back("metadata.recovery.rebootstrap.trigger.ms");
  }
  return keys;
}

KafkaKeys RdkafkaKeys(Flavour flavour, std::string_view own, std::string_view others) {
  KafkaKeys keys;
  AddWords(kRdkafkaNoEffect, keys.no_effect);
  AddWords(others, keys.no_effect);
  AddWords(kRdkafkaEffective, keys.effective);
  AddWords(own, keys.effective);
  if (flavour == Flavour::kLibrdkafka216) {
    AddWords("metadata.recovery.rebootstrap.trigger.ms metadata.recovery.strategy", keys.effective);
    keys.effective.push_back("retry.backoff.max.ms");
  }
  return keys;
}

}  // namespace

KafkaKeys ProducerKeys(Flavour flavour) {
  KafkaKeys keys = ClientKeys(flavour);
  AddWords(kProducerNoEffect, keys.no_effect);
  AddWords(kProducerEffective, keys.effective);
  if (flavour != Flavour::kJava39) keys.effective.push_back("transaction.two.phase.commit.enable");
  return keys;
}

KafkaKeys RdkafkaProducerKeys(Flavour flavour) {
  KafkaKeys keys = RdkafkaKeys(flavour, kRdkafkaProducerEffective, kRdkafkaConsumerEffective);
  keys.no_effect.push_back("fetch.queue.backoff.ms");
  return keys;
}

KafkaKeys RdkafkaConsumerKeys(Flavour flavour) {
  KafkaKeys keys = RdkafkaKeys(flavour, kRdkafkaConsumerEffective, kRdkafkaProducerEffective);
  // To 2.0 these are no keys at all; the second is of share consumers.
  if (flavour == Flavour::kLibrdkafka216) {
    keys.effective.push_back("fetch.queue.backoff.ms");
    keys.no_effect.push_back("max.poll.records");
  }
  return keys;
}

KafkaKeys ConsumerKeys(Flavour flavour) {
  KafkaKeys keys = ClientKeys(flavour);
  AddWords(kConsumerNoEffect, keys.no_effect);
  if (flavour != Flavour::kJava39) keys.no_effect.push_back("share.acknowledgement.mode");
  AddWords(kConsumerEffective, keys.effective);
  return keys;
}

KafkaKeys BrokerKeys() {
  KafkaKeys keys;
  for (std::string_view words : {kSecurity, kSecuritySince41, kBrokerNoEffect}) {
    AddWords(words, keys.no_effect);
  }
  AddWords(kBrokerEffective, keys.effective);
  AddWords(kBrokerPrefixes, keys.no_effect_prefixes);
  return keys;
}

KafkaKeys TopicKeys() {
  KafkaKeys keys;
  AddWords(kTopicNoEffect, keys.no_effect);
  AddWords(kTopicEffective, keys.effective);
  return keys;
}

std::string ProgramsThatKnow(std::string_view key) {
  const std::pair<std::string_view, KafkaKeys> programs[] = {
      {"producer", ProducerKeys(Flavour::kJava41)},
      {"consumer", ConsumerKeys(Flavour::kJava41)},
      {"broker", BrokerKeys()},
      {"topic", TopicKeys()},
  };
  std::string names;
  for (const auto& [name, keys] : programs) {
    if (!Contains(keys.no_effect, key) && !Contains(keys.effective, key)) continue;
    names += names.empty() ? std::string(name) : Cat(" and ", name);
  }
  return names;
}

std::optional<std::string_view> JavaNameOf(std::string_view key) {
  for (const auto& [theirs, java] : kLibrdkafkaNames) {
    if (theirs == key) return java;
  }
  return std::nullopt;
}

}  // namespace norn::model
