// The metadata log as the quorum keeps it: what is here survives any controller.
#ifndef NORN_MODEL_METADATA_METADATA_LOG_H_
#define NORN_MODEL_METADATA_METADATA_LOG_H_

#include <cstdint>
#include <vector>

#include "model/metadata/metadata_image.h"

namespace norn::model {

struct MetadataLog {
  std::vector<MetadataRecord> committed;

  MetadataImage Image() const {
    MetadataImage image;
    for (const MetadataRecord& record : committed) image.Apply(record);
    return image;
  }
};

}  // namespace norn::model

#endif  // NORN_MODEL_METADATA_METADATA_LOG_H_
