// SPDX-License-Identifier: Apache-2.0
#pragma once
// What an http probe makes of an answer.

#include <string>
#include <string_view>

#include "core/probe_settings.h"
#include "sdk/result.h"

namespace upkeep::core {

// "200", "200-399" → least_status, most_status.
[[nodiscard]] sdk::Result<void> read_status_range(std::string_view text, ProbeSettings& out);

// An error says why it is no JSON pointer (RFC 6901).
[[nodiscard]] sdk::Result<void> check_json_pointer(const std::string& text);

// "503 Service Unavailable"; codes that are not in common use are numbers only.
[[nodiscard]] std::string show_status(int status);

// What is wrong with it; empty: it is what the probe wants.
[[nodiscard]] std::string judge_answer(const ProbeSettings& wanted, int status, std::string_view body);

}  // namespace upkeep::core
