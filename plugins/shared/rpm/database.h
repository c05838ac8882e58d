// SPDX-License-Identifier: Apache-2.0
#pragma once
// Packages of rpm: rpm says what is there, the driver what is offered. What dnf and zypper hosts have in common; a plugin for either
// says the rest.

#include <map>
#include <string>
#include <vector>

#include "shared/packages/database.h"
#include "shared/packages/driver.h"
#include "shared/rpm/holds.h"

namespace upkeep::shared::rpm {

class RpmDatabase : public packages::PackageDatabase {
 public:
  // `driver` outlives it.
  RpmDatabase(sdk::Host& host, packages::Driver& driver, packages::PackageManager manager)
      : host_(host), manager_(std::move(manager)), driver_(driver) {}

  [[nodiscard]] const packages::PackageManager& manager() const override { return manager_; }
  sdk::Task<sdk::Result<std::map<std::string, packages::PackageState>>> states(std::vector<std::string> packages) override;
  // Asked again only when what the answer is made of has changed: the driver would have to be woken for each look.
  sdk::Task<sdk::Result<std::vector<packages::Offered>>> offers(std::string package) override;
  void forget_offers() override { known_.clear(); }
  std::vector<std::string> doubts(const std::vector<packages::Offered>& offers) override;
  // rpm has no journal: what an interruption leaves is a package that is there twice.
  sdk::Result<bool> pending() override { return false; }
  sdk::Task<bool> at_work() override;
  sdk::Result<std::vector<std::string>> find_downloads(const std::string& package, const std::string& version) override;
  sdk::Task<sdk::Result<std::string>> vendor_of_download(std::string package, std::string version) override;

 protected:
  // Folders below which this manager's metadata is, in folders of the repositories; and its downloads.
  struct Caches {
    std::string metadata, index;      // "/var/cache/zypp/raw", and where in a repository's folder repomd.xml is
    std::string downloads, packages;  // likewise
  };
  [[nodiscard]] virtual std::string_view installer() const = 0;  // its name
  [[nodiscard]] virtual std::vector<Caches> caches() = 0;
  [[nodiscard]] virtual std::vector<packages::Hold> holds(const Subject& subject, std::vector<std::string>& problems) = 0;

  sdk::Host& host_;

 private:
  struct Answer {
    std::string made_of;
    sdk::Result<std::vector<packages::Offered>> offers;
    sdk::BootTime at;
  };
  // What offers depend on; empty: it cannot be told.
  [[nodiscard]] std::string makings(const std::string& package, const std::string& version);

  const packages::PackageManager manager_;
  packages::Driver& driver_;
  std::map<std::string, Answer> known_;           // by package
  std::map<std::string, std::string> installed_;  // as states() has seen it last
};

// The rpm database's file on this host, which is written when anything changes.
[[nodiscard]] std::string status_file(sdk::Host& host);

}  // namespace upkeep::shared::rpm
