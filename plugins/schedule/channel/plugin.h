// SPDX-License-Identifier: Apache-2.0
#pragma once
// schedule/channel: open in the windows that a signed channel publishes with its release.

#include "sdk/plugin.h"

namespace upkeep::plugins::channel {

extern const sdk::Descriptor kDescriptor;

}  // namespace upkeep::plugins::channel
