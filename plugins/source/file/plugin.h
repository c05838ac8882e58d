// SPDX-License-Identifier: Apache-2.0
#pragma once
// source/file: a plain channel in a folder of this host, in the layout of a version server.

#include "sdk/plugin.h"

namespace upkeep::plugins::file {

extern const sdk::Descriptor kDescriptor;

}  // namespace upkeep::plugins::file
