// SPDX-License-Identifier: Apache-2.0
#pragma once
// What is to be done about what a package manager says went wrong.

#include <string_view>

#include "sdk/result.h"

namespace upkeep::shared::packages {

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

struct Failure {
  Reaction reaction;
  sdk::Error error;  // names the text and, where a person must act, what to do
};

}  // namespace upkeep::shared::packages
