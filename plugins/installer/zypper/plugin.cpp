// SPDX-License-Identifier: Apache-2.0
#include "installer/zypper/plugin.h"

#include "installer/zypper/database.h"
#include "shared/rpm/make.h"

namespace upkeep::plugins::zypper {
namespace {

std::vector<sdk::ConfigIssue> check(const sdk::Config& config) { return shared::packages::check_settings(config); }

sdk::Result<std::unique_ptr<sdk::Installer>> make(sdk::Host& host, const sdk::Config& config) {
  return shared::rpm::make_installer(
      host, config, "zypp", shared::native::zypper(),
      [](sdk::Host& its, shared::packages::Driver& driver) -> std::unique_ptr<shared::packages::PackageDatabase> {
        return std::make_unique<ZypperDatabase>(its, driver);
      });
}

}  // namespace

constinit const sdk::Descriptor kDescriptor = {
    .name = "zypper",
    .summary =
        "keeps an rpm package at the channel's version on hosts with zypper, through PackageKit and without root, or with its own tool as "
        "root",
    .keys = shared::packages::kKeys,
    .check = &check,
    .make = &make,
};

}  // namespace upkeep::plugins::zypper
