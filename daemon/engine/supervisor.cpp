// SPDX-License-Identifier: Apache-2.0
#include "engine/supervisor.h"

#include <algorithm>
#include <asio/experimental/awaitable_operators.hpp>
#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>
#include <stdexcept>
#include <utility>

#include "core/accept.h"
#include "core/backoff.h"
#include "sdk/unit_status.h"

namespace upkeep::engine {

using nlohmann::json;
using sdk::Task;
using namespace asio::experimental::awaitable_operators;

namespace {

// Without any other reason the agent is looked at this often.
constexpr sdk::Millis kLookAgain = std::chrono::minutes(30);

// Signals of one unit, as long as the parts live that it belongs to.
Task<void> watch_unit(std::shared_ptr<Supervisor> /*kept*/, sdk::Host* host, std::string unit, std::function<void()> changed) {
  for (int failures = 1;; ++failures) {
    auto status = co_await sdk::unit_status(*host, unit);
    if (status) {
      auto signals = co_await sdk::unit_signals(*host, status->path);
      while (signals) {
        auto signal = co_await (*signals)->next();
        if (!signal) break;
        failures = 0;
        changed();
      }
    }
    const auto pause = core::retry_pause(failures, host->random().unit());
    co_await host->clock().sleep_for(pause);
  }
}

// A failure is no change; whoever was asked is not asked again at once.
Task<void> watch_installer(std::shared_ptr<Supervisor> /*kept*/, std::shared_ptr<Parts> parts, sdk::Host* host,
                           std::function<void()> changed) {
  for (int failures = 0;;) {
    const auto happened = co_await parts->installer->changed();
    sdk::Millis pause = std::chrono::seconds(1);
    if (happened) {
      failures = 0;
      changed();
    } else {
      pause = core::pause_after(happened.error(), core::retry_pause(++failures, host->random().unit()));
      host->log(sdk::LogLevel::warn, "waiting for changes: " + happened.error().message);
    }
    co_await host->clock().sleep_for(pause);
  }
}

}  // namespace

Supervisor::Supervisor(Shared& shared, std::string name) : shared_(shared), name_(std::move(name)) {
  decision_.text = "starting";
  host_ = shared_.make_host(name_, [this](const sdk::Progress& progress) { on_progress(progress); });
  preflight_ = std::make_unique<Preflight>(shared_, *host_, name_, [this](Preflight::State state) { on_preflight(state); });
  herald_ = std::make_unique<Herald>(*host_, [this] { return status(); });
}

void Supervisor::on_progress(const sdk::Progress& progress) {
  if (!state().operation) {  // a dry run, or a download ahead of time
    preflight_->progress(progress);
    return;
  }
  const bool same = progress.percent == progress_.percent && progress.text == progress_.text;
  progress_ = progress;
  if (same) return;
  json fields = {{"text", progress.text}};
  if (progress.percent) fields["percent"] = *progress.percent;
  emit("progress", std::move(fields));
}

const core::AgentState& Supervisor::state() const {
  static const core::AgentState kNothing;
  return journal_ ? journal_->state() : kNothing;
}

void Supervisor::configure(core::AgentSettings settings) {
  pending_ = Configured{Setup::configured, std::move(settings), {}};
  wake_.notify();
}

void Supervisor::configure(const std::vector<sdk::ConfigIssue>& issues) {
  Configured next{Setup::broken, {}, {}};
  for (const auto& issue : issues)
    next.errors.push_back(issue.place.file + ":" + std::to_string(issue.place.line) + ": " + (issue.path.empty() ? "" : issue.path + ": ") +
                          issue.message);
  pending_ = std::move(next);
  wake_.notify();
}

void Supervisor::orphan() {
  pending_ = Configured{Setup::orphaned, {}, {}};
  wake_.notify();
}

Task<void> Supervisor::run(std::shared_ptr<Supervisor> self) {
  // A bug, here or in a plugin: this agent stands still and says so, the others go on.
  const auto stand_still = [&self](const std::exception& error) {
    self->host_->log(sdk::LogLevel::error, std::string("internal error: ") + error.what());
    self->life_ = Life::dead;
    self->trouble_ = std::string("internal error, restart upkeepd: ") + error.what();
    self->answer_all(tl::unexpected(Refusal{"internal", self->trouble_}));
  };
  try {
    co_await self->live();
    self->life_ = Life::over;
    self->answer_all(tl::unexpected(Refusal{"not_found", "there is no agent " + self->name_ + " any more"}));
  } catch (const std::logic_error& error) {
    stand_still(error);
  } catch (const json::exception& error) {
    stand_still(error);
  }
  self->preflight_->rest();
  self->let_permits_go();
  self->end_watches();
}

Task<void> Supervisor::live() {
  co_await load_journal();
  life_ = Life::known;
  shared_.loaded.notify();
  // To the end of the queue: with many agents, all their journals are read, and the daemon is ready, before the first writes to its own.
  co_await asio::post(shared_.executor, asio::use_awaitable);
  life_ = Life::served;
  co_await use_settings();
  if (state().operation && state().operation->phase != core::Phase::stuck) co_await go_on();
  if (configured_.mode == Setup::configured && parts_ && !state().operation) {
    const auto turn = co_await shared_.looks.take(clock(), false);
    co_await keep();
  }
  if (state().operation) {
    co_await look_at_stuck();
    if (parts_)
      for (const auto& one : parts_->schedules) hold_permit(one);
  }
  while (!over()) {
    co_await use_settings();
    co_await go_on();
    if (!over()) co_await wait_for_something();
  }
}

Task<void> Supervisor::load_journal() {
  for (int failures = 1;; ++failures) {
    if (!journal_) {
      auto store = make_state(shared_, *host_);
      if (store) journal_ = std::make_unique<Journal>(*host_, std::move(*store), shared_.counters.append);
      if (!store) trouble_ = store.error().message;
    }
    if (journal_) {
      auto loaded = co_await journal_->load();
      if (loaded || !journal_->damage().empty()) break;
      trouble_ = loaded.error().message;
    }
    host_->log(sdk::LogLevel::error, "the journal cannot be read: " + trouble_);
    life_ = Life::known;
    shared_.loaded.notify();
    const auto pause = core::retry_pause(failures, host_->random().unit());
    co_await wait(pause);
  }
  trouble_.clear();
}

// Settings count between operations only.
Task<void> Supervisor::use_settings() {
  if (!pending_) co_return;
  co_await preflight_->stop();
  preflight_->forget();
  while (using_parts_ > 0) co_await parts_free_.wait();
  auto next = std::move(*pending_);
  pending_.reset();
  configured_.mode = next.mode;
  configured_.errors = std::move(next.errors);
  end_watches();
  postponed_.reset();
  evaluate_ = true;
  if (configured_.mode != Setup::configured) {
    parts_.reset();
    co_return;
  }
  configured_.settings = std::move(next.settings);
  const auto old = std::move(parts_);  // the poller goes on when the sources are the same
  auto made = make_parts(shared_, *host_, configured_.settings);
  if (!made) {
    configured_.mode = Setup::broken;
    configured_.errors = {made.error().message};
    co_return;
  }
  parts_ = std::move(*made);
  seen_.answer = 0;
  seen_.channel_error.reset();
  follow_channel();
  parts_->probes->on_news(weak_from_this(), [this] { wake_.notify(); });
  watch_parts();
  // `done` may have been missed: by a crash right after the end of an operation, or for want of a configuration.
  if (!state().operation) co_await after_end();
}

std::vector<Background> Supervisor::watch_units(const Probes& probes) {
  std::vector<Background> out;
  for (const auto& unit : probes.units()) {
    auto changed = [this] {
      units_changed_ = true;
      wake_.notify();
    };
    out.emplace_back(shared_.executor, watch_unit(shared_from_this(), host_.get(), unit, changed));
  }
  return out;
}

void Supervisor::watch_parts() {
  watches_ = watch_units(*parts_->probes);
  auto changed = [this] {
    ++outside_changes_;
    look_again();
  };
  watches_.emplace_back(shared_.executor, watch_installer(shared_from_this(), parts_, host_.get(), changed));
  watches_.emplace_back(shared_.executor, Herald::run(shared_from_this(), herald_.get(), parts_->installer));
}

void Supervisor::end_watches() {
  for (auto& watch : watches_) watch.cancel();
  watches_.clear();
  if (parts_) parts_->probes->stop();
  listening_.reset();
}

// A step, and what becomes of an operation whose journal is damaged meanwhile, or written by somebody else.
Task<void> Supervisor::go_on() {
  journal_lost_ = false;
  try {
    co_await run_due_hook();
    co_await step();
    co_return;
  } catch (const JournalLost& lost) {
    host_->log(sdk::LogLevel::error, lost.what());
  }
  // Damaged: until it is resolved nothing more is done; then the agent begins anew. Else it goes on from what it reads now.
  evaluate_ = true;
  stalled_ = false;
  if (operation_parts_) operation_parts_->probes->end_soak();
  operation_parts_.reset();
  shared_.changing.erase(name_);
  let_permits_go();
  if (parts_) parts_->probes->end_soak();
}

// What comes before every decision.
std::optional<core::Decision> Supervisor::not_now() const {
  core::Decision out;
  if (!journal_->damage().empty()) {
    out.reason = sdk::Reason::journal_damaged;
    out.text = "the journal is damaged (" + journal_->damage() + "); `upkeep resolve " + name_ +
               " --as installed` moves it aside and begins a new one";
  } else if (state().operation) {
    out.reason = sdk::Reason::stuck;
    out.text = "stuck: " + operation().phases.back().detail + "; `upkeep resolve " + name_ + " --as installed|failed` goes on";
  } else if (configured_.mode == Setup::broken) {
    out.reason = sdk::Reason::config_error;
    out.text = configured_.errors.empty() ? "the configuration has errors" : configured_.errors.front();
  } else if (configured_.mode == Setup::orphaned) {
    out.reason = sdk::Reason::orphaned;
    out.text = "not in the configuration any more; `upkeep forget " + name_ + "` removes what is stored of it";
  } else {
    return std::nullopt;
  }
  return out;
}

// One look, one decision, and the operation that follows from it.
Task<void> Supervisor::step() {
  const bool due = std::exchange(evaluate_, false);
  units_changed_ = false;
  if (state().operation && operation().phase != core::Phase::stuck) {  // an append that was thought lost had landed
    co_await resume();
    co_return;
  }
  if (configured_.mode == Setup::orphaned && journal_->damage().empty() && state().next_sequence == 1) {
    life_ = Life::over;
    co_return;
  }
  if (auto why = not_now()) {
    answer_all(tl::unexpected(Refusal{"refused", why->text}));
    preflight_->rest();
    publish(std::move(*why));
    co_return;
  }

  std::shared_ptr<Request> request;
  if (!requests_.empty()) {
    request = requests_.front();
    requests_.pop_front();
  }
  Ask ask = request ? request->ask : Ask();
  auto decision = co_await evaluate(ask);
  if (!request) {
    if (auto wished = co_await take_wish()) {
      ask = std::move(*wished);
      decision = co_await evaluate(ask);
      if (decision.action != sdk::Action::upgrade) co_await put_off_wish(decision);
    }
  }
  if (decision.action != sdk::Action::upgrade) {
    if (request)
      answer(*request, json({{"agent", name_}, {"started", false}, {"operation", nullptr}, {"decision", decision_json(decision)}}));
    if (request && ask.by_operator() && (due || ask.rollback_to)) evaluate_ = true;  // the look was at another target
    look_ahead();
    co_return;
  }
  publish(decision);
  preflight_->rest();
  const bool begun = co_await begin(decision, ask);
  if (!begun) {
    if (request) answer(*request, tl::unexpected(Refusal{"unavailable", "the journal cannot be written: " + journal_->trouble()}));
    co_return;
  }
  if (request)
    answer(*request, json({{"agent", name_}, {"started", true}, {"operation", operation().id}, {"decision", decision_json(decision)}}));
  answer_all(tl::unexpected(Refusal{"in_operation", "operation " + operation().id + " has just begun"}));
  TransactionLock::Locked lock;
  co_await prepare(ask, lock);
  co_await carry_on(lock);
  evaluate_ = true;
}

Task<void> Supervisor::wait_for_something() {
  const auto looked = clock().boot_now();
  auto health = parts_ ? parts_->probes->health() : sdk::Health::unknown;
  while (!over() && !pending_ && requests_.empty() && !evaluate_) {
    const bool served = parts_ && configured_.mode == Setup::configured;
    if (units_changed_ && served) {
      units_changed_ = false;
      co_await parts_->probes->look_once(false);
    }
    // What only the decision asks for costs nothing where the decision does not ask.
    const auto next_look = served && configured_.settings.policy.unhealthy_may_upgrade ? parts_->probes->look_idle() : sdk::BootTime::max();
    if (served && parts_->probes->health() != health) {
      health = parts_->probes->health();
      emit("health", {{"state", sdk::name(health)}});
      if (configured_.settings.policy.unhealthy_may_upgrade) break;
    }
    const auto known = state().next_sequence;
    co_await journal_->try_again();
    if (state().next_sequence != known) break;  // what was thought lost had landed
    auto left = std::min<sdk::Millis>(kLookAgain - (clock().boot_now() - looked), next_look - clock().boot_now());
    if (!journal_->trouble().empty()) left = std::min(left, core::kLongestRetry);
    std::optional<sdk::TimePoint> until = decision_.until;
    if (until && *until <= clock().now()) {
      if (seen_.at && *seen_.at < *until) break;  // its time has come
      until.reset();
    }
    if (const auto due = preflight_->due()) {
      if (*due <= clock().boot_now()) {  // needs no new look: many may wait here for one another
        preflight_->go_on(shared_from_this(), parts_);
        continue;
      }
      left = std::min<sdk::Millis>(left, *due - clock().boot_now());
    }
    if (left <= sdk::Millis(0)) break;
    if (until && *until - clock().now() < left) {
      co_await (clock().sleep_until(*until) || wake_.wait());
    } else {
      co_await wait(left);
    }
    // The clock may have been set: whatever the reason, a time that has passed is looked at above.
    if (seen_.at && clock().now() < *seen_.at) break;
  }
}

Task<void> Supervisor::wait(sdk::Millis longest) { co_await (clock().sleep_for(longest) || wake_.wait()); }

void Supervisor::emit(std::string_view event, json fields) {
  herald_->look();
  fields["time"] = sdk::rfc3339(clock().now());
  fields["agent"] = name_;
  fields["event"] = event;
  shared_.events.publish(fields);
}

}  // namespace upkeep::engine
