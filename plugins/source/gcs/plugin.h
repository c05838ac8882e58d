// SPDX-License-Identifier: Apache-2.0
#pragma once
// source/gcs: a channel in a bucket of Google Cloud Storage.

#include "sdk/plugin.h"

namespace upkeep::plugins::gcs {

extern const sdk::Descriptor kDescriptor;

}  // namespace upkeep::plugins::gcs
