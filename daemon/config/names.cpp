// SPDX-License-Identifier: Apache-2.0
#include "config/names.h"

#include <algorithm>

#include "sdk/text.h"
#include "sdk/unit_job.h"

namespace upkeep::config {
namespace {

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_word(char c) { return sdk::is_letter(c) || sdk::is_digit(c); }

bool made_of(std::string_view text, std::string_view signs) {
  return std::all_of(text.begin(), text.end(), [&](char c) { return is_word(c) || signs.find(c) != std::string_view::npos; });
}

}  // namespace

bool is_agent_name(std::string_view text) {
  return !text.empty() && text.size() <= 63 && is_word(text.front()) && made_of(text, "._-") &&
         std::none_of(text.begin(), text.end(), is_upper);
}

bool is_service_name(std::string_view text) { return sdk::is_unit_name(text) && text.ends_with(".service"); }

bool is_package_name(std::string_view text) {
  return !text.empty() && text.size() <= 128 && is_word(text.front()) && made_of(text, "+._-");
}

bool is_command(const std::vector<std::string>& argv) { return !argv.empty() && argv.front().starts_with('/'); }

}  // namespace upkeep::config
