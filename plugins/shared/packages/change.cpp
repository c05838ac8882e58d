// SPDX-License-Identifier: Apache-2.0
// apply, verify and revert. Each may be called again after a crash: they first wait for a transaction of ours that still
// runs, then look at what is there, and only then do what is left to do.
#include <asio/experimental/awaitable_operators.hpp>
#include <chrono>

#include "sdk/restart.h"
#include "sdk/root_helper.h"
#include "sdk/text.h"
#include "shared/packagekit/installer.h"
#include "shared/packagekit/text.h"

namespace upkeep::shared::packagekit {

using sdk::Errc;
using namespace asio::experimental::awaitable_operators;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t kMostDifferences = std::size_t{64} * 1024;

// What the plan changes beside the agent's own package, which comes first.
std::vector<std::string> beside(const sdk::Plan& plan) {
  std::vector<std::string> lines;
  for (std::size_t i = 1; i < plan.items.size(); ++i) lines.push_back(sdk::shown(plan.items[i]));
  return lines;
}

}  // namespace

sdk::Task<sdk::Result<void>> PackageKitInstaller::apply(const sdk::Change& change, sdk::Note& note, const std::string& last_note) {
  Step step{change.to, change.downgrade};
  step.keeps_conffiles = true;
  co_return co_await install(step, note, last_note);
}

sdk::Task<sdk::Result<sdk::Verified>> PackageKitInstaller::verify(const sdk::Change& change, const std::string& last_note) {
  if (auto waited = co_await wait_for(last_note); !waited) co_return sdk::fail(waited.error());
  const auto sight = co_await settle();
  if (!sight) co_return sdk::fail(sight.error());
  const auto& state = sight->state;
  sdk::Verified out{sdk::Standing::elsewhere, state.version, sight->detail};
  if (state.broken) {
    out.standing = sdk::Standing::broken;
  } else if (state.version == change.to) {
    out.standing = sdk::Standing::target;
  } else if (state.version == change.from) {
    out.standing = sdk::Standing::baseline;
  }
  co_return out;
}

sdk::Task<sdk::Result<void>> PackageKitInstaller::revert(const sdk::Change& change, sdk::Note& note, const std::string& last_note) {
  if (change.from.empty()) {
    co_return sdk::fail(Errc::unsupported,
                        settings_.package + " was not installed before, and Upkeep does not remove packages: `" + manager().remove + "`");
  }
  const Step step{change.from, true, change.to};
  if (auto done = co_await install(step, note, last_note); !done) co_return sdk::fail("going back to " + change.from, done.error());
  // Before the restart, which reads them.
  co_await keep_conffiles();
  const auto differences = host_.files().read(sdk::differences_path(host_.agent()), kMostDifferences);
  if (differences) {
    auto lines = sdk::lines_of(*differences);
    for (auto& line : lines) line = one_line(line);
    co_await write_record(note, sdk::Topic::differences, std::move(lines));
  }
  auto done = co_await sdk::restart_after_revert(host_, settings_.restart, settings_.deadline);
  co_return co_await hold_after(std::move(done));
}

sdk::Task<sdk::Result<void>> PackageKitInstaller::install(const Step& step, sdk::Note& note, const std::string& last_note) {
  if (auto waited = co_await wait_for(last_note); !waited) co_return waited;
  // PackageKit refuses everything after an interrupted change, be it that of our own last attempt. What a repair cannot
  // mend, another version often does.
  const auto sight = co_await settle();
  if (!sight) co_return sdk::fail(sight.error());
  const auto& before = sight->state;
  if (!sight->detail.empty()) host_.log(sdk::LogLevel::warn, sight->detail);
  if (before.version == step.to && !before.broken) co_return sdk::Result<void>();
  if (sight->working) co_return sdk::fail(Errc::busy, "another package manager is at work");
  if (before.version == step.to) {
    const auto mended = co_await mend(step, before, note, last_note);
    if (!mended) co_return sdk::fail(mended.error());
    if (*mended) co_return sdk::Result<void>();
  }
  co_return co_await carry_out(step, before, note);
}

sdk::Task<sdk::Result<bool>> PackageKitInstaller::mend(const Step& step, const PackageState& before, sdk::Note& note,
                                                       const std::string& last_note) {
  // PackageKit does not install the version again that is there, not even when that is half installed: another one mends it.
  if (before.half_installed && !step.by_way_of.empty()) {
    const Step there{step.by_way_of, true}, back{step.to, step.downgrade};
    if (auto done = co_await install(there, note, last_note); !done)
      co_return sdk::fail(settings_.package + " is half installed and cannot be mended by way of " + there.to, done.error());
    if (auto done = co_await install(back, note, last_note); !done) co_return sdk::fail(done.error());
    co_return true;
  }
  // Nor when it only has to be configured, which the repair before refrains from when the last one went down with the machine.
  const auto again = co_await repair();
  const auto now = co_await look();
  co_return again&& now && now->settled();
}

sdk::Task<sdk::Result<void>> PackageKitInstaller::carry_out(const Step& step, const PackageState& before, sdk::Note& note) {
  unmended_.clear();
  // The lists may have changed since prepare, and a revert had none: what is done is what was judged just now.
  sdk::Result<sdk::Plan> plan;
  if (step.keeps_conffiles)  // beside the dry run, which changes nothing: both have ended before anything does
    plan = co_await (keep_conffiles() && dry_run(step, before));
  else
    plan = co_await dry_run(step, before);
  if (!plan) co_return sdk::fail(plan.error());

  auto transaction = co_await Transaction::create(host_);
  if (!transaction) co_return sdk::fail(transaction.error());
  if (auto noted = co_await note.write((*transaction)->path()); !noted) co_return noted;
  const auto outcome = co_await call(**transaction, step, before, 0);
  auto said = outcome ? told(*outcome) : std::vector<std::string>{outcome.error().message};
  co_await write_record(note, sdk::Topic::package_manager, std::move(said));
  if (!outcome) co_return sdk::fail(outcome.error());
  if (const auto failure = failed(*outcome)) {
    if (failure->reaction == Reaction::forged) host_.log(sdk::LogLevel::error, failure->error.message);
    co_return sdk::fail(failure->error);
  }
  const auto after = co_await state();
  if (!after) co_return sdk::fail(after.error());
  if (after->version != step.to || after->broken)
    co_return sdk::fail(Errc::internal, "PackageKit says that it installed " + settings_.package + " " + step.to + ", but " +
                                            manager().name + " has " + (after->version.empty() ? "none" : after->version) + " (" +
                                            after->status + ")");
  auto others = beside(*plan);
  co_await write_record(note, sdk::Topic::also_changed, std::move(others));
  co_return sdk::Result<void>();
}

sdk::Task<sdk::Result<void>> PackageKitInstaller::wait_for(const std::string& last_note) {
  if (last_note.empty()) co_return sdk::Result<void>();
  for (int attempt = 0; attempt < 3; ++attempt) {
    auto running = co_await Transaction::attach(host_, last_note);
    if (!running) co_return sdk::fail("looking for our transaction " + last_note, running.error());
    if (!*running) co_return sdk::Result<void>();
    host_.log(sdk::LogLevel::info, "waiting for PackageKit's transaction " + last_note + ", which an earlier attempt began");
    const auto outcome = co_await (*running)->wait(settings_.deadline);
    if (outcome) co_return sdk::Result<void>();  // however it ended: the database knows what came of it
    if (outcome.error().code == Errc::timeout) co_return sdk::fail(outcome.error());
    // its end was not seen: look again whether it is there
  }
  co_return sdk::fail(Errc::transient, "PackageKit's transaction " + last_note + " goes on, but cannot be followed");
}

// Root's part, which knows by itself what is to be done. Without it nothing is broken: dpkg keeps what was edited, but for one case.
sdk::Task<void> PackageKitInstaller::keep_conffiles() {
  const auto done =
      co_await sdk::run_unit_job(host_, sdk::UnitVerb::start, sdk::root_unit(sdk::RootHelper::conffiles, host_.agent()), 1min);
  if (!done) host_.log(sdk::LogLevel::warn, "keeping the configuration files: " + done.error().message);
}

// What cannot be recorded is no reason to stop.
sdk::Task<void> PackageKitInstaller::write_record(sdk::Note& note, sdk::Topic topic, std::vector<std::string> lines) {
  if (lines.empty()) co_return;
  const auto written = co_await note.record(topic, std::move(lines));
  if (!written) host_.log(sdk::LogLevel::warn, "recording what was done: " + written.error().message);
}

}  // namespace upkeep::shared::packagekit
