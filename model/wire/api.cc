#include "model/wire/api.h"

#include <ostream>

namespace norn::model::wire {

std::ostream& operator<<(std::ostream& os, Api api) { return os << Name(api); }

}  // namespace norn::model::wire
