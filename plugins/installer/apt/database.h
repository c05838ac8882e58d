// SPDX-License-Identifier: Apache-2.0
#pragma once
// A Debian package: dpkg says what is there, apt's lists say what is offered.

#include <string>

#include "shared/packages/database.h"

namespace upkeep::plugins::apt {

class AptDatabase final : public shared::packages::PackageDatabase {
 public:
  explicit AptDatabase(sdk::Host& host);

  [[nodiscard]] const shared::packages::PackageManager& manager() const override { return manager_; }
  sdk::Task<sdk::Result<std::map<std::string, shared::packages::PackageState>>> states(std::vector<std::string> packages) override;
  sdk::Task<sdk::Result<std::vector<shared::packages::Offered>>> offers(std::string package) override;
  sdk::Result<bool> pending() override;
  sdk::Task<bool> at_work() override;
  sdk::Result<std::vector<std::string>> find_downloads(const std::string& package, const std::string& version) override;
  sdk::Task<std::vector<std::string>> other_updaters(std::string package, bool held) override;
  sdk::Task<std::string> reboot_wanted() override;
  [[nodiscard]] std::vector<sdk::Advice> advice(const std::string& package, const sdk::Change& change) const override;

 private:
  sdk::Host& host_;
  const shared::packages::PackageManager manager_;
};

}  // namespace upkeep::plugins::apt
