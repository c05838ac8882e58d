// SPDX-License-Identifier: Apache-2.0
#pragma once
// A Debian package: dpkg says what is there, apt's lists say what is offered.

#include <string>

#include "shared/packagekit/database.h"

namespace upkeep::plugins::apt {

class AptDatabase final : public shared::packagekit::PackageDatabase {
 public:
  AptDatabase(sdk::Host& host, std::string package);

  [[nodiscard]] const shared::packagekit::PackageManager& manager() const override { return manager_; }
  sdk::Task<sdk::Result<std::map<std::string, shared::packagekit::PackageState>>> states(std::vector<std::string> packages) override;
  sdk::Task<sdk::Result<std::vector<shared::packagekit::Offered>>> offers() override;
  sdk::Task<sdk::Result<std::string>> id(std::string version, std::string arch) override;
  sdk::Result<bool> pending() override;
  sdk::Task<bool> at_work() override;
  sdk::Result<void> find_download(const std::string& version) override;
  sdk::Task<std::vector<std::string>> other_updaters(bool held) override;
  [[nodiscard]] std::vector<sdk::Advice> advice(const sdk::Change& change) const override;

 private:
  sdk::Host& host_;
  const std::string package_;
  const shared::packagekit::PackageManager manager_;
};

}  // namespace upkeep::plugins::apt
