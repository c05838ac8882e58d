// SPDX-License-Identifier: Apache-2.0
#pragma once
// What is dnf's own: where it keeps things, what holds a package, who else moves it, and what a person types.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/rpm/database.h"

namespace upkeep::plugins::yum {

class YumDatabase final : public shared::rpm::RpmDatabase {
 public:
  YumDatabase(sdk::Host& host, shared::packages::Driver& driver);

  sdk::Task<std::vector<std::string>> other_updaters(std::string package, bool held) override;
  sdk::Task<std::string> reboot_wanted() override;
  [[nodiscard]] std::vector<sdk::Advice> advice(const std::string& package, const sdk::Change& change) const override;

 private:
  [[nodiscard]] std::string_view installer() const override { return "yum"; }
  std::vector<Caches> caches() override;
  std::vector<shared::packages::Hold> holds(const shared::rpm::Subject& subject, std::vector<std::string>& problems) override;

  std::optional<sdk::BootTime> reboot_asked_;
  std::string reboot_said_;
};

// Whether automatic.conf lets dnf-automatic install what it finds.
[[nodiscard]] bool applies_updates(std::string_view automatic_conf);

}  // namespace upkeep::plugins::yum
