// SPDX-License-Identifier: Apache-2.0
#pragma once
// State "files": an agent's journal as agents/NAME/journal.jsonl below the state folder.

#include "sdk/plugin.h"

namespace upkeep::plugins::files {

extern const sdk::Descriptor kDescriptor;

}  // namespace upkeep::plugins::files
