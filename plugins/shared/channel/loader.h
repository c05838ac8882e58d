// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reads a plain channel's two files into an offer. What the bytes mean is core's business.

#include <optional>
#include <string>

#include "sdk/release.h"
#include "shared/channel/object_reader.h"

namespace upkeep::shared::channel {

// As Source::poll: `last` is used (its cursor sent, its bytes taken for a file that has not changed) only when it is a
// plain offer of this very origin. nullopt: the same as `last`. The version's file decides: without it there is an
// error; a critical file that cannot be read is left out of the offer, which says why.
sdk::Task<sdk::Result<std::optional<sdk::Offer>>> load_plain(ObjectReader& reader, std::string origin, const sdk::Offer* last);

}  // namespace upkeep::shared::channel
