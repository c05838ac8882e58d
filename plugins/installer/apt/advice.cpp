// SPDX-License-Identifier: Apache-2.0
// What a person types when neither the upgrade nor the way back came to an end.
#include "installer/apt/installer.h"

namespace upkeep::plugins::apt {

std::vector<sdk::Advice> AptInstaller::advice(const sdk::Change& change) const {
  const std::string& package = settings_.package;
  // Upkeep's own hold would stop apt-get as well.
  const std::string install = "sudo apt-get install --allow-change-held-packages ";
  std::vector<sdk::Advice> out;
  out.push_back({"sudo dpkg --configure -a && sudo apt-get --fix-broken install", "repairs what was interrupted half-way"});
  if (change.from.empty())
    out.push_back({"sudo apt-get remove --allow-change-held-packages " + package, "back by hand: it was not installed before"});
  else
    out.push_back({install + "--allow-downgrades " + package + "=" + change.from, "back to the former version by hand"});
  if (!change.to.empty()) out.push_back({install + package + "=" + change.to, "or to the new one after all"});
  return out;
}

}  // namespace upkeep::plugins::apt
