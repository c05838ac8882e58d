// SPDX-License-Identifier: Apache-2.0
// What a restart finds in the journal, and how it goes on:
//
//   preparing    nothing was touched: it failed, and is not counted unless it ends the daemon again and again
//   applying     the lock; the installer says where the agent stands, and that decides (settle)
//   activating   the lock; restarted again, unless somebody else has changed the version
//   soaking      the rest of the proof, in the boot of now
//   reverting    goes back again, until it is done
//   stuck        waits for an operator
//   ended        `done` is said again; a hook that is due runs first
//
// applying, activating and soaking are entered kMaxResumes times; then the version is taken back. So often interrupted
// while reverting, the agent is stuck.

#include "core/config_json.h"
#include "engine/supervisor.h"

namespace upkeep::engine {

using core::Event;
using core::OperationResult;
using core::Phase;
using nlohmann::json;
using sdk::Task;

// Locks and leases hear of the operation again, with the same id; what they answer, or that they do not, cannot stop what has begun.
Task<void> Supervisor::admit_again() {
  if (!parts_) co_return;
  const UsingParts in_use(*this);
  const auto asked = admittee();
  for (auto& one : parts_->schedules) {
    const auto why = co_await refused_by(one, asked);
    if (!why.empty()) host_->log(sdk::LogLevel::warn, why);
    if (why.empty() || one.schedule->lapses()) hold_permit(one, why.empty());
  }
}

// With this boot, whose entry is still to come.
int Supervisor::reboots_in_soak() const {
  if (!parts().installer->on_this_host()) return 0;
  const bool soon = clock().now() - operation().boot_at < core::kRebootsBelongTogether;
  return operation().boot != clock().boot_id() && !soon ? 0 : operation().reboots;
}

Task<void> Supervisor::resume() {
  const auto phase = operation().phase;
  host_->log(sdk::LogLevel::warn, "operation=" + operation().id + " was interrupted in phase " + std::string(core::name(phase)));
  if (phase == Phase::preparing) {
    // Once or twice that says nothing of the version. Again and again: what is looked at there ends the daemon or its machine.
    const auto tries = state().tries.find(operation().change.target->str());
    const bool counted = tries != state().tries.end() && tries->second >= core::kMaxResumes;
    co_await fail_unchanged(sdk::Error(sdk::Errc::transient, "interrupted before anything was touched"), counted);
    co_return;
  }

  // The operation finishes with the settings it began with; secrets are those of today.
  const auto remake = [this]() -> sdk::Result<std::shared_ptr<Parts>> {
    operation_settings_ = configured_.settings;
    operation_settings_.name = name_;
    std::span<const sdk::KeySpec> keys;
    if (operation_settings_.installer.use == operation().settings.at("installer").value("use", std::string()))
      keys = installer_keys(shared_, operation_settings_);
    if (auto applied = core::apply_operation_settings(operation().settings, operation_settings_, keys); !applied)
      return tl::unexpected(applied.error());
    operation_settings_.sources.clear();
    operation_settings_.schedules.clear();
    return make_parts(shared_, *host_, operation_settings_);
  };
  auto made = remake();
  while (!made) {  // its plugin is gone, or another version of this program wrote them: nothing can be done until that is mended
    trouble_ = "the operation cannot go on: " + made.error().message;
    host_->log(sdk::LogLevel::error, trouble_);
    answer_all(tl::unexpected(Refusal{"unavailable", trouble_}));
    const sdk::Millis pause = std::chrono::minutes(1);
    co_await wait(pause);
    made = remake();
  }
  trouble_.clear();
  operation_parts_ = *made;
  operation_parts_->probes->on_news(weak_from_this(), [this] { wake_.notify(); });
  shared_.changing[name_] = operation().packages;

  // A soak begins again with each restart of the daemon. Boots that follow one another quickly are another thing. A rollout goes on by
  // itself, and replaces the pods in which the daemon runs.
  const bool elsewhere = phase == Phase::activating && !parts().installer->on_this_host();
  const auto again = phase == Phase::soaking ? reboots_in_soak() : elsewhere ? 0 : operation().resumes;
  const bool endless = operation().transitions >= core::kMaxTransitions || again >= core::kMaxResumes;
  if (endless && phase == Phase::reverting) {
    auto detail = operation().cause + "; going back was interrupted again and again";
    auto all = tried({});
    core::End stuck{OperationResult::stuck, Phase::stuck, std::move(detail), false, std::nullopt, std::move(all)};
    co_await end(std::move(stuck));
    co_return;
  }
  TransactionLock::Locked lock;
  if (endless) {
    co_await revert("interrupted again and again while " + std::string(core::name(phase)), OperationResult::rolled_back, true);
  } else {
    json fields = {{"phase", core::name(phase)}, {"detail", "resumed after a restart"}};
    co_await must_append(Event::phase, std::move(fields));
    if (phase == Phase::applying || phase == Phase::activating) lock = co_await lock_for(shared_, *parts().installer).acquire(name_, true);
    co_await admit_again();
    if (phase == Phase::applying) co_await settle(std::nullopt, true);
    if (phase == Phase::activating || phase == Phase::soaking) co_await overtaken();
  }
  co_await carry_on(lock);
}

}  // namespace upkeep::engine
