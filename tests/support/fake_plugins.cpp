// SPDX-License-Identifier: Apache-2.0
// The fake plugins. The installer keeps to the contract of sdk/installer.h and complains in `verbs` when the engine does not.
#include <algorithm>

#include "state/files/plugin.h"
#include "support/fake_world.h"

namespace upkeep::test {
namespace {

using sdk::Errc;
using sdk::Result;
using sdk::Task;

World* g_world = nullptr;

class FakeSource : public sdk::Source {
 public:
  Task<Result<std::optional<sdk::Offer>>> poll(const sdk::Offer* last, const sdk::Wanted& wanted) override {
    ++g_world->polls;
    g_world->wanted_keys = wanted.key_ids;
    if (g_world->channel_error) co_return sdk::fail(*g_world->channel_error);
    sdk::PlainOffer plain;
    plain.version = g_world->version;
    plain.critical = g_world->critical;
    sdk::Offer offer{origin(), "", plain};
    if (wanted.signed_document && g_world->signed_offer) offer.body = g_world->signed_offer(g_world->polls);
    if (last != nullptr && *last == offer) co_return Result<std::optional<sdk::Offer>>(std::nullopt);
    co_return Result<std::optional<sdk::Offer>>(std::move(offer));
  }
  std::string origin() const override { return g_world->origin; }
};

class FakeSchedule : public sdk::Schedule {
 public:
  explicit FakeSchedule(std::string name) : name_(std::move(name)) {}
  sdk::Verdict verdict(sdk::TimePoint at, const sdk::Release* /*release*/) const override {
    if (const auto named = g_world->windows.find(name_); named != g_world->windows.end()) {
      for (const auto& one : named->second) {
        if (at < one.start) return {false, one.start, "the test's window"};
        if (!one.end || at < *one.end) return {true, one.end, "the test's window"};
      }
      return {false, std::nullopt, "the test's last window is over"};
    }
    const bool open = g_world->window_changes && at >= *g_world->window_changes ? !g_world->window_open : g_world->window_open;
    std::optional<sdk::TimePoint> changes;
    if (g_world->window_changes && at < *g_world->window_changes) changes = g_world->window_changes;
    return {open, changes, "the test's window"};
  }
  Task<Result<sdk::Admission>> admit(const sdk::Operation& operation) override {
    g_world->step_die("admit:before");
    sdk::Admission admission;
    if (g_world->not_admitted) {
      admission.granted = false;
      admission.reason = *g_world->not_admitted;
    } else {
      g_world->admitted.push_back(operation.id);
      g_world->story.push_back("admit " + operation.id);
    }
    g_world->step_die("admit:after");
    co_return Result<sdk::Admission>(admission);
  }
  Task<Result<void>> done(const sdk::Operation& operation) override {
    g_world->step_die("done:before");
    g_world->done.push_back(operation.id);
    g_world->story.push_back("done " + operation.id);
    g_world->step_die("done:after");
    co_return Result<void>();
  }

 private:
  std::string name_;
};

// One thing that the package manager does. Two at once, and one that is cut off, are told in `verbs`.
class Transaction {
 public:
  explicit Transaction(std::string verb) : verb_(std::move(verb)) {
    g_world->most_transactions = std::max(g_world->most_transactions, ++g_world->transactions);
    if (g_world->transactions > 1 && g_world->on_this_host) g_world->verbs.push_back("WRONG: " + verb_ + " beside another transaction");
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction() {
    --g_world->transactions;
    if (!ended_) g_world->verbs.push_back("cut off " + verb_);
  }
  void ended() { ended_ = true; }

 private:
  std::string verb_;
  bool ended_ = false;
};

class FakeInstaller : public sdk::Installer {
 public:
  explicit FakeInstaller(sdk::Host& host) : host_(host) {}
  Task<Result<sdk::Installed>> inspect(const sdk::Version* target) override {
    ++g_world->inspects;
    g_world->most_inspecting = std::max(g_world->most_inspecting, ++g_world->inspecting);
    const auto takes = g_world->inspect_takes;
    if (takes > sdk::Millis(0)) co_await host_.clock().sleep_for(takes);
    --g_world->inspecting;
    sdk::Installed out;
    out.version = installed();
    const auto& image = g_world->image;
    const auto text = !image.empty() && out.version.starts_with(image + ":") ? out.version.substr(image.size() + 1) : out.version;
    out.release = sdk::release_of(text);
    out.matches_target = target != nullptr && sdk::accepts("", *target, text);
    out.way_back = g_world->way_back;
    out.held_by = g_world->holds;
    out.changed_by = g_world->changed_by;
    out.identity = g_world->identity;
    out.wishes = g_world->wishes;
    co_return Result<sdk::Installed>(std::move(out));
  }
  Task<Result<sdk::Plan>> prepare(const sdk::Change& change) override {
    Transaction transaction("prepare");
    const auto bad = begin("prepare", change.target->str());
    const auto takes = g_world->prepare_takes;
    if (takes > sdk::Millis(0)) co_await host_.clock().sleep_for(takes);
    if (g_world->during_prepare) g_world->during_prepare();
    g_world->step_die("prepare:middle");
    const auto going_on = host_.clock().now();
    co_await host_.clock().sleep_until(going_on);  // a dry run that was cut off comes no further
    transaction.ended();
    if (bad) co_return sdk::fail(*bad);
    sdk::Plan plan;
    plan.to = g_world->image.empty() ? change.target->str() + "-1" : g_world->image + ":" + change.target->str();
    plan.items.push_back({g_world->fleet.empty() ? "demo" : host_.agent(), change.from, plan.to});
    g_world->step_die("prepare:after");
    co_return Result<sdk::Plan>(std::move(plan));
  }
  Task<Result<void>> fetch(const sdk::Change& change) override {
    Transaction transaction("fetch");
    const auto bad = begin("fetch", change.to);
    const auto takes = g_world->fetch_takes;
    if (takes > sdk::Millis(0)) co_await host_.clock().sleep_for(takes);
    const auto going_on = host_.clock().now();
    co_await host_.clock().sleep_until(going_on);
    transaction.ended();
    if (bad) co_return sdk::fail(*bad);
    g_world->step_die("fetch:after");
    co_return Result<void>();
  }
  Task<Result<void>> apply(const sdk::Change& change, sdk::Note& note, const std::string& /*last*/) override {
    g_world->applied_packages = change.packages;
    co_return co_await install("apply", change.to, note);
  }
  Task<Result<void>> activate(const sdk::Change& change) override {
    const auto bad = begin("activate", change.to);
    const auto takes = g_world->activate_takes;
    if (takes > sdk::Millis(0)) co_await host_.clock().sleep_for(takes);
    if (bad) co_return sdk::fail(*bad);
    if (installed() != change.to) g_world->verbs.emplace_back("WRONG: activate while " + installed() + " is installed");
    if (g_world->half_installed) g_world->verbs.emplace_back("WRONG: activate of what is half installed");
    if (!g_world->restart_works) co_return sdk::fail(Errc::internal, "the unit does not start");
    g_world->restart_unit();
    g_world->story.emplace_back("restarted");
    g_world->step_die("activate:after");
    co_return Result<void>();
  }
  Task<Result<sdk::Verified>> verify(const sdk::Change& change, const std::string& /*last*/) override {
    if (auto bad = begin("verify", change.to)) co_return sdk::fail(*bad);
    if (g_world->repairable) g_world->half_installed = false;  // the one repair
    sdk::Verified out;
    out.version = installed();
    if (g_world->half_installed) out.detail = "demo is half-installed";
    out.standing = g_world->half_installed      ? sdk::Standing::broken
                   : out.version == change.to   ? sdk::Standing::target
                   : out.version == change.from ? sdk::Standing::baseline
                                                : sdk::Standing::elsewhere;
    g_world->story.push_back("verified " + std::string(name(out.standing)));
    g_world->step_die("verify:after");
    co_return Result<sdk::Verified>(std::move(out));
  }
  Task<Result<void>> keep() override {
    g_world->step_die("keep:before");
    g_world->story.emplace_back("keep");
    g_world->step_die("keep:after");
    co_return Result<void>();
  }
  Task<Result<void>> revert(const sdk::Change& change, sdk::Note& note, const std::string& /*last*/) override {
    auto done = co_await install("revert", change.from, note);
    if (done) {
      g_world->restart_unit();
      g_world->story.emplace_back("restarted");
      g_world->step_die("revert:restarted");
    }
    co_return done;
  }
  Task<Result<void>> changed() override {
    ++g_world->asked_for_changes;
    if (const auto bad = g_world->verb_errors.find("changed"); bad != g_world->verb_errors.end()) co_return sdk::fail(bad->second);
    if (!g_world->dpkg_changes) co_return co_await sdk::Installer::changed();
    const sdk::Millis pause = std::chrono::seconds(10);
    for (const int seen = *g_world->dpkg_changes; seen == *g_world->dpkg_changes;) co_await host_.clock().sleep_for(pause);
    co_return Result<void>();
  }
  Task<Result<sdk::Vitals>> vitals() override {
    while (!g_world->vitals) {
      const sdk::Millis pause = std::chrono::hours(1);
      co_await host_.clock().sleep_for(pause);
    }
    co_return g_world->vitals();
  }
  Task<Result<void>> taken(const sdk::Wish& wish) override {
    ++g_world->takings;
    g_world->story.push_back("take " + wish.identity);
    g_world->step_die("taken:before");
    if (g_world->taken_error) co_return sdk::fail(*g_world->taken_error);
    std::erase(g_world->wishes, wish);
    g_world->step_die("taken:after");
    co_return Result<void>();
  }
  Task<Result<void>> tell(const sdk::Happening& happening) override {
    ++g_world->tellings;
    const auto hangs = g_world->tell_hangs;
    if (hangs) co_await host_.clock().sleep_for(std::chrono::hours(1000));
    if (g_world->tell_error) co_return sdk::fail(*g_world->tell_error);
    g_world->told.push_back(std::string(name(happening.what)) + " " + happening.from + " -> " + happening.to + ": " + happening.text);
    co_return Result<void>();
  }
  bool shows() const override { return g_world->shows; }
  Task<Result<void>> show(const std::string& status) override {
    ++g_world->showings;
    if (g_world->show_error) co_return sdk::fail(*g_world->show_error);
    g_world->shown = nlohmann::json::parse(status);
    co_return Result<void>();
  }
  bool on_this_host() const override { return g_world->on_this_host; }
  std::vector<sdk::Advice> advice(const sdk::Change& change) const override { return {{"fix demo=" + change.from, "repairs it"}}; }

 private:
  std::string& installed() {
    const auto own = g_world->fleet.find(host_.agent());
    return own == g_world->fleet.end() ? g_world->installed : own->second;
  }
  std::optional<sdk::Error> begin(const std::string& verb, const std::string& version) {
    g_world->verbs.push_back(verb + " " + version);
    g_world->story.push_back(verb + " " + version);
    g_world->step_die(verb + ":before");
    const auto bad = g_world->verb_errors.find(verb);
    return bad == g_world->verb_errors.end() ? std::nullopt : std::optional(bad->second);
  }
  Task<Result<void>> install(std::string verb, std::string version, sdk::Note& note) {
    Transaction transaction(verb);
    transaction.ended();
    if (auto bad = begin(verb, version)) co_return sdk::fail(*bad);
    std::string path = "/transaction/1";
    auto noted = co_await note.write(std::move(path));
    if (!noted) co_return sdk::fail(noted.error());
    if (g_world->records) {
      std::vector<std::string> lines = {"Unpacking demo (" + version + ") ..."};
      (void)co_await note.record(sdk::Topic::package_manager, std::move(lines));
    }
    g_world->half_installed = g_world->fleet.empty();
    const auto takes = g_world->apply_takes;
    if (takes > sdk::Millis(0)) co_await host_.clock().sleep_for(takes);
    const auto going_on = host_.clock().now();
    co_await host_.clock().sleep_until(going_on);  // one that was cut off comes no further
    g_world->step_die(verb + ":middle");
    if (g_world->during_apply && verb == "apply") g_world->during_apply();
    if (const auto tears = g_world->tears.find(verb); tears != g_world->tears.end() && tears->second > 0) {
      --tears->second;
      g_world->step_die(verb + ":torn");
      co_return g_world->tear_answers ? Result<void>(sdk::fail(*g_world->tear_answers)) : Result<void>();
    }
    installed() = g_world->overtake_with.empty() ? version : g_world->overtake_with;
    g_world->half_installed = false;
    g_world->step_die(verb + ":after");
    co_return Result<void>();
  }

  sdk::Host& host_;
};

// One daemon at a time, and whoever has not seen the last line may not write the next one.
class FakeState : public sdk::State {
 public:
  FakeState(sdk::Host& host, std::unique_ptr<sdk::State> files) : host_(host), files_(std::move(files)) {}
  Task<Result<sdk::Claim>> claim() override {
    if (g_world->claim_hangs) co_await host_.clock().sleep_for(std::chrono::hours(1000));
    if (g_world->claim_error) co_return sdk::fail(*g_world->claim_error);
    const auto me = host_.environment("POD").value_or("");
    sdk::Claim claim;
    claim.ours = g_world->holder == me || g_world->held_until <= g_world->boot;
    if (claim.ours) {
      g_world->holder = me;
      g_world->held_until = g_world->boot + std::chrono::seconds(15);
    }
    claim.holder = g_world->holder;
    claim.again = std::chrono::seconds(5);
    claim.lapses = g_world->held_until;
    co_return Result<sdk::Claim>(std::move(claim));
  }
  Task<Result<std::vector<std::string>>> agents() override { return files_->agents(); }
  std::size_t capacity() const override { return g_world->capacity; }
  Task<Result<sdk::JournalBytes>> load() override {
    auto loaded = co_await files_->load();
    if (loaded) seen_ = loaded->bytes;
    co_return loaded;
  }
  Task<sdk::Append> append(std::uint64_t sequence, std::string line) override {
    if (g_world->files[path()] != seen_) co_return sdk::Append::lost;
    auto appended = co_await files_->append(sequence, std::move(line));
    seen_ = g_world->files[path()];
    co_return appended;
  }
  Task<Result<void>> truncate(std::size_t size) override {
    auto cut = co_await files_->truncate(size);
    seen_ = g_world->files[path()];
    co_return cut;
  }
  Task<Result<void>> compact(std::string bytes) override {
    auto written = co_await files_->compact(std::move(bytes));
    seen_ = g_world->files[path()];
    co_return written;
  }
  Task<Result<std::string>> set_aside() override { return files_->set_aside(); }

 private:
  std::string path() const { return "agents/" + host_.agent() + "/journal.jsonl"; }
  sdk::Host& host_;
  std::unique_ptr<sdk::State> files_;
  std::string seen_;
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
    .make = sdk::Factory<sdk::Schedule>([](sdk::Host&, const sdk::Config& config) -> Result<std::unique_ptr<sdk::Schedule>> {
      return std::make_unique<FakeSchedule>(config.text("name"));
    }),
};
const sdk::Descriptor kFakeInstaller = {
    .name = "fake",
    .make = sdk::Factory<sdk::Installer>([](sdk::Host& host, const sdk::Config&) -> Result<std::unique_ptr<sdk::Installer>> {
      return std::make_unique<FakeInstaller>(host);
    }),
};

const sdk::Descriptor kFakeState = {
    .name = "fake",
    .make = sdk::Factory<sdk::State>([](sdk::Host& host, const sdk::Config& config) -> Result<std::unique_ptr<sdk::State>> {
      auto files = std::get<sdk::Factory<sdk::State>>(plugins::files::kDescriptor.make)(host, config);
      return std::make_unique<FakeState>(host, std::move(*files));
    }),
};

}  // namespace upkeep::test
