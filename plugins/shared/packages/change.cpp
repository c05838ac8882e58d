// SPDX-License-Identifier: Apache-2.0
// apply, verify and revert. Each may be called again after a crash: they first wait for a transaction of ours that still
// runs, then look at what is there, and only then do what is left to do.
#include <asio/experimental/awaitable_operators.hpp>
#include <chrono>

#include "sdk/restart.h"
#include "sdk/root_helper.h"
#include "sdk/text.h"
#include "shared/packages/installer.h"
#include "shared/packages/text.h"

namespace upkeep::shared::packages {

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

sdk::Task<sdk::Result<void>> PackageInstaller::apply(const sdk::Change& change, sdk::Note& note, const std::string& last_note) {
  Step step{change.to, change.downgrade};
  step.keeps_conffiles = true;
  step.files = change.packages;
  if (!settings_.with.empty()) {
    auto set = co_await look_at_set();
    if (!set) co_return sdk::fail(set.error());
    auto with = co_await find_companions(std::move(*set), change);
    if (!with) co_return sdk::fail(with.error());
    step.with = std::move(*with);
  }
  co_return co_await install(step, note, last_note);
}

sdk::Task<sdk::Result<sdk::Verified>> PackageInstaller::verify(const sdk::Change& change, const std::string& last_note) {
  if (auto waited = co_await wait_for(last_note); !waited) co_return sdk::fail(waited.error());
  const auto sight = co_await settle();
  if (!sight) co_return sdk::fail(sight.error());
  const auto& set = sight->set;
  sdk::Verified out{sdk::Standing::elsewhere, set.state.version, sight->detail};
  if (set.broken()) {
    out.standing = sdk::Standing::broken;
    co_return out;
  }
  if (set.state.version == change.to) out.standing = sdk::Standing::target;
  if (set.state.version == change.from) out.standing = sdk::Standing::baseline;
  if (out.standing == sdk::Standing::elsewhere) co_return out;
  // Half of what moves together is no place to stand.
  const auto baseline = baseline_of(last_note);
  const auto former = sdk::release_of(change.from);
  const bool is_of_from = baseline.count(set.name) == 0 || baseline.at(set.name) == change.from;
  const auto target = change.target ? change.target : sdk::release_of(change.to);
  for (const auto& [name, state] : set.companions) {
    const auto was = baseline.find(name);
    const bool before = is_of_from ? was == baseline.end() || was->second == state.version
                                   : !former || sdk::accepts(settings_.version_template, *former, state.version);
    const bool after = target && sdk::accepts(settings_.version_template, *target, state.version);
    if (out.standing == sdk::Standing::target ? after : before) continue;
    out.standing = sdk::Standing::broken;
    out.detail = set.name + " is at " + set.state.version + ", but " + name + " at " + state.version;
  }
  co_return out;
}

sdk::Task<sdk::Result<void>> PackageInstaller::revert(const sdk::Change& change, sdk::Note& note, const std::string& last_note) {
  if (change.from.empty()) {
    co_return sdk::fail(Errc::unsupported, settings_.packages.front() +
                                               " was not installed before, and Upkeep does not remove packages: `" + manager().remove +
                                               " " + settings_.packages.front() + "`");
  }
  Step step{change.from, true, {}, change.to};
  auto with = co_await former_companions(change, last_note);
  if (!with) co_return sdk::fail("going back to " + change.from, with.error());
  step.with = std::move(*with);
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

// As they were noted, when that was of the version to go back to. An operation that has superseded another one goes back further than to
// where it began: then those of that release.
sdk::Task<sdk::Result<Versions>> PackageInstaller::former_companions(const sdk::Change& change, const std::string& last_note) {
  if (settings_.with.empty()) co_return Versions();
  auto set = co_await look_at_set();
  if (!set) co_return sdk::fail(set.error());
  auto noted = baseline_of(last_note);
  const auto agent = noted.find(set->name);
  const bool is_of_from = agent == noted.end() || agent->second == change.from;
  noted.erase(set->name);
  if (is_of_from) co_return noted;
  sdk::Change back = change;
  back.to = change.from;
  back.target = sdk::release_of(change.from);
  back.downgrade = true;
  co_return co_await find_companions(std::move(*set), back);
}

sdk::Task<sdk::Result<void>> PackageInstaller::install(const Step& step, sdk::Note& note, const std::string& last_note) {
  if (auto waited = co_await wait_for(last_note); !waited) co_return waited;
  // PackageKit refuses everything after an interrupted change, be it that of our own last attempt. What a repair cannot
  // mend, another version often does.
  const auto sight = co_await settle();
  if (!sight) co_return sdk::fail(sight.error());
  const auto& before = sight->set;
  if (!sight->detail.empty()) host_.log(sdk::LogLevel::warn, sight->detail);
  const bool broken = before.broken();
  if (!broken && order(step, before).packages.empty()) co_return sdk::Result<void>();
  if (sight->working) co_return sdk::fail(Errc::busy, "another package manager is at work");
  if (broken && before.state.version == step.to) {
    const auto mended = co_await mend(step, before, note, last_note);
    if (!mended) co_return sdk::fail(mended.error());
    if (*mended) co_return sdk::Result<void>();
  }
  // What was there before the operation, not before this call of it.
  const auto baseline = last_note.empty() ? before.versions() : baseline_of(last_note);
  co_return co_await carry_out(step, before, note, baseline);
}

sdk::Task<sdk::Result<bool>> PackageInstaller::mend(const Step& step, const PackageSet& before, sdk::Note& note,
                                                    const std::string& last_note) {
  // PackageKit does not install the version again that is there, not even when that is half installed: another one mends it.
  if (before.state.half_installed && !step.by_way_of.empty()) {
    const Step there{step.by_way_of, true}, back{step.to, step.downgrade, step.with};
    if (auto done = co_await install(there, note, last_note); !done)
      co_return sdk::fail(before.name + " is half installed and cannot be mended by way of " + there.to, done.error());
    if (auto done = co_await install(back, note, last_note); !done) co_return sdk::fail(done.error());
    co_return true;
  }
  // Nor when it only has to be configured, which the repair before refrains from when the last one went down with the machine.
  const auto again = co_await repair();
  const auto now = co_await look();
  co_return again&& now && now->settled() && order(step, now->set).packages.empty();
}

sdk::Task<sdk::Result<void>> PackageInstaller::carry_out(const Step& step, const PackageSet& before, sdk::Note& note,
                                                         const Versions& baseline) {
  unmended_.clear();
  const auto wanted = order(step, before);
  if (wanted.packages.empty()) {
    const auto [name, state] = before.worst();
    co_return sdk::fail(Errc::internal,
                        name + " is " + state->status + ", and no other version of it is asked for; `" + manager().finish + "` tells why");
  }
  // The lists may have changed since prepare, and a revert had none: what is done is what was judged just now.
  sdk::Result<sdk::Plan> plan;
  if (step.keeps_conffiles)  // beside what changes nothing: both have ended before anything does
    plan = co_await (keep_conffiles() && judge(step, before, wanted));
  else
    plan = co_await dry_run(step, before, wanted);
  if (!plan) co_return sdk::fail(plan.error());

  auto more = baseline_text(baseline);
  auto asked = wanted;
  const auto report = co_await driver_->install(std::move(asked), note, std::move(more));
  auto said = report ? report->told : std::vector<std::string>{report.error().message};
  co_await write_record(note, sdk::Topic::package_manager, std::move(said));
  if (!report) co_return sdk::fail(report.error());
  remember_reboot(report->reboot);
  if (report->failure) co_return sdk::fail(loudly(*report->failure));
  const auto after = co_await look_at_set();
  if (!after) co_return sdk::fail(after.error());
  if (const auto left = order(step, *after).packages; !left.empty()) {
    const auto& name = left.front().name;
    const auto& state = name == after->name ? after->state : after->companions.at(name);
    co_return sdk::fail(Errc::internal, driver_->name() + " says that it installed " + name + " " + left.front().version + ", but " +
                                            manager().name + " has " + (state.version.empty() ? "none" : state.version) + " (" +
                                            state.status + ")");
  }
  auto others = beside(*plan);
  co_await write_record(note, sdk::Topic::also_changed, std::move(others));
  co_return sdk::Result<void>();
}

sdk::Error PackageInstaller::loudly(const Failure& failure) {
  auto error = explained(failure);
  if (failure.reaction == Reaction::forged) host_.log(sdk::LogLevel::error, error.message);
  return error;
}

sdk::Task<sdk::Result<void>> PackageInstaller::wait_for(const std::string& last_note) {
  auto begun = begun_of(last_note);
  if (begun.empty()) co_return sdk::Result<void>();
  co_return co_await driver_->wait_for(std::move(begun));
}

// Root's part, which knows by itself what is to be done. Without it nothing is broken: dpkg keeps what was edited, but for one case.
sdk::Task<void> PackageInstaller::keep_conffiles() {
  const auto done =
      co_await sdk::run_unit_job(host_, sdk::UnitVerb::start, sdk::root_unit(sdk::RootHelper::conffiles, host_.agent()), 1min);
  if (!done) host_.log(sdk::LogLevel::warn, "keeping the configuration files: " + done.error().message);
}

// What cannot be recorded is no reason to stop.
sdk::Task<void> PackageInstaller::write_record(sdk::Note& note, sdk::Topic topic, std::vector<std::string> lines) {
  if (lines.empty()) co_return;
  const auto written = co_await note.record(topic, std::move(lines));
  if (!written) host_.log(sdk::LogLevel::warn, "recording what was done: " + written.error().message);
}

}  // namespace upkeep::shared::packages
