// SPDX-License-Identifier: Apache-2.0
#pragma once
// PackageKit (a root daemon) as what changes packages, under the polkit rule of `upkeep enable`.

#include <chrono>
#include <string>
#include <vector>

#include "shared/packagekit/package_id.h"
#include "shared/packagekit/transaction.h"
#include "shared/packages/driver.h"

namespace upkeep::shared::packagekit {

// What a backend wants of an id beside name and version.
struct Backend {
  std::string name;  // PackageKit's word for it
  // The repository that has the version must stand in the id, and is looked up. Otherwise the id is made by hand, and `any_arch` stands
  // for a package that is not installed.
  bool wants_repository = false;
  std::string any_arch = {};
  // Of repositories that are Upkeep's own store of this agent: they count only when no other has the version.
  std::string store_prefix = {};
};

class PackageKitDriver final : public packages::Driver {
 public:
  PackageKitDriver(sdk::Host& host, Backend backend, sdk::Millis deadline)
      : host_(host), backend_(std::move(backend)), deadline_(deadline) {}

  [[nodiscard]] std::string name() const override { return "PackageKit"; }
  sdk::Task<sdk::Result<void>> ready() override;
  sdk::Task<sdk::Result<packages::Report>> simulate(packages::Order order) override;
  sdk::Task<sdk::Result<packages::Report>> download(packages::Order order, bool urgent) override;
  sdk::Task<sdk::Result<packages::Report>> install(packages::Order order, sdk::Note& note, std::string more) override;
  sdk::Task<sdk::Result<void>> wait_for(std::string begun) override;
  sdk::Task<sdk::Result<std::vector<packages::Offered>>> offers(std::string package) override;
  sdk::Task<sdk::Result<std::chrono::seconds>> age_of_lists() override;
  sdk::Task<sdk::Result<void>> refresh(bool force) override;
  sdk::Task<sdk::Result<void>> repair() override;

 private:
  [[nodiscard]] bool is_stored(const PackageId& id) const;
  sdk::Task<sdk::Result<std::vector<std::string>>> ids(packages::Order order);
  // Whether a repository still has the version that is installed, which Resolve does not tell.
  sdk::Task<sdk::Result<bool>> has(PackageId id, sdk::Millis most);

  sdk::Host& host_;
  const Backend backend_;
  const sdk::Millis deadline_;
  bool is_right_ = false;  // PackageKit has this backend; asked once
};

// What a transaction said. Its plan is for dry runs. Errc::internal: an id in it that cannot be read.
[[nodiscard]] packages::Report report(const Outcome& outcome, const std::string& agent);
[[nodiscard]] sdk::Result<packages::Report> planned(const Outcome& outcome, const std::string& agent);

}  // namespace upkeep::shared::packagekit
