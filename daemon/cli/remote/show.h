// SPDX-License-Identifier: Apache-2.0
#pragma once
// The API's documents as text for people.

#include <nlohmann/json.hpp>
#include <string>

#include "cli/remote/text.h"

namespace upkeep::cli {

// One agent: everything on one screen. Several: one line each.
[[nodiscard]] std::string status_text(const nlohmann::json& document, const Style& style, Clock::time_point now);
[[nodiscard]] std::string history_text(const nlohmann::json& document, const Style& style, Clock::time_point now);
// One operation, with all that was recorded of it.
[[nodiscard]] std::string operation_text(const nlohmann::json& operations, const Style& style, Clock::time_point now);
// check and dry-run: the first message alone on its line, what would change, then the other messages.
[[nodiscard]] std::string check_text(const nlohmann::json& document);
[[nodiscard]] std::string event_text(const nlohmann::json& event);
// "TEXT [reason], TIME (in 3h)".
[[nodiscard]] std::string decision_text(const nlohmann::json& decision, Clock::time_point now);
// A state or result: green, red, or yellow for what is neither.
[[nodiscard]] std::string painted(const Style& style, const std::string& state);
// "1.2.3 -> 2.3.4"
[[nodiscard]] std::string change_text(const nlohmann::json& operation);

}  // namespace upkeep::cli
