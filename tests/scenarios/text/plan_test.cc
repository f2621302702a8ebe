#include "scenarios/text/plan.h"

#include <cstdlib>
#include <fstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/scenarios/scripts.h"

namespace norn::scenarios {
namespace {

using ::testing::HasSubstr;

TEST(Plan, MistakesOfMeaningNameLineFieldAndRemedy) {
  EXPECT_EQ(MistakesIn(With("steps { wait { duration: \"1s\" } }\n"
                            "steps {\n  send { client: \"p2\" topic: \"t\" value: \"a\" }\n}")),
            "t.textproto:5:10: steps[1].send.client: no client is called 'p2'; clients are: p1");
  EXPECT_EQ(MistakesIn(With("steps { send { topic: \"orders\" value: \"a\" } }")),
            "t.textproto:3:16: steps[0].send.topic: no topic is called 'orders'; topics are: t");
  EXPECT_EQ(MistakesIn(With("steps { kill_broker { broker: 2 } }")),
            "t.textproto:3:23: steps[0].kill_broker.broker: there is no broker 2; the only one is "
            "1");
  EXPECT_EQ(
      MistakesIn(With("steps { partition { a: \"p1\" b: \"x\" } }")),
      "t.textproto:3:29: steps[0].partition.b[0]: no machine is called 'x'; machines are: b1, "
      "p1");
  EXPECT_EQ(MistakesIn(With("steps { wait {} }")),
            "t.textproto:3:9: steps[0].wait.duration: is missing; write wait { duration: \"1s\" }");
  EXPECT_EQ(MistakesIn(With("steps {}")),
            "t.textproto:3:1: steps[0]: does nothing; a step does one thing, as in steps { flush { "
            "timeout: \"1s\" } }");
  EXPECT_EQ(MistakesIn(""),
            "t.textproto: nothing happens; add a step, as in steps { wait { duration: \"1s\" } }");
}

TEST(Plan, OnlyWhatTheWholeRunMustShowMayBeSometimesSo) {
  EXPECT_EQ(MistakesIn(With("steps { check { no_duplicates {} sometimes_within: 10 } }")),
            "t.textproto:3:34: steps[0].check.sometimes_within: belongs to an expectation of the "
            "whole run: expect { ... }");
  EXPECT_THAT(MistakesIn(With("steps { wait { duration: \"1s\" } }\n"
                              "expect { no_duplicates {} sometimes_within: 1 }")),
              HasSubstr("t.textproto:4:27: expect[0].sometimes_within: "));
}

TEST(Plan, AllMistakesAreTold) {
  const std::string mistakes =
      MistakesIn(With("steps { flush { timeout: \"5\" } }\n"
                      "expect { outcome { send: \"a\" is: OK } }\n"
                      "expect { fault_fired { fault: \"f\" } }"));
  EXPECT_THAT(mistakes, HasSubstr("t.textproto:3:17: steps[0].flush.timeout: \"5\" is no length"));
  EXPECT_THAT(mistakes,
              HasSubstr("\nt.textproto:4:20: expect[0].outcome.send: nothing that is sent "
                        "before this is called 'a'; there are none"));
  EXPECT_THAT(mistakes, HasSubstr("\nt.textproto:5:24: expect[1].fault_fired.fault: no fault is "
                                  "called 'f'; there are none"));
}

TEST(Plan, SettingsAreReadAsKafkaReadsThem) {
  EXPECT_EQ(
      MistakesIn("clients {\n  name: \"p1\"\n  property: \"acks=all\"\n"
                 "  property: \"linger.ms=-1\"\n}\nsteps { flush {} }"),
      "t.textproto:4:3: clients[0].property[1]: Invalid value -1 for configuration linger.ms: "
      "Value must be at least 0");
  EXPECT_EQ(MistakesIn("clients { name: \"p1\" property: \"linger\" } steps { flush {} }"),
            "t.textproto:1:22: clients[0].property[0]: \"linger\" has no value; write one setting "
            "as key=value, such as linger.ms=5");
  EXPECT_EQ(
      MistakesIn("cluster { property: \"message.max.byte=1\" } "
                 "steps { wait { duration: \"1s\" } }"),
      "t.textproto:1:11: cluster.property[0]: message.max.byte is not a Kafka broker key; did "
      "you mean message.max.bytes?");
}

TEST(Plan, AFailingDiskNamesALogAndACall) {
  const auto mistake = [](const std::string& fault) {
    return MistakesIn(With("steps { flush {} }\nfaults { at: \"1s\" " + fault + " }"));
  };
  EXPECT_EQ(mistake("fail_disk { call: SYNC nth: 3 times: 1 file: \"t-0/0\" }"), "");
  EXPECT_EQ(mistake("fill_disk { leaving: 4096 }"), "");
  EXPECT_THAT(mistake("fail_disk { file: \"checkpoint\" }"),
              HasSubstr("faults[0].fail_disk.file: 'checkpoint' is no file of a log; write "
                        "\"orders-0/\""));
  EXPECT_THAT(mistake("fail_disk { file: \"t-1/\" }"), HasSubstr("faults[0].fail_disk.file"));
  EXPECT_THAT(mistake("fail_disk { file: \"u-0/\" }"), HasSubstr("no topic is called 'u'"));
  EXPECT_THAT(mistake("fail_disk { nth: 0 }"), HasSubstr("faults[0].fail_disk.nth"));
  EXPECT_THAT(mistake("fail_disk { times: 0 }"), HasSubstr("faults[0].fail_disk.times"));
  EXPECT_THAT(mistake("fill_disk { leaving: -1 }"), HasSubstr("faults[0].fill_disk.leaving"));
  EXPECT_THAT(mistake("repair_disk { broker: 2 }"), HasSubstr("there is no broker 2"));
  EXPECT_THAT(MistakesIn("cluster { disk { capacity: 0 } } steps { wait { duration: \"1s\" } }"),
              HasSubstr("cluster.disk.capacity"));
  EXPECT_EQ(PlanOf("cluster { disk { capacity: 7000 } } steps { wait { duration: \"1s\" } }")
                .cluster.disk.capacity,
            7000);
}

TEST(Plan, ClocksAreOfMachinesThatReadThem) {
  const auto mistake = [](const std::string& clock) {
    return MistakesIn(
        "cluster { controller: true topics { name: \"t\" } } clients { name: \"p1\" } "
        "clients { name: \"r\" flavour: \"librdkafka-2.16\" } steps { flush { client: "
        "\"p1\" } } " +
        clock);
  };
  EXPECT_EQ(mistake("clock { machine: \"p1\" offset: \"-5s\" drift_ppm: -100 }"), "");
  EXPECT_EQ(mistake("clock { machine: \"b1\" offset: \"5s\" } clock { machine: \"r\" }"), "");
  EXPECT_EQ(mistake("steps { step_clock { machine: \"r\" by: \"-2m\" } }"), "");
  EXPECT_THAT(mistake("clock { machine: \"c1\" }"),
              HasSubstr("clock[0].machine: the controller's clocks change nothing here"));
  EXPECT_THAT(mistake("clock { machine: \"p2\" }"), HasSubstr("no machine is called 'p2'"));
  EXPECT_THAT(
      mistake("clock { machine: \"b1\" drift_ppm: 1 }"),
      HasSubstr("clock[0].drift_ppm: only the clock of a Java client drifts here; give b1 an "
                "offset, or a step_clock"));
  EXPECT_THAT(mistake("clock { machine: \"r\" drift_ppm: 1 }"),
              HasSubstr("only the clock of a Java"));
  EXPECT_THAT(mistake("clock { machine: \"p1\" drift_ppm: 200000 }"),
              HasSubstr("200000 is beyond what Norn takes: 100000 either way"));
  EXPECT_THAT(mistake("clock { machine: \"p1\" } clock { machine: \"p1\" }"),
              HasSubstr("clock[1]: a clock before this is that of p1"));
  EXPECT_THAT(mistake("clock { machine: \"p1\" offset: \"5\" }"), HasSubstr("clock[0].offset"));
  EXPECT_THAT(mistake("steps { step_clock { machine: \"p1\" } }"),
              HasSubstr("steps[1].step_clock.by: is missing"));
  EXPECT_THAT(mistake("faults { at: \"1s\" step_clock { by: \"1s\" } }"),
              HasSubstr("faults[0].step_clock.machine: is missing"));
}

TEST(Plan, FaultsMustBePossible) {
  const auto mistake = [](const std::string& fault) {
    return MistakesIn(With("steps { flush {} }\nfaults { " + fault + " }"));
  };
  EXPECT_EQ(mistake("on { point: CONNECT api: \"Produce\" } kill_broker {}"),
            "t.textproto:4:1: faults[0]: no request is under way at 'connect': leave out the api");
  EXPECT_EQ(
      mistake("on { point: RESPONSE_SENT api: \"Produces\" } drop {}"),
      "t.textproto:4:36: faults[0].on.api: no request here is called 'Produces'; did you mean "
      "'Produce'?");
  EXPECT_EQ(mistake("at: \"1s\" drop {}"),
            "t.textproto:4:19: faults[0].drop: 'drop' is done to a request or an answer: say to "
            "which, with on { point: ... }");
  EXPECT_EQ(mistake("on { point: REQUEST_SENT } heal {}"),
            "t.textproto:4:37: faults[0].heal: 'heal' happens at an instant: write at: \"10ms\"");
  EXPECT_EQ(mistake("kill_broker {}"),
            "t.textproto:4:1: faults[0]: never happens; write at: "
            "\"10ms\", or on { point: ... }");
  EXPECT_EQ(mistake("on { point: REQUEST_SENT nth: 1 every: 2 } drop {}"),
            "t.textproto:4:10: faults[0].on: nth, first, every and always exclude each other: keep "
            "one");
  EXPECT_EQ(
      mistake("on { point: APPENDED } pause {}"),
      "t.textproto:4:1: faults[0]: 'pause broker' needs a duration; a broker that never wakes "
      "is 'lose broker power'");
}

TEST(Plan, WhatFaultsDoToFramesMustBePossible) {
  const auto mistake = [](const std::string& fault) {
    return MistakesIn(With("steps { flush {} }\nfaults { " + fault + " }"));
  };
  EXPECT_THAT(mistake("on { point: REQUEST_SENT } answer { error: \"NOT_ENOUGH_REPLICA\" }"),
              HasSubstr("no error is called 'NOT_ENOUGH_REPLICA'; did you mean "
                        "'NOT_ENOUGH_REPLICAS'?"));
  EXPECT_THAT(mistake("on { point: REQUEST_SENT } answer {}"),
              HasSubstr("faults[0].answer.error: is missing; write answer { error:"));
  EXPECT_THAT(mistake("on { point: RESPONSE_SENT } answer { error: \"NOT_ENOUGH_REPLICAS\" }"),
              HasSubstr("needs a request that nobody has looked at"));
  EXPECT_THAT(mistake("on { point: REQUEST_SENT } corrupt { byte: 3 mask: 256 }"),
              HasSubstr("256 is no mask of a byte; take one from 1 to 255"));
  EXPECT_THAT(mistake("on { point: REQUEST_RECEIVED } hold {}"),
              HasSubstr("'hold' needs a frame under way"));
  EXPECT_THAT(mistake("on { point: REQUEST_SENT record: \"x\" } hold {}"),
              HasSubstr("faults[0].on.record: nothing that is sent before this is called 'x'"));
  EXPECT_THAT(mistake("on { point: REQUEST_SENT topic: \"t\" partition: 7 } hold {}"),
              HasSubstr("'t' has no partition 7"));
  EXPECT_THAT(MistakesIn(With("faults { name: \"f\" on { point: REQUEST_SENT } drop {} }\n"
                              "steps { release { fault: \"f\" } }")),
              HasSubstr("steps[0].release.fault: 'f' holds nothing; give it hold {}"));
}

TEST(Plan, TopicsHaveLeadersAndReplicasAmongTheBrokers) {
  const auto mistake = [](const std::string& topic) {
    return MistakesIn("cluster { brokers: 2 topics { name: \"t\" " + topic +
                      " } }\nsteps { wait { duration: \"1s\" } }");
  };
  EXPECT_EQ(mistake("leader: 2 leader: 1 replicas: 2 partitions: 5"), "");
  EXPECT_THAT(mistake("leader: 3"), HasSubstr("there is no broker 3; brokers are 1 to 2"));
  EXPECT_THAT(mistake("replicas: 3"), HasSubstr("3 is more than there are brokers: 2"));
  EXPECT_THAT(MistakesIn("cluster { topics { name: \"t\" } }\n"
                         "steps { create_topic { name: \"t\" } }"),
              HasSubstr("steps[0].create_topic.name: a topic before this is called 't', too"));
  EXPECT_THAT(MistakesIn("cluster { quotas { client_id: \"a\" } }\n"
                         "steps { wait { duration: \"1s\" } }"),
              HasSubstr("cluster.quotas[0].producer_byte_rate: is missing"));
}

TEST(Plan, AConsumerMayBeLibrdkafkas) {
  const auto mistake = [](const std::string& property) {
    return MistakesIn(
        "cluster { topics { name: \"t\" } }\n"
        "clients { name: \"c\" flavour: \"librdkafka-2.16\" property: \"" +
        property +
        "\" consumer { assign { topic: \"t\" } } }\n"
        "steps { poll { client: \"c\" } }");
  };
  EXPECT_EQ(mistake("auto.offset.reset=smallest"), "");
  EXPECT_THAT(mistake("auto.offset.reset=none"), HasSubstr("auto.offset.reset"));
  EXPECT_THAT(mistake("fetch.max.wait.ms=5"), HasSubstr("fetch.max.wait.ms"));
  EXPECT_THAT(MistakesIn("cluster { topics { name: \"t\" } }\n"
                         "clients { name: \"c\" flavour: \"librdkafka-2.0\" consumer {} }\n"
                         "steps { poll { client: \"c\" } }"),
              HasSubstr("reads nothing"));
}

TEST(Plan, StepsOfADriverMustBePossible) {
  const auto mistake = [](const std::string& step) {
    return MistakesIn(With("steps { " + step + " }"));
  };
  EXPECT_EQ(
      mistake("purge { queue: true }"),
      "t.textproto:3:9: steps[0].purge: Java's producer has no purge(), and p1 is a java-4.1; "
      "give it the flavour librdkafka-2.16");
  EXPECT_EQ(mistake("mark {}"),
            "t.textproto:3:9: steps[0].mark.label: is missing; write label: \"warm\"");
  EXPECT_EQ(MistakesIn(With("steps { mark { label: \"m\" } } steps { mark { label: \"m\" } }")),
            "t.textproto:3:46: steps[1].mark.label: a mark before this is called 'm', too");
  EXPECT_EQ(mistake("until_fired { fault: \"x\" }"),
            "t.textproto:3:23: steps[0].until_fired.fault: no fault is called 'x'; there are none");
  EXPECT_EQ(
      MistakesIn(
          With("faults { name: \"f\" at: \"1s\" heal {} } steps { disarm { fault: \"f\" } }")),
      "t.textproto:3:56: steps[0].disarm.fault: 'f' happens at an instant of its own and cannot "
      "be disarmed; give it `on`");
  EXPECT_EQ(mistake("refuse { on: false reset: true }"),
            "t.textproto:3:28: steps[0].refuse.reset: goes with on: true; what is refused has no "
            "connections to reset");
  EXPECT_EQ(
      MistakesIn(With("clients { name: \"c\" consumer { assign { topic: \"t\" partition: 0 } } }\n"
                      "steps { seek { offset: -1 } }")),
      "t.textproto:4:16: steps[0].seek.offset: -1 is too small; it must be at least 0");
}

TEST(Plan, WhatIsPlainMayBeLeftOut) {
  const Plan plan =
      PlanOf(With("steps { create_message { value: \"a\" } }\n"
                  "steps { send {} }\nsteps { kill_broker {} }\n"
                  "expect { stored { value: \"a\" } }"));
  const Send& send = plan.scenario.steps(1).send();
  EXPECT_EQ(send.client(), "p1");
  EXPECT_EQ(send.topic(), "t");
  EXPECT_EQ(send.value(), "a");
  EXPECT_EQ(send.label(), "a");
  EXPECT_EQ(plan.scenario.steps(2).kill_broker().broker(), 1);
  EXPECT_EQ(plan.scenario.expect(0).stored().topic(), "t");
  EXPECT_EQ(plan.name, "t");
}

TEST(Plan, TwoThingsOfOneNameAreAMistake) {
  EXPECT_EQ(MistakesIn("clients { name: \"p\" } clients { name: \"p\" } "
                       "steps { wait { duration: \"1s\" } }"),
            "t.textproto:1:33: clients[1].name: a client before this is called 'p', too");
  EXPECT_EQ(MistakesIn("clients { name: \"b2\" } steps { wait { duration: \"1s\" } }"),
            "t.textproto:1:11: clients[0].name: 'b2' is how brokers are called; take another name");
}

// What the schema says of a default is what the model does without it.
TEST(Plan, DefaultsOfTheTextAreThoseOfTheModel) {
  const Cluster cluster;
  const model::ClusterOptions model;
  const auto ms = [](absl::Duration d) { return absl::FormatDuration(d); };
  EXPECT_EQ(cluster.brokers(), model.brokers);
  EXPECT_EQ(cluster.network().latency(), ms(model.network.link.latency.min));
  EXPECT_EQ(cluster.network().bytes_per_second(), model.network.link.bytes_per_second);
  EXPECT_EQ(cluster.disk().write_latency(), ms(model.disk.write_latency));
  EXPECT_EQ(cluster.disk().sync_latency(), ms(model.disk.sync_latency));
  EXPECT_EQ(cluster.disk().bytes_per_second(), model.disk.bytes_per_second);
  EXPECT_EQ(sim::Probability(cluster.disk().torn_tail()), model.disk.torn_tail);
  EXPECT_EQ(cluster.costs().io_threads(), model.costs.io_threads);
  EXPECT_EQ(cluster.costs().per_request(), ms(model.costs.per_request));
  EXPECT_EQ(cluster.costs().nanos_per_kilobyte(), model.costs.nanos_per_kilobyte);
  EXPECT_EQ(cluster.costs().client_per_request(), ms(model.costs.client_per_request));
  EXPECT_EQ(Client().flavour(), model::Name(model::Flavour::kJava41));
}

// A producer.properties from production loads: it names brokers that are not here, and files.
TEST(Plan, APropertiesFileOfProductionLoads) {
  const char* directory = std::getenv("TEST_TMPDIR");
  const std::string path = directory == nullptr ? "/tmp" : directory;
  std::ofstream(path + "/producer.properties")
      << "bootstrap.servers=kafka1.example.com:9093,kafka2.example.com:9093\n"
         "security.protocol=SSL\nssl.keystore.location=/etc/keys.jks\nssl.key.password=secret\n"
         "key.serializer=org.apache.kafka.common.serialization.StringSerializer\n"
         "linger.ms=25\nacks=1\n";
  auto script = ParseScript("t.textproto",
                            "clients { name: \"p1\" properties_file: \"producer.properties\" "
                            "property: \"linger.ms=7\" } steps { flush {} }",
                            path);
  ASSERT_TRUE(script.ok());
  const auto plan = MakePlan(**script);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->clients[0].producer.linger, absl::Milliseconds(7));
  EXPECT_EQ(plan->clients[0].producer.acks, model::Acks::kLeader);
  EXPECT_TRUE(plan->clients[0].producer.bootstrap_servers.empty());
  const std::string notices = model::Summary(plan->notices);
  EXPECT_THAT(notices, HasSubstr("bootstrap.servers: kafka1.example.com:9093,"));
  EXPECT_THAT(notices, HasSubstr("enable.idempotence: true -> false"));
  EXPECT_THAT(notices, HasSubstr("ssl.keystore.location"));
  EXPECT_EQ(notices.find("secret"), std::string::npos);
}

}  // namespace
}  // namespace norn::scenarios
