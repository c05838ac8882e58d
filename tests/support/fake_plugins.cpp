// SPDX-License-Identifier: Apache-2.0
// The fake plugins. The installer keeps to the contract of sdk/installer.h and complains in `verbs` when the engine does not.
#include "support/fake_world.h"

namespace upkeep::test {
namespace {

using sdk::Errc;
using sdk::Result;
using sdk::Task;

World* g_world = nullptr;

class FakeSource : public sdk::Source {
 public:
  Task<Result<std::optional<sdk::Offer>>> poll(const sdk::Offer* last) override {
    ++g_world->polls;
    if (g_world->channel_error) co_return sdk::fail(*g_world->channel_error);
    sdk::PlainOffer plain;
    plain.version = g_world->version;
    plain.critical = g_world->critical;
    sdk::Offer offer{origin(), "", plain};
    if (last != nullptr && *last == offer) co_return Result<std::optional<sdk::Offer>>(std::nullopt);
    co_return Result<std::optional<sdk::Offer>>(std::move(offer));
  }
  std::string origin() const override { return "https://updates.test/stable"; }
};

class FakeSchedule : public sdk::Schedule {
 public:
  sdk::Verdict verdict(sdk::TimePoint at, const sdk::Release* /*release*/) const override {
    const bool open = g_world->window_changes && at >= *g_world->window_changes ? !g_world->window_open : g_world->window_open;
    std::optional<sdk::TimePoint> changes;
    if (g_world->window_changes && at < *g_world->window_changes) changes = g_world->window_changes;
    return {open, changes, "the test's window"};
  }
  Task<Result<sdk::Admission>> admit(const sdk::Operation& operation) override {
    sdk::Admission admission;
    if (g_world->not_admitted) {
      admission.granted = false;
      admission.reason = *g_world->not_admitted;
    } else {
      g_world->admitted.push_back(operation.id);
    }
    co_return Result<sdk::Admission>(admission);
  }
  Task<Result<void>> done(const sdk::Operation& operation) override {
    g_world->done.push_back(operation.id);
    co_return Result<void>();
  }
};

class FakeInstaller : public sdk::Installer {
 public:
  Task<Result<sdk::Installed>> inspect(const sdk::Version* target) override {
    sdk::Installed out;
    out.version = g_world->installed;
    out.release = sdk::release_of(out.version);
    out.matches_target = target != nullptr && sdk::accepts("", *target, out.version);
    out.way_back = g_world->way_back;
    out.held_by = g_world->holds;
    co_return Result<sdk::Installed>(std::move(out));
  }
  Task<Result<sdk::Plan>> prepare(const sdk::Change& change) override {
    if (auto bad = begin("prepare", change.target->str())) co_return sdk::fail(*bad);
    sdk::Plan plan;
    plan.to = change.target->str() + "-1";
    plan.items.push_back({"demo", change.from, plan.to});
    co_return Result<sdk::Plan>(std::move(plan));
  }
  Task<Result<void>> apply(const sdk::Change& change, sdk::Note& note, const std::string& /*last*/) override {
    co_return co_await install("apply", change.to, note);
  }
  Task<Result<void>> activate(const sdk::Change& change) override {
    if (auto bad = begin("activate", change.to)) co_return sdk::fail(*bad);
    if (g_world->installed != change.to) g_world->verbs.emplace_back("WRONG: activate while " + g_world->installed + " is installed");
    if (!g_world->restart_works) co_return sdk::fail(Errc::internal, "the unit does not start");
    g_world->restart_unit();
    g_world->step_die("activate:after");
    co_return Result<void>();
  }
  Task<Result<sdk::Verified>> verify(const sdk::Change& change, const std::string& /*last*/) override {
    if (auto bad = begin("verify", change.to)) co_return sdk::fail(*bad);
    if (g_world->half_installed) g_world->half_installed = false;  // the one repair
    sdk::Verified out;
    out.version = g_world->installed;
    out.standing = out.version == change.to     ? sdk::Standing::target
                   : out.version == change.from ? sdk::Standing::baseline
                                                : sdk::Standing::elsewhere;
    co_return Result<sdk::Verified>(std::move(out));
  }
  Task<Result<void>> revert(const sdk::Change& change, sdk::Note& note, const std::string& /*last*/) override {
    auto done = co_await install("revert", change.from, note);
    if (done) g_world->restart_unit();
    co_return done;
  }

 private:
  std::optional<sdk::Error> begin(const std::string& verb, const std::string& version) {
    g_world->verbs.push_back(verb + " " + version);
    g_world->step_die(verb + ":before");
    const auto bad = g_world->verb_errors.find(verb);
    return bad == g_world->verb_errors.end() ? std::nullopt : std::optional(bad->second);
  }
  Task<Result<void>> install(std::string verb, std::string version, sdk::Note& note) {
    if (auto bad = begin(verb, version)) co_return sdk::fail(*bad);
    std::string path = "/transaction/1";
    auto noted = co_await note.write(std::move(path));
    if (!noted) co_return sdk::fail(noted.error());
    g_world->half_installed = true;
    g_world->step_die(verb + ":middle");
    if (g_world->during_apply && verb == "apply") g_world->during_apply();
    g_world->installed = g_world->overtake_with.empty() ? version : g_world->overtake_with;
    g_world->half_installed = false;
    g_world->step_die(verb + ":after");
    co_return Result<void>();
  }
};

}  // namespace

void set_world(World* world) { g_world = world; }

const sdk::Descriptor kFakeSource = {
    .name = "fake",
    .make = sdk::Factory<sdk::Source>(
        [](sdk::Host&, const sdk::Config&) -> Result<std::unique_ptr<sdk::Source>> { return std::make_unique<FakeSource>(); }),
};
const sdk::Descriptor kFakeSchedule = {
    .name = "fake",
    .make = sdk::Factory<sdk::Schedule>(
        [](sdk::Host&, const sdk::Config&) -> Result<std::unique_ptr<sdk::Schedule>> { return std::make_unique<FakeSchedule>(); }),
};
const sdk::Descriptor kFakeInstaller = {
    .name = "fake",
    .make = sdk::Factory<sdk::Installer>(
        [](sdk::Host&, const sdk::Config&) -> Result<std::unique_ptr<sdk::Installer>> { return std::make_unique<FakeInstaller>(); }),
};

}  // namespace upkeep::test
