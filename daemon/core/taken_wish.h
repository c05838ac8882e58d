// SPDX-License-Identifier: Apache-2.0
#pragma once
// A force wish of the agent's own object (sdk/installer.h), from when it was taken: journalled before it is taken away from there, so
// that it is taken once, however often the daemon dies. The last one is kept.

#include <optional>
#include <string>

#include "core/journal_format.h"
#include "sdk/installer.h"

namespace upkeep::core {

struct TakenWish {
  std::string identity, version, actor, place;
  sdk::TimePoint at;
  bool gone = false;      // a look has found it there no more: what stands there later is another one, however like it
  std::string operation;  // that began with it
  std::string refused;    // why none did
  [[nodiscard]] bool open() const { return operation.empty() && refused.empty(); }
};

// Takes an entry `wish` in, or the `begin` of the operation that a wish began. Errc::invalid: it cannot follow.
[[nodiscard]] sdk::Result<void> fold_wish(std::optional<TakenWish>& wish, const Entry& entry);

// Who wished it, as it is journalled and shown: nobody has proven who that was.
[[nodiscard]] std::string claimed(const std::string& actor);

// The first wish of that kind, with texts that are UTF-8 and not longer than a journal should have to carry.
[[nodiscard]] std::optional<sdk::Wish> wish_of(const sdk::Installed& installed, sdk::Wished kind);

}  // namespace upkeep::core
