// SPDX-License-Identifier: Apache-2.0
#pragma once
// source/s3: a channel in a bucket, public or private, at Amazon or at any server that speaks S3.

#include "sdk/plugin.h"

namespace upkeep::plugins::s3 {

extern const sdk::Descriptor kDescriptor;

}  // namespace upkeep::plugins::s3
