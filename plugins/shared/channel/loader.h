// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reads a channel's files into an offer, after whatever made them "bytes of a named object". What the bytes mean is core's business.

#include <optional>
#include <string>

#include "sdk/release.h"
#include "sdk/source.h"
#include "shared/channel/object_reader.h"

namespace upkeep::shared::channel {

// As Source::poll: `last` is used (its cursor sent, its bytes taken for a file that has not changed) only when it is an offer of this
// very origin and of the kind that is wanted. nullopt: the same as `last`.
// Plain: the version's file decides, without it there is an error; a critical file that cannot be read is left out of the offer, which
// says why. Signed: release.json decides; while it has not changed its signatures are not read again. A signature file that is missing
// or may not be read is left out, for a bucket may call what is missing denied.
sdk::Task<sdk::Result<std::optional<sdk::Offer>>> load(ObjectReader& reader, std::string origin, const sdk::Offer* last,
                                                       sdk::Wanted wanted);

// As Source::get.
sdk::Task<sdk::Result<std::optional<std::string>>> load_file(ObjectReader& reader, std::string origin, std::string name);

}  // namespace upkeep::shared::channel
