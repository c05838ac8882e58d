// SPDX-License-Identifier: Apache-2.0
// What the root helper takes from outside: an agent's name (first part) and its file. Only names that are nothing but names
// get into a path, a polkit rule or a command line.
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "config/names.h"
#include "fuzz/fuzz.h"
#include "root/grant.h"
#include "sdk/unit_job.h"
#include "sdk/version.h"
#include "support/temp_dir.h"

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

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parts = fuzz::parts_of(fuzz::text_of(data, size));
  const auto& name = parts[0];
  if (config::is_agent_name(name)) FUZZ_CHECK(harmless(name) && name.size() <= 63 && name.find('/') == std::string::npos, name);
  if (sdk::is_package_name(name)) FUZZ_CHECK(harmless(name) && name.size() <= 128 && name.find('@') == std::string::npos, name);
  if (config::is_service_name(name)) FUZZ_CHECK(sdk::is_unit_name(name) && name.ends_with(".service"), name);

  if (!config::is_agent_name(name)) return 0;  // refused before any verb runs
  static const test::TempDir folder;
  const std::string path = "etc/upkeep/agents.d/" + name + ".toml";
  folder.write(path, parts.size() > 1 ? parts[1] : "");
  std::ostringstream said;
  const auto no_program = [](const sdk::ProcessRequest&) -> sdk::Result<sdk::ProcessResult> {
    return sdk::fail(sdk::Errc::unsupported, "no programs here");
  };
  root::Outside outside{folder.path(), root::TrustedFiles(folder.path(), ::geteuid()), no_program, said};
  const auto grant = root::read_grant(outside, name);
  std::filesystem::remove(folder.path(path));
  if (!grant) {
    FUZZ_CHECK(!grant.error().message.empty(), name);
    return 0;
  }
  FUZZ_CHECK(grant->agent == name, name);
  for (const auto& package : grant->all()) FUZZ_CHECK(sdk::is_package_name(package) && harmless(package), package);
  FUZZ_CHECK(grant->unit.empty() || (sdk::is_unit_name(grant->unit) && harmless(without_backslashes(grant->unit))), grant->unit);
  // The names fill in a text whose shape is always the same.
  for (const auto& unit : grant->hook_units) FUZZ_CHECK(sdk::is_unit_name(unit) && harmless(without_backslashes(unit)), unit);
  auto plain = *grant;
  plain.agent = "a";
  plain.unit = grant->unit.empty() ? "" : "c.service";
  for (auto* names : {&plain.packages, &plain.companions, &plain.hook_units}) std::fill(names->begin(), names->end(), "b");
  const auto rule = root::rule_text(*grant), expected = root::rule_text(plain);
  FUZZ_CHECK(lines_in(rule) == lines_in(expected) && quotes_in(rule) == quotes_in(expected), rule);
  // Whoever reads them gets the very names: polkit from the rule, the daemon from the record.
  FUZZ_CHECK(rule.find("unit = " + nlohmann::json(grant->unit).dump() + ";") != std::string::npos, rule);
  const auto record = nlohmann::json::parse(root::record_text(*grant, true, true));
  FUZZ_CHECK(record.at("agent") == name && record.at("unit") == grant->unit && record.at("packages") == nlohmann::json(grant->all()) &&
                 record.at("hooks") == nlohmann::json(grant->hook_units),
             record.dump());
  return 0;
}
