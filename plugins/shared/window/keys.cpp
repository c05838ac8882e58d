// SPDX-License-Identifier: Apache-2.0
#include "shared/window/keys.h"

#include <algorithm>
#include <span>

#include "sdk/text.h"
#include "shared/window/window_config.h"
#include "shared/window/zone_names.h"

namespace upkeep::shared::window {

using sdk::Config;
using sdk::KeyType;

namespace {

std::string keys_problem(const Config& table, std::span<const sdk::KeySpec> keys);

bool is_text(const Config& value) { return std::holds_alternative<std::string>(value.value()); }

// "" or what is wrong with a value of that type.
std::string value_problem(const Config& value, const sdk::KeySpec& key) {
  const auto* list = std::get_if<Config::Array>(&value.value());
  switch (key.type) {
    case KeyType::text:
      return is_text(value) ? "" : "must be text";
    case KeyType::duration:
      return is_text(value) && sdk::parse_duration(std::get<std::string>(value.value())) ? "" : "must be a duration, such as \"1h\"";
    case KeyType::flag:
      return std::holds_alternative<bool>(value.value()) ? "" : "must be true or false";
    case KeyType::text_list:
      return list != nullptr && std::all_of(list->begin(), list->end(), is_text) ? "" : "must be a list of texts";
    default:
      break;
  }
  if (list == nullptr) return "must be a list of tables";
  for (const Config& one : *list) {
    if (!one.is_table()) return "must be a list of tables";
    if (std::string problem = keys_problem(one, key.children); !problem.empty()) return problem;
  }
  return "";
}

std::string keys_problem(const Config& table, std::span<const sdk::KeySpec> keys) {
  for (const auto& [name, value] : std::get<Config::Table>(table.value())) {
    const std::string& wanted = name;  // clang: a structured binding cannot be captured
    const auto key = std::find_if(keys.begin(), keys.end(), [&](const sdk::KeySpec& one) { return one.name == wanted; });
    if (key == keys.end()) return "has an unknown key " + sdk::quoted(name);
    if (const std::string problem = value_problem(value, *key); !problem.empty()) return std::string(key->name) + " " + problem;
  }
  return "";
}

}  // namespace

std::vector<sdk::ConfigIssue> check_calendar(const Config& table) {
  std::vector<sdk::ConfigIssue> issues;
  const Calendar calendar = read_calendar(table, issues);
  if (std::string problem = zone_problem(calendar.time_zone); !problem.empty())
    issues.push_back({table.find("time_zone")->place(), "time_zone", std::move(problem)});
  return issues;
}

std::string table_problem(const Config& table) {
  if (!table.is_table()) return "is no table";
  if (std::string problem = keys_problem(table, kCalendarKeys); !problem.empty()) return problem;
  const auto issues = check_calendar(table);
  return issues.empty() ? "" : issues.front().path + " " + issues.front().message;
}

}  // namespace upkeep::shared::window
