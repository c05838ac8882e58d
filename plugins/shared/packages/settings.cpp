// SPDX-License-Identifier: Apache-2.0
#include "shared/packages/settings.h"

#include <algorithm>
#include <iterator>

#include "sdk/text.h"
#include "sdk/version.h"

namespace upkeep::shared::packages {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kHole = "{version}";

bool is_template(const std::string& text) {
  const auto at = text.find(kHole);
  if (at == std::string::npos || text.find(kHole, at + 1) != std::string::npos) return false;
  std::string filled = text;
  return sdk::is_package_version(filled.replace(at, kHole.size(), "1.2.3"));
}

// They are noted together before each change (change.cpp), and a note is short.
constexpr std::size_t kMostWith = 4, kMostVariants = 8;

class Checker {
 public:
  explicit Checker(const sdk::Config& config) : config_(config) {}
  void say(std::string_view key, std::string message) {
    const auto* node = config_.find(key);
    issues_.push_back({node == nullptr ? config_.place() : node->place(), std::string(key), std::move(message)});
  }
  void add(std::vector<sdk::ConfigIssue> issues) {
    issues_.insert(issues_.end(), std::make_move_iterator(issues.begin()), std::make_move_iterator(issues.end()));
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
  out.packages = config.texts("packages");
  if (out.packages.empty()) out.packages.push_back(config.text("package"));
  out.with = config.texts("with");
  const auto driver = config.text("driver", "auto");
  out.driver = driver == "packagekit" ? DriverKind::packagekit : driver == "native" ? DriverKind::native : DriverKind::automatic;
  out.version_template = config.text("version");
  out.restart = sdk::read_restart(config);
  out.deadline = config.duration("deadline", 30min);
  out.refresh = config.duration("refresh", 6h);
  for (const auto& other : config.texts("other_packages")) {
    const auto end = other.find(' ');  // journals of before have the package alone
    out.others.emplace(other.substr(0, end), end == std::string::npos ? std::string() : other.substr(end + 1));
  }
  return out;
}

std::vector<sdk::ConfigIssue> check_settings(const sdk::Config& config, std::string (*wrong_name)(const std::string&)) {
  Checker check(config);
  std::vector<std::string> seen;
  const auto check_name = [&](std::string_view key, const std::string& name) {
    std::string wrong;
    if (!sdk::is_package_name(name)) wrong = sdk::quoted(name) + " is no package name";
    if (wrong.empty() && wrong_name != nullptr) wrong = wrong_name(name);
    if (name == "upkeep") wrong = "Upkeep does not upgrade itself: that is for the host's package manager";
    if (wrong.empty() && std::find(seen.begin(), seen.end(), name) != seen.end()) wrong = sdk::quoted(name) + " is named twice";
    seen.push_back(name);
    if (!wrong.empty()) check.say(key, std::move(wrong));
  };
  const auto variants = config.texts("packages"), with = config.texts("with");
  if (config.has("package") == config.has("packages"))
    check.say(config.has("package") ? "packages" : "package", config.has("package")
                                                                  ? "stands beside `package`: name the package there, or its variants here"
                                                                  : "is missing; or name variants in `packages`");
  if (config.has("package")) check_name("package", config.text("package"));
  if (config.has("packages") && (variants.empty() || variants.size() > kMostVariants))
    check.say("packages", "must name one to " + std::to_string(kMostVariants) + " packages");
  for (const auto& name : variants) check_name("packages", name);
  if (with.size() > kMostWith) check.say("with", "must name at most " + std::to_string(kMostWith) + " packages");
  for (const auto& name : with) check_name("with", name);
  if (const auto driver = config.text("driver", "auto"); driver != "auto" && driver != "packagekit" && driver != "native")
    check.say("driver", "must be packagekit, native or auto, not " + sdk::quoted(driver));
  if (config.has("version") && !is_template(config.text("version"))) {
    check.say("version", "must have {version} once, and around it only what may stand in a package version, as in \"{version}-1\"");
  }
  check.add(sdk::check_restart(config));
  check.at_least("deadline", 1min);
  check.at_least("refresh", 1min);
  return check.take();
}

}  // namespace upkeep::shared::packages
