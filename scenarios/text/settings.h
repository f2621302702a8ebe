// The key=value settings of one client, topic or broker, with the places where they were written.
//
// Example:
//   Settings settings(place, client.property(), diagnosis);
//   auto config = JavaProducerConfig::Parse(flavour, settings.properties(), &notices);
//   if (!config.ok()) settings.Refuse(config.status());    // one mistake each, at its own line
#ifndef NORN_SCENARIOS_TEXT_SETTINGS_H_
#define NORN_SCENARIOS_TEXT_SETTINGS_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/repeated_field.h"
#include "model/config/properties.h"
#include "scenarios/text/source.h"

namespace norn::scenarios {

class Settings {
 public:
  // Reads `property` of the message at `holder`. What cannot be read is added to the diagnosis.
  Settings(const Place& holder, const google::protobuf::RepeatedPtrField<std::string>& property,
           Diagnosis& diagnosis);

  // Puts what a file says in front: of a key that is set here, too, this one counts. From then on
  // lines in messages are the file's, so that what is set here has none.
  void AddFile(const Place& named_at, std::vector<model::Property> of_file);

  const std::vector<model::Property>& properties() const { return properties_; }

  // Adds each line of the status as a mistake, at the setting that it is about.
  void Refuse(const absl::Status& status) const;

 private:
  struct Written {
    std::string key;
    Place place;
  };

  Place holder_;
  Diagnosis& diagnosis_;
  std::vector<Written> written_;
  std::vector<model::Property> properties_;
  bool of_file_ = false;
};

}  // namespace norn::scenarios

#endif  // NORN_SCENARIOS_TEXT_SETTINGS_H_
