// SPDX-License-Identifier: Apache-2.0
#include "installer/apt/plugin.h"

#include <algorithm>

#include "installer/apt/database.h"
#include "shared/packagekit/installer.h"

namespace upkeep::plugins::apt {
namespace {

namespace pk = shared::packagekit;

std::vector<sdk::ConfigIssue> check(const sdk::Config& config) {
  auto issues = pk::check_settings(config);
  const std::string package = config.text("package");
  const bool debian =
      package.size() >= 2 && std::all_of(package.begin(), package.end(), [](char c) { return (c < 'A' || c > 'Z') && c != '_'; });
  if (issues.empty() && !debian) {
    const auto* node = config.find("package");
    issues.push_back({node == nullptr ? config.place() : node->place(), "package",
                      "\"" + package + "\" is no name of a Debian package: they are in lower case, without \"_\""});
  }
  return issues;
}

sdk::Result<std::unique_ptr<sdk::Installer>> make(sdk::Host& host, const sdk::Config& config) {
  return std::make_unique<pk::PackageKitInstaller>(host, pk::read_settings(config),
                                                   std::make_unique<AptDatabase>(host, config.text("package")));
}

}  // namespace

constinit const sdk::Descriptor kDescriptor = {
    .name = "apt",
    .summary = "keeps a Debian package at the channel's version, through PackageKit and without root",
    .keys = pk::kKeys,
    .check = &check,
    .make = &make,
};

}  // namespace upkeep::plugins::apt
