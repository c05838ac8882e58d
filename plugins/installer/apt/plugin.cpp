// SPDX-License-Identifier: Apache-2.0
#include "installer/apt/plugin.h"

#include <algorithm>

#include "installer/apt/database.h"
#include "sdk/text.h"
#include "shared/native/either.h"
#include "shared/packagekit/driver.h"
#include "shared/packages/installer.h"

namespace upkeep::plugins::apt {
namespace {

namespace packages = shared::packages;
namespace packagekit = shared::packagekit;

std::string wrong_name(const std::string& package) {
  const bool debian =
      package.size() >= 2 && std::all_of(package.begin(), package.end(), [](char c) { return (c < 'A' || c > 'Z') && c != '_'; });
  return debian ? "" : sdk::quoted(package) + " is no name of a Debian package: they are in lower case, without \"_\"";
}

std::vector<sdk::ConfigIssue> check(const sdk::Config& config) { return packages::check_settings(config, &wrong_name); }

sdk::Result<std::unique_ptr<sdk::Installer>> make(sdk::Host& host, const sdk::Config& config) {
  auto settings = packages::read_settings(config);
  // "all" is the machine's own architecture to apt, whatever the package's is; the data field does not count for it.
  packagekit::Backend backend{.name = "apt", .any_arch = "all"};
  auto packagekit = std::make_unique<packagekit::PackageKitDriver>(host, std::move(backend), settings.deadline);
  auto driver = shared::native::make_driver(host, settings.driver, std::move(packagekit), shared::native::apt_get(), settings.deadline);
  return std::make_unique<packages::PackageInstaller>(host, std::move(settings), std::move(driver), std::make_unique<AptDatabase>(host));
}

}  // namespace

constinit const sdk::Descriptor kDescriptor = {
    .name = "apt",
    .summary = "keeps a Debian package at the channel's version, through PackageKit and without root, or with its own tool as root",
    .keys = packages::kKeys,
    .check = &check,
    .make = &make,
};

}  // namespace upkeep::plugins::apt
