// SPDX-License-Identifier: Apache-2.0
#pragma once
// The one table from what PackageKit says went wrong to what is to be done about it. Four codes mean different things
// on different backends, and only their text tells; transactions therefore ask for texts in the C locale.

#include <cstdint>
#include <span>
#include <string_view>

#include "sdk/result.h"

namespace upkeep::shared::packagekit {

enum class Reaction {
  none,         // not an error: look at what is installed
  transient,    // try again later
  busy,         // another package manager holds the lock
  interrupted,  // an earlier change was killed: repair, then try again
  denied,       // a person has to allow it
  forged,       // a signature or checksum is wrong: denied, and loud
  invalid,      // this version cannot be installed here
  stale,        // invalid, but only after the lists were read anew
  cancelled,
  failed,  // the step failed, something may be half done
  unsupported,
};
[[nodiscard]] std::string_view name(Reaction reaction);
// Reaction::none has no error; asking for its Errc answers internal.
[[nodiscard]] sdk::Errc errc(Reaction reaction);

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
