// SPDX-License-Identifier: Apache-2.0
#pragma once
// The one table from what PackageKit says went wrong to what is to be done about it. Four codes mean different things
// on different backends, and only their text tells; transactions therefore ask for texts in the C locale.

#include <cstdint>
#include <span>
#include <string_view>

#include "shared/packages/reaction.h"

namespace upkeep::shared::packagekit {

using packages::Reaction;

struct ErrorRow {
  std::uint32_t code;
  std::string_view name;
  Reaction reaction;  // for the codes that depend on their text: what holds when the text says nothing special
};
[[nodiscard]] std::span<const ErrorRow> error_table();

// The name in the table, or "unknown error".
[[nodiscard]] std::string_view error_name(std::uint32_t code);
// A code that is not in the table is Reaction::failed: what PackageKit may say tomorrow is looked into, not ignored.
[[nodiscard]] Reaction reaction(std::uint32_t code, std::string_view text);

}  // namespace upkeep::shared::packagekit
