// SPDX-License-Identifier: Apache-2.0
#pragma once
// installer/kubernetes: keeps a Deployment, StatefulSet or DaemonSet at the channel's version.

#include "sdk/plugin.h"

namespace upkeep::plugins::kubernetes {

extern const sdk::Descriptor kDescriptor;

}  // namespace upkeep::plugins::kubernetes
