// SPDX-License-Identifier: Apache-2.0
#include "installer/yum/plugin.h"

#include "installer/yum/database.h"
#include "shared/rpm/make.h"

namespace upkeep::plugins::yum {
namespace {

std::vector<sdk::ConfigIssue> check(const sdk::Config& config) { return shared::packages::check_settings(config); }

sdk::Result<std::unique_ptr<sdk::Installer>> make(sdk::Host& host, const sdk::Config& config) {
  return shared::rpm::make_installer(
      host, config, "dnf", shared::native::dnf(),
      [](sdk::Host& its, shared::packages::Driver& driver) -> std::unique_ptr<shared::packages::PackageDatabase> {
        return std::make_unique<YumDatabase>(its, driver);
      });
}

}  // namespace

constinit const sdk::Descriptor kDescriptor = {
    .name = "yum",
    .summary =
        "keeps an rpm package at the channel's version on hosts with dnf or yum, through PackageKit and without root, or with its own tool "
        "as root",
    .keys = shared::packages::kKeys,
    .check = &check,
    .make = &make,
};

}  // namespace upkeep::plugins::yum
