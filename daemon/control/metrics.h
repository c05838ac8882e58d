// SPDX-License-Identifier: Apache-2.0
#pragma once
// The metrics page, made anew from the engine's status for each reading: nothing is counted on the side that could
// disagree with what `status` says. The names are listed in conf/api/openapi.yaml.

#include <string>

#include "engine/face.h"

namespace upkeep::control {

[[nodiscard]] std::string metrics_page(engine::Face& face);

}  // namespace upkeep::control
