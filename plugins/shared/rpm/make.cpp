// SPDX-License-Identifier: Apache-2.0
#include "shared/rpm/make.h"

#include <utility>

#include "shared/native/either.h"
#include "shared/packagekit/driver.h"

namespace upkeep::shared::rpm {

std::string store_prefix(const std::string& agent) { return "upkeep-store-" + agent + "-N"; }

std::unique_ptr<sdk::Installer> make_installer(sdk::Host& host, const sdk::Config& config, const std::string& backend,
                                               const native::Tool& tool,
                                               std::unique_ptr<packages::PackageDatabase> (*database)(sdk::Host& host,
                                                                                                      packages::Driver& driver)) {
  auto settings = packages::read_settings(config);
  packagekit::Backend wants{.name = backend, .wants_repository = true, .any_arch = {}, .store_prefix = store_prefix(host.agent())};
  auto packagekit = std::make_unique<packagekit::PackageKitDriver>(host, std::move(wants), settings.deadline);
  auto driver = native::make_driver(host, settings.driver, std::move(packagekit), tool, settings.deadline);
  auto knows = database(host, *driver);
  return std::make_unique<packages::PackageInstaller>(host, std::move(settings), std::move(driver), std::move(knows));
}

}  // namespace upkeep::shared::rpm
