// SPDX-License-Identifier: Apache-2.0
#pragma once
// An operator's hooks: what is run or started around an operation. Which one is due after an operation's end is said by the
// journal alone, so that a restart finds it again.

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/time.h"

namespace upkeep::core {

enum class Hook {
  before_apply,    // the gate is passed; a failing one refuses the operation
  after_apply,     // the new version is installed and not restarted yet
  after_commit,    // after an operation that was committed
  after_rollback,  // after one that was taken back, or that ended without a commit once its before_apply had begun
};
[[nodiscard]] std::string_view name(Hook hook);
// It runs when its operation is over.
[[nodiscard]] constexpr bool after_end(Hook hook) { return hook == Hook::after_commit || hook == Hook::after_rollback; }
[[nodiscard]] std::optional<Hook> hook_from(std::string_view name);

struct HookSettings {
  std::vector<std::string> command;  // argument vector; empty: `unit`
  std::string unit;                  // is started
  sdk::Millis timeout = std::chrono::minutes(5);
};
using Hooks = std::map<Hook, HookSettings>;

// Of an agent's settings, for the journal. from_json throws json::exception for what to_json does not write.
[[nodiscard]] nlohmann::json hooks_to_json(const Hooks& hooks);
[[nodiscard]] Hooks hooks_from_json(const nlohmann::json& json);

}  // namespace upkeep::core
