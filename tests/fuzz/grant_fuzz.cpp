// SPDX-License-Identifier: Apache-2.0
// What the root helper takes from outside: an agent's name (first part) and its file. Only names that are nothing but names
// get into a path, a polkit rule or a command line.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "config/names.h"
#include "fuzz/fuzz.h"
#include "root/grant.h"
#include "sdk/unit_job.h"
#include "sdk/version.h"
#include "support/config_world.h"

using namespace upkeep;

namespace {

bool harmless(std::string_view name) {
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("._-+@:").find(c) != std::string_view::npos;
  };
  return !name.empty() && name.size() <= 255 && name.front() != '.' && name.front() != '-' && std::all_of(name.begin(), name.end(), good);
}

// The names of units may hold backslashes, too: systemd's escapes (\x2d).
std::string without_backslashes(std::string text) {
  std::erase(text, '\\');
  return text;
}

auto lines_in(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }
auto quotes_in(const std::string& text) { return std::count(text.begin(), text.end(), '"') + std::count(text.begin(), text.end(), '\''); }

}  // namespace

// The grant asks no more of it than whether there is one.
const root::PackageManager* root::package_manager(std::string_view installer) {
  static const PackageManager kAny = {};
  return installer == "apt" ? &kAny : nullptr;
}

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parts = fuzz::parts_of(fuzz::text_of(data, size));
  const auto& name = parts[0];
  if (config::is_agent_name(name)) FUZZ_CHECK(harmless(name) && name.size() <= 63 && name.find('/') == std::string::npos, name);
  if (sdk::is_package_name(name)) FUZZ_CHECK(harmless(name) && name.size() <= 128 && name.find('@') == std::string::npos, name);
  if (config::is_service_name(name)) FUZZ_CHECK(sdk::is_unit_name(name) && name.ends_with(".service"), name);

  if (!config::is_agent_name(name)) return 0;  // refused before any verb runs
  testing_support::MemoryFiles files;
  files.texts["/etc/upkeep/agents.d/" + name + ".toml"] = parts.size() > 1 ? parts[1] : "";
  const auto grant = root::read_grant(files, name);
  if (!grant) {
    FUZZ_CHECK(!grant.error().message.empty(), name);
    return 0;
  }
  FUZZ_CHECK(grant->agent == name, name);
  FUZZ_CHECK(grant->package.empty() || (sdk::is_package_name(grant->package) && harmless(grant->package)), grant->package);
  FUZZ_CHECK(grant->unit.empty() || (sdk::is_unit_name(grant->unit) && harmless(without_backslashes(grant->unit))), grant->unit);
  // The names fill in a text whose shape is always the same.
  for (const auto& unit : grant->hook_units) FUZZ_CHECK(sdk::is_unit_name(unit) && harmless(without_backslashes(unit)), unit);
  root::Grant plain{"a",
                    grant->package.empty() ? "" : "b",
                    grant->unit.empty() ? "" : "c.service",
                    std::vector<std::string>(grant->hook_units.size(), "d.service"),
                    false,
                    grant->manager};
  const auto rule = root::rule_text(*grant), expected = root::rule_text(plain);
  FUZZ_CHECK(lines_in(rule) == lines_in(expected) && quotes_in(rule) == quotes_in(expected), rule);
  // Whoever reads them gets the very names: polkit from the rule, the daemon from the record.
  FUZZ_CHECK(rule.find("unit = " + nlohmann::json(grant->unit).dump() + ";") != std::string::npos, rule);
  const auto record = nlohmann::json::parse(root::record_text(*grant, true, true));
  FUZZ_CHECK(record.at("agent") == name && record.at("unit") == grant->unit &&
                 record.at("packages").dump() == (grant->package.empty() ? "[]" : nlohmann::json({grant->package}).dump()) &&
                 record.at("hooks") == nlohmann::json(grant->hook_units),
             record.dump());
  return 0;
}
