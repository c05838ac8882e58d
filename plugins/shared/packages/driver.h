// SPDX-License-Identifier: Apache-2.0
#pragma once
// Who changes packages: PackageKit, or the package manager's own tool. It is told exact versions and never believed: before a change its
// dry run is judged (plan.h), and afterwards the database is asked (database.h).

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/host.h"
#include "sdk/installer.h"
#include "shared/packages/database.h"
#include "shared/packages/reaction.h"

namespace upkeep::shared::packages {

struct Wanted {
  std::string name, version;  // exact, as the package manager spells it
  std::string arch;           // of what is installed; empty: it is not
  std::string store;          // the repository of Upkeep's own store that has it; empty: none
};
// All of them at once, or none. The agent's package comes first.
struct Order {
  std::vector<Wanted> packages;
  bool downgrade = false;  // a lower version is wanted
};

// What would be, or was, done with a package.
enum class Act { install, downgrade, remove, replace, untrusted, unavailable };
struct PlanLine {
  Act act;
  std::string name, version;  // sound ones; the version after it, for remove and replace the one before
  bool operator==(const PlanLine&) const = default;
};

// What a call said until it ended.
struct Report {
  std::vector<PlanLine> plan;       // each once, in order; of a real change it may be empty
  bool incomplete = false;          // there was more than anybody can judge
  std::vector<std::string> told;    // its messages, in lines for people; bounded
  std::vector<std::string> reboot;  // what wants the machine restarted, for people
  std::optional<Failure> failure;   // nullopt: it succeeded, or says that nothing was left to do
};

class Driver {
 public:
  virtual ~Driver() = default;

  // "PackageKit", "apt-get": for people.
  [[nodiscard]] virtual std::string name() const = 0;

  // Whether it can work on this host. unsupported: why not, and what to do; transient: it cannot be told now.
  [[nodiscard]] virtual sdk::Task<sdk::Result<void>> ready() = 0;

  // In all of these an error means that the outcome is unknown (transient, timeout: it may still run) or that nothing was begun (denied,
  // unsupported, invalid). Only trusted packages, always.
  [[nodiscard]] virtual sdk::Task<sdk::Result<Report>> simulate(Order order) = 0;
  [[nodiscard]] virtual sdk::Task<sdk::Result<Report>> download(Order order, bool urgent) = 0;  // else anybody's call ends it
  // `begun` is journalled before anything changes: one line with which wait_for() finds it again, and `more` behind it.
  [[nodiscard]] virtual sdk::Task<sdk::Result<Report>> install(Order order, sdk::Note& note, std::string more) = 0;
  // Waits until what a former life of this daemon has begun is over, whatever came of it. `begun` is the first line of its note.
  [[nodiscard]] virtual sdk::Task<sdk::Result<void>> wait_for(std::string begun) = 0;

  // Every version that its lists offer, in no order; a package that is in none: empty. Upkeep's own store is left out.
  [[nodiscard]] virtual sdk::Task<sdk::Result<std::vector<Offered>>> offers(std::string package) = 0;
  // How long ago the lists were read; years when they never were.
  [[nodiscard]] virtual sdk::Task<sdk::Result<std::chrono::seconds>> age_of_lists() = 0;
  // Success is no proof that a version is offered: look.
  [[nodiscard]] virtual sdk::Task<sdk::Result<void>> refresh(bool force) = 0;
  // What it can put in order itself after an interruption.
  [[nodiscard]] virtual sdk::Task<sdk::Result<void>> repair() = 0;
};

}  // namespace upkeep::shared::packages
