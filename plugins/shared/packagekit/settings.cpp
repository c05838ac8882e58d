// SPDX-License-Identifier: Apache-2.0
#include "shared/packagekit/settings.h"

#include <algorithm>

#include "sdk/text.h"
#include "sdk/version.h"

namespace upkeep::shared::packagekit {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kHole = "{version}";
constexpr std::array<std::pair<std::string_view, std::optional<sdk::UnitVerb>>, 4> kHow = {{
    {"try-restart", sdk::UnitVerb::try_restart},
    {"restart", sdk::UnitVerb::restart},
    {"reload", sdk::UnitVerb::reload},
    {"none", std::nullopt},
}};

bool is_template(const std::string& text) {
  const auto at = text.find(kHole);
  if (at == std::string::npos || text.find(kHole, at + 1) != std::string::npos) return false;
  std::string filled = text;
  return sdk::is_package_version(filled.replace(at, kHole.size(), "1.2.3"));
}

class Checker {
 public:
  explicit Checker(const sdk::Config& config) : config_(config) {}
  void say(std::string_view key, std::string message) {
    const auto* node = config_.find(key);
    issues_.push_back({node == nullptr ? config_.place() : node->place(), std::string(key), std::move(message)});
  }
  void at_least(std::string_view key, sdk::Millis least) {
    if (config_.has(key) && config_.duration(key) < least) say(key, "must be at least " + sdk::format_duration(least));
  }
  std::vector<sdk::ConfigIssue> take() { return std::move(issues_); }

 private:
  const sdk::Config& config_;
  std::vector<sdk::ConfigIssue> issues_;
};

}  // namespace

Settings read_settings(const sdk::Config& config) {
  Settings out;
  out.package = config.text("package");
  out.version_template = config.text("version");
  out.unit = config.text("restart");
  const std::string how = config.text("restart_how", "try-restart");
  for (const auto& [word, verb] : kHow) {
    if (word == how && !out.unit.empty()) out.how = verb;
  }
  out.deadline = config.duration("deadline", 30min);
  out.refresh = config.duration("refresh", 6h);
  for (const auto& other : config.texts("other_packages")) {
    const auto end = other.find(' ');  // journals of before have the package alone
    out.others.emplace(other.substr(0, end), end == std::string::npos ? std::string() : other.substr(end + 1));
  }
  return out;
}

std::vector<sdk::ConfigIssue> check_settings(const sdk::Config& config) {
  Checker check(config);
  const std::string package = config.text("package");
  if (!sdk::is_package_name(package)) check.say("package", sdk::quoted(package) + " is no package name");
  if (package == "upkeep") check.say("package", "Upkeep does not upgrade itself: that is for the host's package manager");
  if (config.has("version") && !is_template(config.text("version"))) {
    check.say("version", "must have {version} once, and around it only what may stand in a package version, as in \"{version}-1\"");
  }
  const std::string unit = config.text("restart");
  if (config.has("restart") && !sdk::is_unit_name(unit)) {
    check.say("restart", sdk::quoted(unit) + " is no unit name: write it with its suffix, as in \"demo-agent.service\"");
  }
  if (config.has("restart_how")) {
    const std::string how = config.text("restart_how");
    const bool known = std::any_of(kHow.begin(), kHow.end(), [&](const auto& one) { return one.first == how; });
    if (!known) check.say("restart_how", "must be try-restart, restart, reload or none, not " + sdk::quoted(how));
    if (known && how != "none" && !config.has("restart"))
      check.say("restart_how", "needs to know what to restart: set `restart` to a unit");
  }
  check.at_least("deadline", 1min);
  check.at_least("refresh", 1min);
  return check.take();
}

}  // namespace upkeep::shared::packagekit
