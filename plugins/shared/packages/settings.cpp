// SPDX-License-Identifier: Apache-2.0
#include "shared/packagekit/settings.h"

#include <iterator>

#include "sdk/text.h"
#include "sdk/version.h"

namespace upkeep::shared::packagekit {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kHole = "{version}";

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
  out.package = config.text("package");
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

std::vector<sdk::ConfigIssue> check_settings(const sdk::Config& config) {
  Checker check(config);
  const std::string package = config.text("package");
  if (!sdk::is_package_name(package)) check.say("package", sdk::quoted(package) + " is no package name");
  if (package == "upkeep") check.say("package", "Upkeep does not upgrade itself: that is for the host's package manager");
  if (config.has("version") && !is_template(config.text("version"))) {
    check.say("version", "must have {version} once, and around it only what may stand in a package version, as in \"{version}-1\"");
  }
  check.add(sdk::check_restart(config));
  check.at_least("deadline", 1min);
  check.at_least("refresh", 1min);
  return check.take();
}

}  // namespace upkeep::shared::packagekit
