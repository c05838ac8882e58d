// SPDX-License-Identifier: Apache-2.0
#include "sdk/restart.h"

#include <algorithm>
#include <array>

#include "sdk/text.h"
#include "sdk/unit_status.h"

namespace upkeep::sdk {
namespace {

constexpr std::array<std::pair<std::string_view, std::optional<UnitVerb>>, 4> kHow = {{
    {"try-restart", UnitVerb::try_restart},
    {"restart", UnitVerb::restart},
    {"reload", UnitVerb::reload},
    {"none", std::nullopt},
}};

ConfigIssue issue(const Config& config, std::string_view key, std::string message) {
  return {config.find(key)->place(), std::string(key), std::move(message)};
}

}  // namespace

Restart read_restart(const Config& config) {
  Restart out;
  out.unit = config.text(kRestartKey.name);
  const std::string how = config.text(kRestartHowKey.name, kRestartHowKey.fallback);
  for (const auto& [word, verb] : kHow) {
    if (word == how && !out.unit.empty()) out.how = verb;
  }
  return out;
}

std::vector<ConfigIssue> check_restart(const Config& config) {
  std::vector<ConfigIssue> issues;
  const bool has_unit = config.has(kRestartKey.name);
  const std::string unit = config.text(kRestartKey.name);
  if (has_unit && !is_unit_name(unit)) {
    issues.push_back(
        issue(config, kRestartKey.name, quoted(unit) + " is no unit name: write it with its suffix, as in \"demo-agent.service\""));
  }
  if (!config.has(kRestartHowKey.name)) return issues;
  const std::string how = config.text(kRestartHowKey.name);
  const bool known = std::any_of(kHow.begin(), kHow.end(), [&](const auto& one) { return one.first == how; });
  if (!known)
    issues.push_back(issue(config, kRestartHowKey.name, "must be try-restart, restart, reload or none, not " + quoted(how)));
  else if (how != "none" && !has_unit)
    issues.push_back(issue(config, kRestartHowKey.name, "needs to know what to restart: set `restart` to a unit"));
  return issues;
}

Task<Result<void>> restart(Host& host, Restart what, Millis most) {
  if (!what.how) co_return Result<void>();
  co_return co_await run_unit_job(host, *what.how, what.unit, most);
}

Task<Result<void>> restart_after_revert(Host& host, Restart what, Millis most) {
  if (what.how == UnitVerb::try_restart) {
    const auto unit = co_await unit_status(host, what.unit);
    if (unit && unit->active != "inactive") what.how = UnitVerb::restart;
  }
  co_return co_await restart(host, what, most);
}

}  // namespace upkeep::sdk
