// SPDX-License-Identifier: Apache-2.0
// An operation from Preparing to Activating, and the loop that takes it to its end. Before every arrow its entry is durable in
// the journal; then it is done. Whoever wants to know what is done next, reads the phase that the journal has.

#include <algorithm>
#include <asio/experimental/awaitable_operators.hpp>
#include <variant>

#include "core/backoff.h"
#include "core/config_json.h"
#include "engine/journal_note.h"
#include "engine/supervisor.h"

namespace upkeep::engine {

using core::Event;
using core::OperationResult;
using core::Phase;
using nlohmann::json;
using sdk::Errc;
using sdk::Result;
using sdk::Task;
using namespace asio::experimental::awaitable_operators;

namespace {

constexpr sdk::Millis kWaitedOut = std::chrono::minutes(10);  // what passes is waited out so long
constexpr sdk::Millis kWaitOutStep = std::chrono::seconds(5);
constexpr sdk::Millis kWentWell = std::chrono::minutes(1);  // longer than what fails at once takes, requests that time out too

std::string show(const sdk::Plan& plan) {
  std::string out;
  for (const auto& item : plan.items) out += (out.empty() ? "" : ", ") + sdk::shown(item);
  return out;
}

// Errors that say nothing about the release: they never count towards its quarantine.
bool excusable(Errc code) { return code == Errc::transient || code == Errc::busy || code == Errc::cancelled || code == Errc::denied; }

// How long to wait before it is asked again; nullopt: waiting does not help, or no more.
std::optional<sdk::Millis> wait_out(const sdk::Error& error, sdk::Millis left) {
  if ((error.code != Errc::transient && error.code != Errc::busy) || left <= sdk::Millis(0)) return std::nullopt;
  return std::min(core::pause_after(error, kWaitOutStep), left);
}

}  // namespace

Task<bool> Supervisor::begin(const core::Decision& decision, const Ask& ask) {
  auto id = sdk::rfc3339(clock().now());
  std::erase_if(id, [](char c) { return c == '-' || c == ':' || c == '.'; });
  id += "-" + host_->random().hex(8);
  const auto change = core::change_to(seen_.installed, *decision.target, release(), id);
  const auto release_json = [](const std::optional<sdk::Version>& one) { return one ? json(one->str()) : json(nullptr); };
  json fields = {{"from", change.from},
                 {"from_release", release_json(seen_.installed.release)},
                 {"back_to", core::back_to(state(), change.from)},
                 {"back_release", release_json(core::back_release(state(), seen_.installed))},
                 {"target", change.target->str()},
                 {"reason", sdk::name(decision.reason)},
                 {"actor", ask.actor},
                 {"downgrade", change.downgrade},
                 {"settings", core::operation_settings(configured_.settings, installer_keys(shared_, configured_.settings))}};
  if (!change.images.empty()) fields["images"] = change.images;
  if (!change.packages.empty()) fields["packages"] = change.packages;
  if (!ask.wish.empty()) fields["wish"] = ask.wish;
  auto appended = co_await journal_->append(Event::begin, id, std::move(fields));
  if (!appended) {
    publish([&] {
      core::Decision out = decision;
      out.action = sdk::Action::wait;
      out.reason = sdk::Reason::retry_later;
      out.text = "the journal cannot be written: " + appended.error().message;
      out.until = clock().now() + std::chrono::minutes(1);
      return out;
    }());
    co_return false;
  }
  emit("phase", {{"operation", id}, {"phase", "preparing"}, {"detail", ""}, {"from", change.from}, {"to", change.target->str()}});
  host_->log(sdk::LogLevel::info, "phase=preparing operation=" + id + " from=" + change.from + " to=" + change.target->str() +
                                      " reason=" + std::string(sdk::name(decision.reason)));
  co_return true;
}

// Each step does what its phase is called, and leaves behind the next one, or the end. `lock`: had from preparing until the
// restart is over, and on the way back.
Task<void> Supervisor::carry_on(TransactionLock::Locked& lock) {
  while (state().operation) {
    switch (operation().phase) {
      case Phase::applying:
        co_await apply();
        break;
      case Phase::activating:
        co_await activate(lock);
        break;
      case Phase::soaking:
        co_await soak();
        break;
      case Phase::reverting:
        co_await put_back(lock);
        break;
      default:
        co_return;  // stuck
    }
  }
}

Task<void> Supervisor::prepare(const Ask& ask, TransactionLock::Locked& lock) {
  auto& turns = lock_for(shared_, *parts().installer);
  if (const auto holder = turns.holder(); !holder.empty())
    host_->progress({std::nullopt, "waits for its turn behind " + holder + ": " + std::to_string(turns.at_once()) + " at a time"});
  lock = co_await turns.acquire(name_, false);
  const auto change = operation().change;
  auto plan = co_await parts().installer->prepare(change);
  if (!plan) {
    co_await fail_unchanged(plan.error(), !excusable(plan.error().code));
    co_return;
  }
  if (const auto conflict = in_each_others_way(*plan)) {
    co_await fail_unchanged(*conflict, false);
    co_return;
  }
  co_await parts().probes->look_once(true);  // before the gate: nothing that takes long may come between it and apply
  // Every version would be taken back, for nothing could prove it. An operator's way back waits for no proof that cannot come.
  const bool back = operation().reason == sdk::Reason::rollback;
  if (const auto mute = parts().probes->mute(); !mute.empty() && !back) {
    co_await fail_unchanged(sdk::Error(Errc::denied, "nothing could prove its health: " + mute), false);
    co_return;
  }
  const bool open = co_await pass_gate(ask);
  if (!open) co_return;
  auto to = plan->to;
  const bool ready = co_await run_before_apply(ask, std::move(to));
  if (!ready) co_return;
  if (auto lost = permit_lost_; !lost.empty()) {
    postpone(sdk::Reason::admission, lost, std::chrono::minutes(1));
    co_await end_refused(std::move(lost));
    co_return;
  }
  json fields = {
      {"phase", core::name(Phase::applying)}, {"detail", show(*plan)}, {"to", plan->to}, {"baseline", parts().probes->failing()}};
  fields["packages"] = json::array();
  for (const auto& item : plan->items) fields["packages"].push_back(item.package);
  auto appended = co_await try_append(Event::phase, std::move(fields));
  if (!appended) {
    co_await fail_unchanged(appended.error(), false);
    co_return;
  }
  shared_.changing[name_] = operation().packages;
  host_->log(sdk::LogLevel::info, "phase=applying " + show(*plan));
  emit("phase", {{"phase", "applying"}, {"detail", show(*plan)}, {"operation", operation().id}});
  sdk::Happening started{sdk::Happened::started, clock().now(), operation().id, change.from, plan->to, operation().actor, {}};
  started.text = (change.from.empty() ? "installing " : change.from + " -> ") + plan->to + " (" +
                 std::string(sdk::name(operation().reason)) + (operation().actor.empty() ? "" : ", " + operation().actor) + ")";
  herald_->tell(std::move(started));
}

// A package that another agent's operation has changed, and whose health is being proven, is not changed under its feet.
std::optional<sdk::Error> Supervisor::in_each_others_way(const sdk::Plan& plan) const {
  for (const auto& [agent, packages] : shared_.changing) {
    if (agent == name_) continue;
    for (const auto& item : plan.items)
      if (std::find(packages.begin(), packages.end(), item.package) != packages.end())
        return sdk::Error(Errc::invalid, "it would change " + item.package + " to " + (item.to.empty() ? "nothing" : item.to) +
                                             ", which the running operation of agent " + agent +
                                             " changes too; it waits for the end of that operation");
  }
  return std::nullopt;
}

// A process that was stopped for a while may have lost its claim on the journals without having heard of it: another may be at work.
// Then the claim is renewed first, or the process ends. JournalLost: somebody else has written already.
Task<void> Supervisor::until_ours() {
  while (!is_ours()) {
    const sdk::Millis pause = std::chrono::seconds(1);
    co_await clock().sleep_for(pause);
  }
  if (journal_lost_) throw JournalLost("somebody else wrote the journal");
}

Task<void> Supervisor::apply() {
  co_await until_ours();
  const auto change = operation().change;
  const auto note = operation().note;
  JournalNote notes(*journal_, change.operation, journal_lost_);
  auto applied = co_await permitted(parts().installer->apply(change, notes, note));
  std::optional<sdk::Error> error;
  if (!applied) {
    error = applied.error();
    host_->log(sdk::LogLevel::warn, "apply: " + error->message);
  }
  co_await settle(std::move(error));
}

// Where does the agent stand after an apply that ended, failed, or was cut off?
Task<void> Supervisor::settle(std::optional<sdk::Error> error, bool cut_off) {
  const auto change = operation().change;
  auto verified = co_await verify(change);
  if (!verified) {
    // An unknown end (a transaction that hangs) condemns no version; going back waits for that transaction too.
    const bool condemned = !excusable(verified.error().code) && verified.error().code != Errc::timeout;
    co_await revert("after apply: " + verified.error().message, OperationResult::rolled_back, condemned);
    co_return;
  }
  switch (verified->standing) {
    case sdk::Standing::target: {
      json fields = {{"phase", core::name(Phase::activating)}, {"detail", verified->version + " is installed"}};
      fields["before_restart"] = co_await parts().probes->before_restart();
      co_await must_append(Event::phase, std::move(fields));
      break;
    }
    case sdk::Standing::baseline: {
      // Done and not there: that says nothing of the version. What was cut off may, if it is so again and again.
      const auto undone = cut_off ? sdk::Error(Errc::internal, "nothing was installed")
                                  : sdk::Error(Errc::busy, "nothing was installed, or somebody put the old one back in the same moment");
      const sdk::Error cause = error ? *error : undone;
      co_await fail_unchanged(cause, !excusable(cause.code));
      break;
    }
    case sdk::Standing::elsewhere:
      co_await end_overtaken(*verified);
      break;
    case sdk::Standing::broken: {
      auto cause = error ? error->message : "half installed";
      if (!verified->detail.empty()) cause += " (" + verified->detail + ")";
      // What an interruption has torn says nothing about the version: installing it again mends it. Counted like a resume, so no loop.
      const bool torn = !error || excusable(error->code);
      if (torn && operation().resumes < core::kMaxResumes) {
        json fields = {{"phase", core::name(Phase::applying)}, {"detail", "once more: " + cause}};
        co_await must_append(Event::phase, std::move(fields));
      } else {
        co_await revert(std::move(cause), OperationResult::rolled_back, true);
      }
      break;
    }
  }
}

// A rollout in a cluster may take hours. What people and the channel say meanwhile is heard as in a soak. A restart is not interrupted.
Task<void> Supervisor::spoken_to() {
  while (requests_.empty() && !evaluate_) {
    const sdk::Millis pause = std::chrono::hours(1);
    co_await wait(pause);
  }
}

bool Supervisor::is_proving() const {
  if (!state().operation) return false;
  return operation().phase == Phase::soaking || (operation().phase == Phase::activating && !parts().installer->on_this_host());
}

Task<void> Supervisor::activate(TransactionLock::Locked& lock) {
  const auto change = operation().change;
  auto to = change.to;
  co_await hook(core::Hook::after_apply, std::move(to));
  std::optional<sdk::BootTime> deadline;  // of failures in a row
  auto tried_since = clock().boot_now();
  while (true) {
    co_await until_ours();
    const bool here = parts().installer->on_this_host();
    std::optional<Result<void>> ended;
    if (here) {
      ended = co_await permitted(parts().installer->activate(change));
    } else {
      auto first = co_await (permitted(parts().installer->activate(change)) || spoken_to());
      if (first.index() == 0) ended = std::move(std::get<0>(first));
    }
    if (!ended) {
      evaluate_ = false;
      bool heard = co_await heard_operator();
      if (!heard) heard = co_await heard_channel();
      if (heard) co_return;
      continue;
    }
    auto& activated = *ended;
    if (activated) break;
    const std::string what = here ? "restart" : "rollout";
    host_->log(sdk::LogLevel::warn, what + ": " + activated.error().message);
    // A rollout that was followed for hours, and then for a moment could not be, has not failed for hours.
    const auto now = clock().boot_now();
    if (!deadline || (!here && now - tried_since >= kWentWell)) deadline = now + kWaitedOut;
    if (const auto pause = wait_out(activated.error(), *deadline - now)) {
      co_await clock().sleep_for(*pause);
      tried_since = clock().boot_now();
      continue;
    }
    auto& probes = *parts().probes;
    co_await probes.look_once(false);
    const auto blamed = probes.blame();
    auto cause = "the " + what + " failed: " + activated.error().message + (blamed.empty() ? "" : "; " + blamed);
    // Once or twice that says nothing of the version.
    const auto before = state().tries.find(change.target->str());
    const bool often = before != state().tries.end() && before->second + 1 >= core::kMaxAttempts;
    co_await revert(std::move(cause), OperationResult::rolled_back, often || !excusable(activated.error().code));
    co_return;
  }
  lock.release();
  json fields = {{"phase", core::name(Phase::soaking)}, {"detail", "for " + sdk::format_duration(settings().soak)}};
  co_await must_append(Event::phase, std::move(fields));
}

// Errors that pass are waited out; what stays is an error.
Task<Result<sdk::Verified>> Supervisor::verify(sdk::Change change) {
  const auto deadline = clock().boot_now() + kWaitedOut;
  while (true) {
    const auto note = operation().note;
    auto verified = co_await parts().installer->verify(change, note);
    if (verified) {
      seen_.installed.version = verified->version;
      seen_.installed.release = operation().release_of(verified->version);
      seen_.installed.matches_target = verified->standing == sdk::Standing::target;
    }
    const auto pause = verified ? std::nullopt : wait_out(verified.error(), deadline - clock().boot_now());
    if (!pause) co_return verified;
    co_await clock().sleep_for(*pause);
  }
}

Task<void> Supervisor::fail_unchanged(sdk::Error error, bool counted) {
  const auto target = operation().change.target->str();
  const bool before_apply = operation().phase == Phase::preparing;
  const bool refusal = error.code == Errc::denied || (before_apply && (error.code == Errc::invalid || error.code == Errc::unsupported));
  std::optional<core::Quarantine> quarantine;
  if (refusal) {
    counted = false;
    postpone(sdk::Reason::refused, error.message, core::pause_after(error, kRefusedAgain));
  } else if (counted) {
    const auto found = state().attempts.find(target);
    const int failed = found == state().attempts.end() ? 0 : static_cast<int>(found->second.size());
    if (failed + 1 >= core::kMaxAttempts)
      quarantine = core::Quarantine{target, "failed " + std::to_string(failed + 1) + " times: " + error.message};
  }
  if (!refusal && error.retry_after) postpone(sdk::Reason::retry_later, error.message, *error.retry_after);
  const auto phase = refusal && before_apply ? Phase::idle : Phase::waiting;
  const auto result = refusal ? OperationResult::refused : OperationResult::failed;
  core::End failed{result, phase, error.message, counted, std::move(quarantine)};
  co_await end(std::move(failed));
}

}  // namespace upkeep::engine
