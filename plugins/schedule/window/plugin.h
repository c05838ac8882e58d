// SPDX-License-Identifier: Apache-2.0
#pragma once
// schedule/window: open in windows of local time, on days or dates, with blackouts cut out.

#include "sdk/plugin.h"

namespace upkeep::plugins::window {

extern const sdk::Descriptor kDescriptor;

}  // namespace upkeep::plugins::window
