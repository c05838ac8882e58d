// SPDX-License-Identifier: Apache-2.0
#include "config/names.h"

#include <algorithm>

#include "sdk/text.h"
#include "sdk/unit_job.h"

namespace upkeep::config {
namespace {

bool is_word(char c) { return sdk::is_digit(c) || (c >= 'a' && c <= 'z'); }

}  // namespace

bool is_agent_name(std::string_view text) {
  return !text.empty() && text.size() <= 63 && is_word(text.front()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_word(c) || c == '.' || c == '_' || c == '-'; });
}

bool is_service_name(std::string_view text) { return sdk::is_unit_name(text) && text.ends_with(".service"); }

bool is_command(const std::vector<std::string>& argv) { return !argv.empty() && argv.front().starts_with('/'); }

}  // namespace upkeep::config
