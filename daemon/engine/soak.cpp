// SPDX-License-Identifier: Apache-2.0
// The proof: for the soak time every probe must hold. What the channel and operators say in the meantime is heard too.

#include <algorithm>
#include <asio/experimental/awaitable_operators.hpp>

#include "core/finish_in_window.h"
#include "engine/supervisor.h"

namespace upkeep::engine {

using core::OperationResult;
using core::Phase;
using nlohmann::json;
using sdk::Task;
using namespace asio::experimental::awaitable_operators;

namespace {

// As exact as one waits: to the second, from ten minutes on to the minute. Never less than there is.
std::string time_left(sdk::Millis left) {
  if (left > std::chrono::minutes(10)) return sdk::format_duration(std::chrono::ceil<std::chrono::minutes>(left));
  return sdk::format_duration(std::chrono::ceil<std::chrono::seconds>(left));
}

std::string time_spent(sdk::Millis spent) {
  return sdk::format_duration(spent < std::chrono::seconds(1) ? spent : std::chrono::floor<std::chrono::seconds>(spent));
}

}  // namespace

// Boot time within one boot; across boots wall time, never more than the soak, so that a clock set forward proves little.
sdk::Millis Supervisor::soaked() const {
  const auto& now = operation();
  if (now.phase_boot == clock().boot_id()) return clock().boot_now() - now.phase_boot_time;
  const auto soak = settings().soak;
  return std::clamp(sdk::Millis(clock().now() - now.phase_at), sdk::Millis(0), soak);
}

// When the version has proven itself in the boot of now: after a reboot anew, for that may have been its doing.
sdk::BootTime Supervisor::held_in_this_boot() const {
  const auto& now = operation();
  if (now.phase_boot == clock().boot_id()) return now.phase_boot_time;
  if (!parts().installer->on_this_host()) return clock().boot_now() - soaked();
  return now.boot_since + std::min<sdk::Millis>(settings().soak, core::kProvenInOneBoot);
}

Task<void> Supervisor::soak() {
  const auto kept = operation_parts_;  // the end lets them go, and the soak still has to end its looks
  std::vector<Background> watches;     // of the journalled settings, which need not be those of today
  if (operation_parts_) watches = watch_units(*operation_parts_->probes);
  const auto cancel_all = [&watches] {
    for (auto& watch : watches) watch.cancel();
  };
  try {
    co_await prove();
  } catch (const JournalLost&) {
    cancel_all();
    throw;
  }
  cancel_all();
}

Task<void> Supervisor::prove() {
  const auto soak_time = settings().soak;
  const auto began = clock().boot_now() - soaked();
  const auto over = std::max(began + soak_time, held_in_this_boot());
  auto& probes = *parts().probes;
  probes.begin_soak(operation().baseline, operation().before_restart, operation().phase_boot != clock().boot_id());
  const auto longest = soak_time + std::max(soak_time, core::kSoakPatience);  // a probe may never answer
  while (true) {
    if (units_changed_) {
      units_changed_ = false;
      probes.changed();
    }
    if (evaluate_) {  // something outside has changed: perhaps the version
      evaluate_ = false;
      probes.changed();
      const bool others = co_await overtaken();
      if (others) {
        probes.end_soak();
        co_return;
      }
    }
    const auto next_look = co_await probes.look_due();
    auto failure = probes.failure();
    const auto elapsed = clock().boot_now() - began;
    if (failure.empty() && elapsed >= longest && !probes.all_hold())
      failure = probes.give_up("not proven in " + sdk::format_duration(elapsed));
    if (!failure.empty()) {
      auto evidence = probes.evidence();
      const bool condemned = probes.condemns();
      const bool others = co_await overtaken();
      probes.end_soak();
      if (others) co_return;
      co_await record(sdk::Topic::probe, std::move(evidence));
      co_await revert("unhealthy: " + failure, OperationResult::rolled_back, condemned);
      co_return;
    }
    if (clock().boot_now() >= over && probes.all_hold()) {
      const bool others = co_await overtaken();
      probes.end_soak();
      if (others) co_return;
      std::optional<core::Quarantine> left;
      // What an operator went back from must not come again by itself.
      if (operation().reason == sdk::Reason::rollback)
        if (const auto from = operation().from_release; from && from != operation().change.target)
          left = core::Quarantine{from->str(), "rolled back by " + operation().actor};
      const auto proven = soak_time == sdk::Millis(0) ? std::string("no health check is configured") : "healthy for " + time_spent(elapsed);
      core::End committed{OperationResult::committed, Phase::committed, proven, false, std::move(left)};
      co_await end(std::move(committed));
      co_return;
    }
    bool heard = co_await heard_operator();
    if (!heard) heard = co_await heard_channel();
    if (heard) {
      probes.end_soak();
      co_return;
    }
    const auto until = std::min(next_look, clock().boot_now() < over ? over : std::max(over, began + longest));
    const auto pause = std::max(until - clock().boot_now(), sdk::Millis(1));
    const auto remaining = over - clock().boot_now();
    const int percent =
        soak_time > sdk::Millis(0) ? static_cast<int>(std::clamp<std::int64_t>(100 - 100 * remaining / soak_time, 0, 100)) : 100;
    const auto missing = probes.missing();
    const auto left = remaining > sdk::Millis(0) ? time_left(remaining) + " left, " : std::string();
    host_->progress({percent, left + (missing.empty() ? "all probes hold" : "waiting for " + missing)});
    if (!units_changed_ && !evaluate_ && requests_.empty()) co_await wait(pause);
  }
}

// Another version than ours is there: it is not ours to judge or to take back.
Task<bool> Supervisor::overtaken() {
  const auto change = operation().change;
  const auto verified = co_await verify(change);
  if (!verified || verified->standing == sdk::Standing::target || verified->standing == sdk::Standing::broken) co_return false;
  co_await end_overtaken(*verified);
  co_return true;
}

// As if the operation's version were committed: what would be decided then?
core::Decision Supervisor::decide_from_soak(const Ask& ask) const {
  auto asked = facts(ask);
  auto after = seen_.installed;
  after.version = operation().change.to;
  after.release = operation().change.target;
  after.matches_target = false;
  asked.installed = &after;
  return core::decide(asked);
}

Task<bool> Supervisor::heard_operator() {
  if (requests_.empty()) co_return false;
  const auto request = requests_.front();
  if (request->rollback_now) {
    requests_.pop_front();
    answer(*request, json({{"agent", name_}, {"started", true}, {"operation", operation().id}, {"decision", decision_json(decision_)}}));
    co_await revert("taken back by " + request->ask.actor, OperationResult::rolled_back, true);
    co_return true;
  }
  const auto target = operation().change.target;
  Reply refusal = tl::unexpected(Refusal{
      "in_operation", "operation " + operation().id + " is " + std::string(core::name(operation().phase)) + " to " + target->str()});
  bool read = false;
  if (parts_ && request->ask.force) {
    const auto taken = co_await take_offer();
    read = taken.has_value();
  }
  const auto wanted = read ? core::choose_target(facts(request->ask)) : std::nullopt;
  if (wanted && wanted != target) {
    co_await refresh_schedules();
    const auto decision = decide_from_soak(request->ask);
    if (decision.action == sdk::Action::upgrade) {  // the request stays and is taken next
      core::End superseded{OperationResult::superseded, Phase::idle, "forced to " + wanted->str() + " by " + request->ask.actor};
      co_await end(std::move(superseded));
      co_return true;
    }
    refusal = json({{"agent", name_}, {"started", false}, {"operation", nullptr}, {"decision", decision_json(decision)}});
  }
  requests_.pop_front();
  answer(*request, std::move(refusal));
  co_return false;
}

Task<bool> Supervisor::heard_channel() {
  if (!parts_) co_return false;  // an operation of an agent that is configured no more
  const auto taken = co_await take_offer();
  const auto target = operation().change.target;
  const auto* now = in_force();
  if (!taken || now == nullptr || !now->release.version || state().pin || now->release.version == target) co_return false;
  const auto offered = *now->release.version;
  const bool moved = now->read_at > operation().started;  // not: an operator's pin is gone
  if (moved && operation().back_release == offered && operation().reason != sdk::Reason::rollback) {
    co_await revert("the channel went back to " + offered.str(), OperationResult::withdrawn, false);
    co_return true;
  }
  if (!now->release.critical) co_return false;  // an ordinary release waits for the end
  co_await refresh_schedules();
  const auto decision = decide_from_soak(Ask());
  if (decision.action != sdk::Action::upgrade || decision.reason != sdk::Reason::critical) co_return false;
  core::End superseded{OperationResult::superseded, Phase::idle, "the critical release " + offered.str() + " came"};
  co_await end(std::move(superseded));
  co_return true;
}

}  // namespace upkeep::engine
