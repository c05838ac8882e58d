// SPDX-License-Identifier: Apache-2.0
// apply, verify and revert. Each may be called again after a crash: they first wait for a transaction of ours that still
// runs, then look at what is there, and only then do what is left to do.
#include <chrono>

#include "installer/apt/installer.h"
#include "sdk/root_helper.h"
#include "sdk/text.h"
#include "shared/packagekit/roles.h"
#include "shared/packagekit/text.h"

namespace upkeep::plugins::apt {

namespace pk = shared::packagekit;
using sdk::Errc;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t kMostDifferences = std::size_t{64} * 1024;

// What the plan changes beside the agent's own package, which comes first.
std::vector<std::string> beside(const sdk::Plan& plan) {
  std::vector<std::string> lines;
  for (std::size_t i = 1; i < plan.items.size(); ++i) {
    const auto& item = plan.items[i];
    lines.push_back(item.package + " " + (item.from.empty() ? "(new)" : item.from) + " -> " + (item.to.empty() ? "(removed)" : item.to));
  }
  return lines;
}

}  // namespace

// Root's part, which knows by itself what is to be done. Without it nothing is broken: dpkg keeps what was edited, but for one case.
sdk::Task<void> AptInstaller::keep_conffiles() {
  const auto done =
      co_await sdk::run_unit_job(host_, sdk::UnitVerb::start, sdk::root_unit(sdk::RootHelper::conffiles, host_.agent()), 1min);
  if (!done) host_.log(sdk::LogLevel::warn, "keeping the configuration files: " + done.error().message);
}

// What cannot be recorded is no reason to stop.
sdk::Task<void> AptInstaller::write_record(sdk::Note& note, sdk::Topic topic, std::vector<std::string> lines) {
  if (lines.empty()) co_return;
  const auto written = co_await note.record(topic, std::move(lines));
  if (!written) host_.log(sdk::LogLevel::warn, "recording what was done: " + written.error().message);
}

sdk::Task<sdk::Result<void>> AptInstaller::wait_for(const std::string& last_note) {
  if (last_note.empty()) co_return sdk::Result<void>();
  for (int attempt = 0; attempt < 3; ++attempt) {
    auto running = co_await pk::Transaction::attach(host_, last_note);
    if (!running) co_return sdk::fail("looking for our transaction " + last_note, running.error());
    if (!*running) co_return sdk::Result<void>();
    host_.log(sdk::LogLevel::info, "waiting for PackageKit's transaction " + last_note + ", which an earlier attempt began");
    const auto outcome = co_await (*running)->wait(settings_.deadline);
    if (outcome) co_return sdk::Result<void>();  // however it ended: dpkg knows what came of it
    if (outcome.error().code == Errc::timeout) co_return sdk::fail(outcome.error());
    // its end was not seen: look again whether it is there
  }
  co_return sdk::fail(Errc::transient, "PackageKit's transaction " + last_note + " goes on, but cannot be followed");
}

sdk::Task<sdk::Result<void>> AptInstaller::install(const Step& step, sdk::Note& note, const std::string& last_note) {
  if (auto waited = co_await wait_for(last_note); !waited) co_return waited;
  // PackageKit refuses everything after an interrupted dpkg, be it that of our own last attempt. What a repair cannot
  // mend, another version often does.
  std::string detail;
  const auto sight = co_await settle(detail);
  if (!sight) co_return sdk::fail(sight.error());
  const auto& before = sight->state;
  if (!detail.empty()) host_.log(sdk::LogLevel::warn, detail);
  if (before.version == step.to && !before.broken) co_return sdk::Result<void>();
  if (sight->working) co_return sdk::fail(Errc::busy, "another package manager is at work");
  // PackageKit does not install the version again that dpkg has, not even when that is half installed: another one mends it.
  if (before.version == step.to && before.status == "half-installed" && !step.by_way_of.empty()) {
    const Step there{step.by_way_of, true}, back{step.to, step.downgrade};
    if (auto mended = co_await install(there, note, last_note); !mended)
      co_return sdk::fail(settings_.package + " is half installed and cannot be mended by way of " + there.to, mended.error());
    co_return co_await install(back, note, last_note);
  }
  // Nor when it only has to be configured, which the repair above refrains from when the last one went down with the machine.
  if (before.version == step.to) {
    const auto again = co_await repair();
    const auto now = co_await look();
    if (again && now && now->settled()) co_return sdk::Result<void>();
  }
  unmended_.clear();
  // The lists may have changed since prepare, and a revert had none: what is done is what was judged just now.
  const auto plan = co_await dry_run(step, before);
  if (!plan) co_return sdk::fail(plan.error());

  auto transaction = co_await pk::Transaction::create(host_);
  if (!transaction) co_return sdk::fail(transaction.error());
  if (auto noted = co_await note.write((*transaction)->path()); !noted) co_return noted;
  const auto flags = pk::kOnlyTrusted | (step.downgrade ? pk::kAllowDowngrade : 0);
  const auto outcome = co_await pk::install(**transaction, flags, package_id(step.to, before), settings_.deadline);
  auto said = outcome ? pk::told(*outcome) : std::vector<std::string>{outcome.error().message};
  co_await write_record(note, sdk::Topic::package_manager, std::move(said));
  if (!outcome) co_return sdk::fail(outcome.error());
  if (const auto failed = pk::failure(*outcome, host_.agent())) {
    if (failed->reaction == pk::Reaction::forged) host_.log(sdk::LogLevel::error, failed->error.message);
    co_return sdk::fail(failed->error);
  }
  const auto after = co_await query_state(host_, settings_.package);
  if (!after) co_return sdk::fail(after.error());
  if (after->version == step.to && !after->broken) {
    auto others = beside(*plan);
    co_await write_record(note, sdk::Topic::also_changed, std::move(others));
    co_return sdk::Result<void>();
  }
  co_return sdk::fail(Errc::internal, "PackageKit says that it installed " + settings_.package + " " + step.to + ", but dpkg has " +
                                          (after->version.empty() ? "none" : after->version) + " (" + after->status + ")");
}

sdk::Task<sdk::Result<void>> AptInstaller::apply(const sdk::Change& change, sdk::Note& note, const std::string& last_note) {
  const Step step{change.to, change.downgrade};
  co_await keep_conffiles();
  co_return co_await install(step, note, last_note);
}

sdk::Task<sdk::Result<void>> AptInstaller::revert(const sdk::Change& change, sdk::Note& note, const std::string& last_note) {
  if (change.from.empty()) {
    co_return sdk::fail(
        Errc::unsupported,
        settings_.package + " was not installed before, and Upkeep does not remove packages: `sudo apt remove " + settings_.package + "`");
  }
  const Step step{change.from, true, change.to};
  if (auto done = co_await install(step, note, last_note); !done) co_return sdk::fail("going back to " + change.from, done.error());
  // Before the restart, which reads them.
  co_await keep_conffiles();
  const auto differences = host_.files().read(sdk::differences_path(host_.agent()), kMostDifferences);
  if (differences) {
    auto lines = sdk::lines_of(*differences);
    for (auto& line : lines) line = pk::one_line(line);
    co_await write_record(note, sdk::Topic::differences, std::move(lines));
  }
  auto how = settings_.how;
  // try-restart leaves alone what does not run; but what the bad version made fail has to run again.
  if (how == sdk::UnitVerb::try_restart) {
    const auto state = co_await pk::active_state(host_, settings_.unit);
    if (state && *state != "inactive") how = sdk::UnitVerb::restart;
  }
  co_return co_await restart(how);
}

sdk::Task<sdk::Result<AptInstaller::Sight>> AptInstaller::look() {
  auto state = co_await query_state(host_, settings_.package);
  if (!state) co_return sdk::fail(state.error());
  const auto pending = journal_pending(host_);
  if (!pending) co_return sdk::fail(pending.error());
  Sight sight{std::move(*state), *pending};
  if (!sight.settled()) sight.working = co_await at_work(host_);
  co_return sight;
}

sdk::Task<sdk::Result<void>> AptInstaller::repair() {
  co_return co_await sdk::run_unit_job(host_, sdk::UnitVerb::start, sdk::root_unit(sdk::RootHelper::repair, host_.agent()),
                                       settings_.deadline);
}

sdk::Task<sdk::Result<AptInstaller::Sight>> AptInstaller::settle(std::string& detail) {
  auto sight = co_await look();
  // While somebody's dpkg works, the package looks as if that had been interrupted.
  for (int again = 0; sight && sight->working && again < 30; ++again) {
    host_.progress({std::nullopt, "waiting for another package manager, which is at work"});
    co_await host_.clock().sleep_for(2s);
    sight = co_await look();
  }
  if (!sight) co_return sdk::fail(sight.error());
  if (sight->working && sight->state.broken) {
    co_return sdk::fail(Errc::busy, "another package manager is at work, and " + settings_.package + " is " + sight->state.status);
  }
  if (sight->settled()) unmended_.clear();
  if (sight->settled() || sight->working) co_return sight;
  if (sight->state.status == unmended_) {  // what comes next is an installation, which mends more
    sight->state.broken = true;
    co_return sight;
  }

  host_.log(sdk::LogLevel::warn, "dpkg stopped halfway (" + settings_.package + " is " + sight->state.status + "): repairing once");
  const auto repaired = co_await repair();
  if (!repaired) detail = repaired.error().message;
  sight = co_await look();
  if (!sight) co_return sdk::fail(sight.error());
  if (sight->settled()) co_return sight;

  // A helper that succeeded and left it unconfigured has refrained from running scripts that took the machine down: so does PackageKit
  // then.
  sdk::Result<void> asked;
  if (!repaired || sight->state.status == "half-installed") asked = co_await pk::repair_system(host_, settings_.deadline);
  if (!asked) detail += (detail.empty() ? "" : "; ") + asked.error().message;
  if (!asked && asked.error().code == Errc::busy) co_return sdk::fail(asked.error());
  sight = co_await look();
  if (!sight) co_return sdk::fail(sight.error());
  if (!sight->settled()) {
    sight->state.broken = true;
    unmended_ = sight->state.status;
    detail = settings_.package + " is " + sight->state.status + " after one repair: `sudo dpkg --configure -a` tells why" +
             (detail.empty() ? "" : " (" + detail + ")");
  }
  co_return sight;
}

sdk::Task<sdk::Result<sdk::Verified>> AptInstaller::verify(const sdk::Change& change, const std::string& last_note) {
  if (auto waited = co_await wait_for(last_note); !waited) co_return sdk::fail(waited.error());
  sdk::Verified out;
  const auto sight = co_await settle(out.detail);
  if (!sight) co_return sdk::fail(sight.error());
  const auto& state = sight->state;
  out.version = state.version;
  if (state.broken) {
    out.standing = sdk::Standing::broken;
  } else if (state.version == change.to) {
    out.standing = sdk::Standing::target;
  } else if (state.version == change.from) {
    out.standing = sdk::Standing::baseline;
  } else {
    out.standing = sdk::Standing::elsewhere;
  }
  co_return out;
}

}  // namespace upkeep::plugins::apt
