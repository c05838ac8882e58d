// SPDX-License-Identifier: Apache-2.0
#pragma once
// source/https: a plain channel on a web server, read over TLS.

#include "sdk/plugin.h"

namespace upkeep::plugins::https {

extern const sdk::Descriptor kDescriptor;

}  // namespace upkeep::plugins::https
