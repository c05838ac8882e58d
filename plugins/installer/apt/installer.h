// SPDX-License-Identifier: Apache-2.0
#pragma once
// The installer "apt". dpkg says what is there, apt's lists say what is offered, PackageKit (a root daemon) changes it
// under the polkit rule of `upkeep enable`, and systemd restarts. No answer of PackageKit is believed: before a change
// its dry run is compared with the wish, and afterwards dpkg is asked.
//
//   installer.cpp  inspect, prepare, fetch, activate, keep, changed      change.cpp  apply, verify, revert: all that changes something

#include <memory>
#include <string>

#include "installer/apt/dpkg.h"
#include "sdk/host.h"
#include "sdk/installer.h"
#include "shared/packagekit/settings.h"
#include "shared/packagekit/transaction.h"

namespace upkeep::plugins::apt {

class AptInstaller final : public sdk::Installer {
 public:
  AptInstaller(sdk::Host& host, shared::packagekit::Settings settings) : host_(host), settings_(std::move(settings)) {}

  sdk::Task<sdk::Result<sdk::Installed>> inspect(const sdk::Version* target) override;
  sdk::Task<sdk::Result<sdk::Plan>> prepare(const sdk::Change& change) override;
  sdk::Task<sdk::Result<void>> fetch(const sdk::Change& change) override;
  sdk::Task<sdk::Result<void>> apply(const sdk::Change& change, sdk::Note& note, const std::string& last_note) override;
  sdk::Task<sdk::Result<void>> activate(const sdk::Change& change) override;
  sdk::Task<sdk::Result<sdk::Verified>> verify(const sdk::Change& change, const std::string& last_note) override;
  sdk::Task<sdk::Result<void>> revert(const sdk::Change& change, sdk::Note& note, const std::string& last_note) override;
  sdk::Task<sdk::Result<void>> keep() override;
  sdk::Task<sdk::Result<void>> changed() override;
  [[nodiscard]] std::vector<sdk::Advice> advice(const sdk::Change& change) const override;  // advice.cpp

 private:
  // One exact version, and whether it may lower the installed one.
  struct Step {
    std::string to;
    bool downgrade = false;
    std::string by_way_of = {};  // another version, which mends a half-installed `to`
  };

  // The exact version for the change, after a refresh where one is due.
  sdk::Task<sdk::Result<std::string>> find_version(const sdk::Change& change);
  // Dry run of a step, judged. `from` is what is installed.
  sdk::Task<sdk::Result<sdk::Plan>> dry_run(const Step& step, const PackageState& now);
  // Puts exactly that version there; done when dpkg says so.
  sdk::Task<sdk::Result<void>> install(const Step& step, sdk::Note& note, const std::string& last_note);
  // Waits for the transaction that a note names, if it still runs.
  sdk::Task<sdk::Result<void>> wait_for(const std::string& last_note);
  struct Sight {
    PackageState state;
    bool pending = false;  // dpkg's journal is not empty
    bool working = false;  // not settled because somebody's dpkg works
    [[nodiscard]] bool settled() const { return !state.broken && !pending; }
  };
  sdk::Task<sdk::Result<Sight>> look();
  sdk::Task<sdk::Result<void>> repair();  // by root's unit
  // What is there once nothing moves any more, repaired once if it has to be. A package that is whole may have others at work beside it.
  sdk::Task<sdk::Result<Sight>> settle(std::string& detail);

  // Puts our hold back, which PackageKit has cleared, behind a restart, which is what counts. Without the hold nothing is broken yet:
  // keep() tries again.
  sdk::Task<sdk::Result<void>> hold_after(sdk::Result<void> restarted);

  // Our own hold, recorded by `upkeep enable`, so that other updaters leave the package alone.
  [[nodiscard]] sdk::Result<bool> hold_is_ours();
  sdk::Task<sdk::Result<void>> restore_hold();
  // Has root fill the package store when it does not have what is installed.
  sdk::Task<sdk::Result<void>> keep_copy();

  // Before a change and after a way back.
  sdk::Task<void> keep_conffiles();
  sdk::Task<void> write_record(sdk::Note& note, sdk::Topic topic, std::vector<std::string> lines);

  [[nodiscard]] std::string package_id(const std::string& version, const PackageState& now) const;

  sdk::Host& host_;
  const shared::packagekit::Settings settings_;
  std::string unmended_;               // what the last repair has left, until an installation is tried
  bool refused_ = false;               // by the last prepare: what the lists say may have been why
  std::unique_ptr<sdk::Watch> watch_;  // kept, so that what happens between two calls of changed() counts
  bool unwatched_ = false;             // there is no watch, and the log says so
};

}  // namespace upkeep::plugins::apt
