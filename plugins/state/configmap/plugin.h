// SPDX-License-Identifier: Apache-2.0
#pragma once
// State "configmap": each agent's journal in a ConfigMap of its own, for daemons whose disk does not outlive them. Who may write is
// who has a Lease; each write is conditional, so that one who lost the Lease without having heard of it writes nothing.

#include "sdk/plugin.h"

namespace upkeep::plugins::configmap {

extern const sdk::Descriptor kDescriptor;

}  // namespace upkeep::plugins::configmap
