// SPDX-License-Identifier: Apache-2.0
#pragma once
// What is zypper's own: where it keeps things, what holds a package, who else moves it, and what a person types.

#include <string>
#include <string_view>
#include <vector>

#include "shared/rpm/database.h"

namespace upkeep::plugins::zypper {

class ZypperDatabase final : public shared::rpm::RpmDatabase {
 public:
  ZypperDatabase(sdk::Host& host, shared::packages::Driver& driver);

  sdk::Task<std::vector<std::string>> other_updaters(std::string package, bool held) override;
  sdk::Task<std::string> reboot_wanted() override;
  [[nodiscard]] std::vector<sdk::Advice> advice(const std::string& package, const sdk::Change& change) const override;

 private:
  [[nodiscard]] std::string_view installer() const override { return "zypper"; }
  std::vector<Caches> caches() override;
  std::vector<shared::packages::Hold> holds(const shared::rpm::Subject& subject, std::vector<std::string>& problems) override;
};

}  // namespace upkeep::plugins::zypper
