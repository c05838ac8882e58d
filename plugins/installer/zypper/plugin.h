// SPDX-License-Identifier: Apache-2.0
#pragma once
// The installer "zypper": keeps an rpm package at the channel's version, on hosts with zypper.

#include "sdk/plugin.h"

namespace upkeep::plugins::zypper {

extern const sdk::Descriptor kDescriptor;

}  // namespace upkeep::plugins::zypper
