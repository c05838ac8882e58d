// SPDX-License-Identifier: Apache-2.0
#pragma once
// The installer of a host with PackageKit (a root daemon), whatever package manager is behind it. The package manager's own tools say
// what is there and what is offered (database.h), PackageKit changes it under the polkit rule of `upkeep enable`, and systemd restarts.
// No answer of PackageKit is believed: before a change its dry run is compared with the wish, and afterwards the database is asked.
//
//   installer.cpp  inspect, activate, keep, changed     prepare.cpp  prepare, fetch     change.cpp  apply, verify, revert
//   repair.cpp     what is there once nothing moves any more

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sdk/host.h"
#include "sdk/installer.h"
#include "shared/packagekit/database.h"
#include "shared/packagekit/settings.h"
#include "shared/packagekit/store.h"
#include "shared/packagekit/transaction.h"

namespace upkeep::shared::packagekit {

class PackageKitInstaller final : public sdk::Installer {
 public:
  PackageKitInstaller(sdk::Host& host, Settings settings, std::unique_ptr<PackageDatabase> database)
      : host_(host), settings_(std::move(settings)), database_(std::move(database)) {}

  sdk::Task<sdk::Result<sdk::Installed>> inspect(const sdk::Version* target) override;
  sdk::Task<sdk::Result<sdk::Plan>> prepare(const sdk::Change& change) override;
  sdk::Task<sdk::Result<void>> fetch(const sdk::Change& change) override;
  sdk::Task<sdk::Result<void>> apply(const sdk::Change& change, sdk::Note& note, const std::string& last_note) override;
  sdk::Task<sdk::Result<void>> activate(const sdk::Change& change) override;
  sdk::Task<sdk::Result<sdk::Verified>> verify(const sdk::Change& change, const std::string& last_note) override;
  sdk::Task<sdk::Result<void>> revert(const sdk::Change& change, sdk::Note& note, const std::string& last_note) override;
  sdk::Task<sdk::Result<void>> keep() override;
  sdk::Task<sdk::Result<void>> changed() override;
  [[nodiscard]] std::vector<sdk::Advice> advice(const sdk::Change& change) const override { return database_->advice(change); }

 private:
  // One exact version, and whether it may lower the installed one.
  struct Step {
    std::string to;
    bool downgrade = false;
    std::string by_way_of = {};    // another version, which mends a half-installed `to`
    bool keeps_conffiles = false;  // what is left may have to be had again as it was
  };
  // What the database says.
  struct Sight {
    PackageState state;
    bool pending = false;     // something was interrupted, or is at work
    bool working = false;     // not settled because somebody else's package manager works
    std::string detail = {};  // of a repair that was in vain
    [[nodiscard]] bool settled() const { return !state.broken && !pending; }
  };

  [[nodiscard]] const PackageManager& manager() const { return database_->manager(); }
  [[nodiscard]] Store store() { return read_store(host_, manager().store_file); }
  sdk::Task<sdk::Result<PackageState>> state();

  // installer.cpp
  // Puts our hold back, which PackageKit has cleared, behind a restart, which is what counts. Without the hold nothing is broken yet:
  // keep() tries again.
  sdk::Task<sdk::Result<void>> hold_after(sdk::Result<void> restarted);
  // Our own hold, recorded by `upkeep enable`, so that other updaters leave the package alone.
  [[nodiscard]] sdk::Result<bool> hold_is_ours();
  sdk::Task<sdk::Result<void>> restore_hold();
  // Has root fill the package store when it does not have what is installed.
  sdk::Task<sdk::Result<void>> keep_copy();

  // prepare.cpp
  // The exact version for the change, after a refresh where one is due.
  sdk::Task<sdk::Result<std::string>> find_version(const sdk::Change& change);
  // Dry run of a step, judged. `now` is what is installed.
  sdk::Task<sdk::Result<sdk::Plan>> dry_run(const Step& step, const PackageState& now);
  // The one call of PackageKit's that changes packages, only trusted ones; `more` flags of numbers.h.
  sdk::Task<sdk::Result<Outcome>> call(Transaction& transaction, const Step& step, const PackageState& now, std::uint64_t more);
  [[nodiscard]] std::optional<Failure> failed(const Outcome& outcome) const;

  // change.cpp
  // Puts exactly that version there; done when the database says so.
  sdk::Task<sdk::Result<void>> install(const Step& step, sdk::Note& note, const std::string& last_note);
  // The part of it in which PackageKit works.
  sdk::Task<sdk::Result<void>> carry_out(const Step& step, const PackageState& before, sdk::Note& note);
  // The right version is there, but broken: what PackageKit does not do by itself. true: it is whole now.
  sdk::Task<sdk::Result<bool>> mend(const Step& step, const PackageState& before, sdk::Note& note, const std::string& last_note);
  // Waits for the transaction that a note names, if it still runs.
  sdk::Task<sdk::Result<void>> wait_for(const std::string& last_note);
  // Before a change, of what is settled there, and after a way back.
  sdk::Task<void> keep_conffiles();
  sdk::Task<void> write_record(sdk::Note& note, sdk::Topic topic, std::vector<std::string> lines);

  // repair.cpp
  // What is there once nothing moves any more, repaired once if it has to be. A package that is whole may have others at work beside it.
  sdk::Task<sdk::Result<Sight>> settle();
  sdk::Task<sdk::Result<Sight>> repair_once();
  sdk::Task<sdk::Result<Sight>> look();
  sdk::Task<sdk::Result<void>> repair();  // by root's unit

  sdk::Host& host_;
  const Settings settings_;
  const std::unique_ptr<PackageDatabase> database_;
  // Forgotten when the daemon restarts; each then costs one more repair, refresh or line of the log.
  std::string unmended_;               // the status that the last repair has left, until an installation is tried
  bool refused_ = false;               // by the last prepare: what the lists say may have been why
  std::unique_ptr<sdk::Watch> watch_;  // kept, so that what happens between two calls of changed() counts
  bool unwatched_ = false;             // there is no watch, and the log says so
};

}  // namespace upkeep::shared::packagekit
