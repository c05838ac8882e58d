// SPDX-License-Identifier: Apache-2.0
#pragma once
// The installer of a host's packages, whatever package manager there is. Its own tools say what is there and what is offered
// (database.h), a driver changes it (driver.h), and systemd restarts. No answer of a driver is believed: before a change its dry run is
// compared with the wish, and afterwards the database is asked.
//
//   installer.cpp  inspect, activate, keep, changed     prepare.cpp  prepare, fetch     change.cpp  apply, verify, revert
//   repair.cpp     what is there once nothing moves any more
//   set.cpp        the packages of an agent: the variant that is installed, and those that move with it

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sdk/host.h"
#include "sdk/installer.h"
#include "shared/packages/database.h"
#include "shared/packages/driver.h"
#include "shared/packages/set.h"
#include "shared/packages/settings.h"
#include "shared/packages/store.h"

namespace upkeep::shared::packages {

class PackageInstaller final : public sdk::Installer {
 public:
  PackageInstaller(sdk::Host& host, Settings settings, std::unique_ptr<Driver> driver, std::unique_ptr<PackageDatabase> database)
      : host_(host), settings_(std::move(settings)), driver_(std::move(driver)), database_(std::move(database)) {}

  sdk::Task<sdk::Result<sdk::Installed>> inspect(const sdk::Version* target) override;
  sdk::Task<sdk::Result<sdk::Plan>> prepare(const sdk::Change& change) override;
  sdk::Task<sdk::Result<void>> fetch(const sdk::Change& change) override;
  sdk::Task<sdk::Result<void>> apply(const sdk::Change& change, sdk::Note& note, const std::string& last_note) override;
  sdk::Task<sdk::Result<void>> activate(const sdk::Change& change) override;
  sdk::Task<sdk::Result<sdk::Verified>> verify(const sdk::Change& change, const std::string& last_note) override;
  sdk::Task<sdk::Result<void>> revert(const sdk::Change& change, sdk::Note& note, const std::string& last_note) override;
  sdk::Task<sdk::Result<void>> keep() override;
  sdk::Task<sdk::Result<void>> changed() override;
  [[nodiscard]] std::vector<sdk::Advice> advice(const sdk::Change& change) const override;

 private:
  // One exact version, and whether it may lower the installed one.
  struct Step {
    std::string to;
    bool downgrade = false;
    Versions with = {};                             // of the companions
    std::string by_way_of = {};                     // another version, which mends a half-installed `to`
    bool keeps_conffiles = false;                   // what is left may have to be had again as it was
    std::map<std::string, std::string> files = {};  // which the release says it is made of, with their sha256; empty: it says nothing
  };
  // What the database says.
  struct Sight {
    PackageSet set;
    bool pending = false;     // something was interrupted, or is at work
    bool working = false;     // not settled because somebody else's package manager works
    std::string detail = {};  // of a repair that was in vain
    [[nodiscard]] bool settled() const { return !set.broken() && !pending; }
  };

  [[nodiscard]] const PackageManager& manager() const { return database_->manager(); }
  [[nodiscard]] Store store() { return read_store(host_, manager().store_file); }
  sdk::Task<sdk::Result<PackageSet>> look_at_set();

  // installer.cpp
  void tell_holds(const PackageSet& set, sdk::Installed& out);
  void tell_rights(const PackageSet& set, sdk::Installed& out);
  sdk::Task<void> tell_reboot(sdk::Installed& out);
  // Puts our hold back, which PackageKit has cleared, behind a restart, which is what counts. Without the hold nothing is broken yet:
  // keep() tries again.
  sdk::Task<sdk::Result<void>> hold_after(sdk::Result<void> restarted);
  // Our own holds, recorded by `upkeep enable`, so that other updaters leave the packages alone: "\nNAME\n" each.
  [[nodiscard]] sdk::Result<std::string> our_holds();
  sdk::Task<sdk::Result<void>> restore_hold();
  // Has root fill the package store when it does not have what is installed.
  sdk::Task<sdk::Result<void>> keep_copy();

  // prepare.cpp
  // `exact`, if it can be had, else the version of this package for the target; after a refresh where one is due. `back`: the store counts.
  sdk::Task<sdk::Result<std::string>> find_version(std::string package, std::string exact, std::optional<sdk::Version> target, bool back);
  // What the change means for the companions that are installed: those that are of the release already stay.
  sdk::Task<sdk::Result<Versions>> find_companions(PackageSet set, const sdk::Change& change);
  // Dry run of a step, judged. `now` is what is installed, `wanted` its order().
  sdk::Task<sdk::Result<sdk::Plan>> dry_run(const Step& step, const PackageSet& now, const Order& wanted);
  // What the step asks of the driver.
  [[nodiscard]] Order order(const Step& step, const PackageSet& now);
  [[nodiscard]] sdk::Error explained(const Failure& failure) const;

  // change.cpp
  // Puts exactly that there; done when the database says so.
  sdk::Task<sdk::Result<void>> install(const Step& step, sdk::Note& note, const std::string& last_note);
  // What of the companions belongs to the version that is gone back to.
  sdk::Task<sdk::Result<Versions>> former_companions(const sdk::Change& change, const std::string& last_note);
  // The part of it in which packages are changed.
  sdk::Task<sdk::Result<void>> carry_out(const Step& step, const PackageSet& before, sdk::Note& note, const Versions& baseline);
  // As explained(), and a forged package also in the log.
  [[nodiscard]] sdk::Error loudly(const Failure& failure);
  // The dry run, and what only the packages themselves tell, which it downloads for that.
  sdk::Task<sdk::Result<sdk::Plan>> judge(const Step& step, const PackageSet& before, const Order& wanted);
  sdk::Task<sdk::Result<void>> judge_vendors(const PackageSet& before, Order wanted);
  // denied: a package that was downloaded for these items is none of these files. A file's name does not count: an epoch stands in some
  // names only.
  sdk::Task<sdk::Result<void>> judge_files(std::map<std::string, std::string> files, std::vector<sdk::PlanItem> items);
  // The right version is there, but broken: what the driver does not do by itself. true: it is whole now.
  sdk::Task<sdk::Result<bool>> mend(const Step& step, const PackageSet& before, sdk::Note& note, const std::string& last_note);
  // Waits for what a note names, if it still runs.
  sdk::Task<sdk::Result<void>> wait_for(const std::string& last_note);
  // Before a change, of what is settled there, and after a way back.
  sdk::Task<void> keep_conffiles();
  sdk::Task<void> write_record(sdk::Note& note, sdk::Topic topic, std::vector<std::string> lines);
  void remember_reboot(const std::vector<std::string>& wanted);

  // repair.cpp
  // What is there once nothing moves any more, repaired once if it has to be. A package that is whole may have others at work beside it.
  sdk::Task<sdk::Result<Sight>> settle();
  sdk::Task<sdk::Result<Sight>> repair_once();
  sdk::Task<sdk::Result<Sight>> look();
  sdk::Task<sdk::Result<void>> repair();  // by root's unit

  sdk::Host& host_;
  const Settings settings_;
  const std::unique_ptr<Driver> driver_;  // which the database may ask
  const std::unique_ptr<PackageDatabase> database_;
  // Forgotten when the daemon restarts; each then costs one more repair, refresh or line of the log.
  std::string unmended_;               // the status that the last repair has left, until an installation is tried
  bool refused_ = false;               // by the last prepare: what the lists say may have been why
  std::unique_ptr<sdk::Watch> watch_;  // kept, so that what happens between two calls of changed() counts
  bool unwatched_ = false;             // there is no watch, and the log says so
};

}  // namespace upkeep::shared::packages
