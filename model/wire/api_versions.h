// ApiVersions (api key 18): the first thing a client says on a connection, and which versions of
// which requests the broker understands.
//
// Versions 0 to 4. The answer always has the oldest header: a client must read it before it knows
// anything of the broker.
//
// Example:
//   ApiVersionsResponse answer = ApiVersionsOfKafka411(/*version=*/4,
//   /*finalized_features_epoch=*/1); ResponseFrameSize(answer, 4);                    // 790
#ifndef NORN_MODEL_WIRE_API_VERSIONS_H_
#define NORN_MODEL_WIRE_API_VERSIONS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "model/error.h"
#include "model/wire/api.h"
#include "model/wire/reading.h"

namespace norn::model::wire {

struct ApiVersionsRequest {
  static constexpr MessageInfo kInfo = {Api::kApiVersions, "ApiVersionsRequest", 0, 4};

  std::string client_software_name = {};
  std::string client_software_version = {};

  template <class Self, class V>
  static void Describe(Self& m, V& v) {
    v.Field("ClientSoftwareName", m.client_software_name, Since(3));
    v.Field("ClientSoftwareVersion", m.client_software_version, Since(3));
  }
  friend bool operator==(const ApiVersionsRequest&, const ApiVersionsRequest&) = default;
};

struct ApiVersionsResponse {
  static constexpr MessageInfo kInfo = {Api::kApiVersions, "ApiVersionsResponse", 0, 4};

  struct ApiVersion {
    int16_t api_key = 0;
    int16_t min_version = 0;
    int16_t max_version = 0;

    template <class Self, class V>
    static void Describe(Self& m, V& v) {
      v.Field("ApiKey", m.api_key);
      v.Field("MinVersion", m.min_version);
      v.Field("MaxVersion", m.max_version);
    }
    friend bool operator==(const ApiVersion&, const ApiVersion&) = default;
  };

  // Levels of a feature that this broker could run.
  struct SupportedFeature {
    std::string name = {};
    int16_t min_version = 0;
    int16_t max_version = 0;

    template <class Self, class V>
    static void Describe(Self& m, V& v) {
      v.Field("Name", m.name);
      v.Field("MinVersion", m.min_version);
      v.Field("MaxVersion", m.max_version);
    }
    friend bool operator==(const SupportedFeature&, const SupportedFeature&) = default;
  };

  // The level the cluster runs.
  struct FinalizedFeature {
    std::string name = {};
    int16_t max_version_level = 0;
    int16_t min_version_level = 0;

    template <class Self, class V>
    static void Describe(Self& m, V& v) {
      v.Field("Name", m.name);
      v.Field("MaxVersionLevel", m.max_version_level);
      v.Field("MinVersionLevel", m.min_version_level);
    }
    friend bool operator==(const FinalizedFeature&, const FinalizedFeature&) = default;
  };

  Error error = Error::kNone;
  std::vector<ApiVersion> api_keys = {};
  int32_t throttle_time_ms = 0;
  std::vector<SupportedFeature> supported_features = {};
  int64_t finalized_features_epoch = -1;
  std::vector<FinalizedFeature> finalized_features = {};
  bool zk_migration_ready = false;

  template <class Self, class V>
  static void Describe(Self& m, V& v) {
    v.Field("ErrorCode", m.error);
    v.Field("ApiKeys", m.api_keys);
    v.Field("ThrottleTimeMs", m.throttle_time_ms, Since(1));
    v.Tagged(0, "SupportedFeatures", m.supported_features, Since(3));
    v.Tagged(1, "FinalizedFeaturesEpoch", m.finalized_features_epoch, Since(3), int64_t{-1});
    v.Tagged(2, "FinalizedFeatures", m.finalized_features, Since(3));
    v.Tagged(3, "ZkMigrationReady", m.zk_migration_ready, Since(3));
  }
  friend bool operator==(const ApiVersionsResponse&, const ApiVersionsResponse&) = default;
};

// What a broker of Kafka 4.1.1 with default settings (KRaft, no telemetry plugin, no unstable
// versions) answers to a request of `version`. Before version 4 features whose lowest level is 0
// are left out.
ApiVersionsResponse ApiVersionsOfKafka411(int16_t version, int64_t finalized_features_epoch);

}  // namespace norn::model::wire

#endif  // NORN_MODEL_WIRE_API_VERSIONS_H_
