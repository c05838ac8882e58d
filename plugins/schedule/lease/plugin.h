// SPDX-License-Identifier: Apache-2.0
#pragma once
// schedule/lease: an operation needs a Lease of the cluster, from right before apply to its end. Of all daemons that share one,
// one changes something at a time, and whoever cannot renew it changes nothing more.

#include "sdk/plugin.h"

namespace upkeep::plugins::lease {

extern const sdk::Descriptor kDescriptor;

}  // namespace upkeep::plugins::lease
