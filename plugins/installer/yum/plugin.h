// SPDX-License-Identifier: Apache-2.0
#pragma once
// The installer "yum": keeps an rpm package at the channel's version, on hosts with dnf.

#include "sdk/plugin.h"

namespace upkeep::plugins::yum {

extern const sdk::Descriptor kDescriptor;

}  // namespace upkeep::plugins::yum
