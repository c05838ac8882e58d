// SPDX-License-Identifier: Apache-2.0
#pragma once
// The installer "apt": keeps a Debian package at the channel's version, through PackageKit and without root.

#include "sdk/plugin.h"

namespace upkeep::plugins::apt {

extern const sdk::Descriptor kDescriptor;

}  // namespace upkeep::plugins::apt
