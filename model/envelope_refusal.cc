// Requests that are refused as a whole.
#include <map>
#include <utility>

#include "model/envelope.h"

namespace norn::model {
namespace {

// Answers about versions are pointed to: there is one for each error, for as long as the program
// runs.
wire::ResponseBody Refuse(const wire::ApiVersionsRequest&, Error error) {
  using Answers = std::map<Error, wire::ApiVersionsResponse>;
  static const Answers& answers = *[] {
    auto* all = new Answers;
    for (const Error each : AllErrors()) (*all)[each].error = each;
    // The client is told what would be supported, in the one version that every client can read.
    (*all)[Error::kUnsupportedVersion] = wire::ApiVersionsOfKafka411(0, 1);
    (*all)[Error::kUnsupportedVersion].error = Error::kUnsupportedVersion;
    return all;
  }();
  return &answers.at(error);
}

wire::ResponseBody Refuse(const wire::MetadataRequest& request, Error error) {
  wire::MetadataResponse response;
  if (!request.topics.has_value()) return response;
  for (const auto& asked : *request.topics) {
    wire::MetadataResponse::Topic told;
    told.name = asked.name;
    told.topic_id = asked.topic_id;
    told.error = error;
    response.topics.push_back(std::move(told));
  }
  return response;
}

wire::ResponseBody Refuse(const wire::InitProducerIdRequest&, Error error) {
  wire::InitProducerIdResponse response;
  response.error = error;
  return response;
}

wire::ResponseBody Refuse(const wire::ProduceRequest& request, Error error) {
  wire::ProduceResponse response;
  for (const auto& topic : request.topics) {
    wire::ProduceResponse::Topic told;
    told.name = topic.name;
    told.topic_id = topic.topic_id;
    for (const auto& sent : topic.partitions) {
      wire::ProduceResponse::Partition partition;
      partition.index = sent.index;
      partition.error = error;
      partition.base_offset = Offset::None();
      told.partitions.push_back(std::move(partition));
    }
    response.topics.push_back(std::move(told));
  }
  return response;
}

wire::ResponseBody Refuse(const wire::FetchRequest& request, Error error) {
  wire::FetchResponse response;
  response.session_id = request.session_id;
  for (const auto& topic : request.topics) {
    wire::FetchResponse::Topic told;
    told.topic = topic.topic;
    told.topic_id = topic.topic_id;
    for (const auto& asked : topic.partitions) {
      wire::FetchResponse::Partition partition;
      partition.partition_index = asked.partition;
      partition.error = error;
      partition.high_watermark = Offset::None();
      told.partitions.push_back(std::move(partition));
    }
    response.topics.push_back(std::move(told));
  }
  return response;
}

wire::ResponseBody Refuse(const wire::ListOffsetsRequest& request, Error error) {
  wire::ListOffsetsResponse response;
  for (const auto& topic : request.topics) {
    wire::ListOffsetsResponse::Topic told;
    told.name = topic.name;
    for (const auto& asked : topic.partitions) {
      wire::ListOffsetsResponse::Partition partition;
      partition.partition_index = asked.partition_index;
      partition.error = error;
      told.partitions.push_back(std::move(partition));
    }
    response.topics.push_back(std::move(told));
  }
  return response;
}

wire::ResponseBody Refuse(const wire::OffsetForLeaderEpochRequest& request, Error error) {
  wire::OffsetForLeaderEpochResponse response;
  for (const auto& topic : request.topics) {
    wire::OffsetForLeaderEpochResponse::Topic told;
    told.topic = topic.topic;
    for (const auto& asked : topic.partitions) {
      wire::OffsetForLeaderEpochResponse::Partition partition;
      partition.partition = asked.partition;
      partition.error = error;
      told.partitions.push_back(std::move(partition));
    }
    response.topics.push_back(std::move(told));
  }
  return response;
}

}  // namespace

wire::ResponseBody ErrorAnswer(const RequestEnvelope& request, Error error) {
  return std::visit([error](const auto& body) { return Refuse(body, error); }, request.body);
}

}  // namespace norn::model
