// SPDX-License-Identifier: Apache-2.0
// From what is known to a decision: the offer is taken, the host is looked at, the rules are asked, and a start that would
// come too early is held back.

#include <algorithm>
#include <array>
#include <utility>

#include "core/accept.h"
#include "core/backoff.h"
#include "core/clock_problem.h"
#include "core/spread.h"
#include "engine/supervisor.h"
#include "sdk/utf8.h"

namespace upkeep::engine {

using nlohmann::json;
using sdk::Action;
using sdk::Reason;
using sdk::Result;
using sdk::Task;

namespace {

constexpr sdk::Millis kBusyAgain = std::chrono::minutes(1);
constexpr std::size_t kLongestWho = 200;

core::Decision put_off(const core::Decision& wanted, Reason reason, std::string text, std::optional<sdk::TimePoint> until) {
  core::Decision out = wanted;
  out.action = Action::wait;
  out.reason = reason;
  out.text = std::move(text);
  out.until = until;
  return out;
}

}  // namespace

Task<core::Decision> Supervisor::evaluate(const Ask& ask) {
  const UsingParts in_use(*this);
  const auto turn = co_await looking_.take();  // what operators ask for is looked at beside the agent's own coroutine
  auto taken = co_await take_offer();
  co_await refresh_schedules();
  auto target = core::choose_target(facts(ask));
  if (taken) taken = co_await look_at_installed(target);
  // What is installed may be withdrawn, and lead elsewhere.
  if (const auto other = core::choose_target(facts(ask)); taken && other != target) {
    target = other;
    taken = co_await look_at_installed(target);
  }
  if (seen_.inspected && !state().operation) co_await parts_->probes->look_once(false);
  core::Decision decision;
  if (!seen_.inspected || !taken) {
    decision.action = Action::wait;
    decision.reason = Reason::retry_later;
    decision.text = taken ? "the installed version is not known yet" : taken.error().message;
    decision.target = target;
    decision.until = clock().now() + std::chrono::minutes(1);
  } else {
    decision = core::decide(facts(ask));
    if (decision.action == Action::upgrade)
      if (auto held = start_condition(decision, ask)) decision = *held;
  }
  // What an operator asked for once is not what status goes on showing.
  if (!ask.by_operator()) {
    seen_.at = clock().now();
    publish(decision);
  }
  herald_->look();
  co_return decision;
}

Task<Result<void>> Supervisor::look_at_installed(const std::optional<sdk::Version>& target) {
  const auto* wanted = target ? &*target : nullptr;
  auto turn = std::optional(co_await shared_.looks.take(clock(), state().operation.has_value()));
  const auto before_look = state().next_sequence;
  auto installed = co_await parts().installer->inspect(wanted);
  turn.reset();
  if (!installed) co_return sdk::fail("the installed version cannot be found out", installed.error());
  seen_.installed = std::move(*installed);
  seen_.inspected = true;
  if (state().next_sequence != before_look) co_return Result<void>();  // an operation may have ended meanwhile: the look is old
  if (auto noted = co_await note_wishes(); !noted) co_return noted;
  if (state().operation) co_return Result<void>();
  if (state().seen && state().last_seen == seen_.installed.version) {
    co_await keep_now_and_then();
    co_return Result<void>();
  }
  const bool others = state().seen;
  const auto before = state().last_seen;
  json fields = {{"version", seen_.installed.version}, {"by", others ? "others" : "first"}};
  if (others && !seen_.installed.changed_by.empty()) fields["who"] = sdk::valid_utf8(seen_.installed.changed_by, kLongestWho);
  if (auto undoes = core::undoes(state(), seen_.installed.version); others && !undoes.empty()) fields["undoes"] = std::move(undoes);
  auto written = co_await try_append(core::Event::installed, std::move(fields));
  if (!written) co_return sdk::fail("what is installed cannot be recorded", written.error());
  if (!others) {
    co_await keep_now_and_then();
    co_return Result<void>();
  }
  ++counters_.changed_outside;
  emit("changed_outside", {{"from", before}, {"to", seen_.installed.version}});
  host_->log(sdk::LogLevel::warn, "changed by others from=" + before + " to=" + seen_.installed.version);
  co_await keep();
  co_return Result<void>();
}

Task<void> Supervisor::refresh_schedules() {
  std::vector<core::NamedVerdict> verdicts;  // put in place at once: a decision never sees half of them
  for (auto& one : parts_->schedules) {
    auto refreshed = co_await one.schedule->refresh(release());
    sdk::Verdict verdict;
    if (refreshed) {
      verdict = one.schedule->verdict(clock().now(), release());
    } else {
      verdict.reason = refreshed.error().message;
    }
    verdicts.push_back({one.name, std::move(verdict)});
  }
  seen_.verdicts = std::move(verdicts);
}

core::Facts Supervisor::facts(const Ask& ask) const {
  core::Facts out;
  out.now = clock().now();
  out.agent = name_;
  out.clock_tolerance = configured_.settings.trust.clock_tolerance;
  out.policy = configured_.settings.policy;
  out.suspension = state().suspension;
  out.wished_suspension = state().wished_suspension;
  out.pin = state().pin;
  out.force = ask.force;
  out.rollback_to = ask.rollback_to;
  out.release = release();
  if (const auto& error = channel_error()) {
    out.last_error = error->error.message;
    if (error->not_trusted && out.release == nullptr) out.not_trusted = error->error.message;
  }
  out.installed = &seen_.installed;
  out.health = parts().probes->health();
  out.quarantined = state().quarantined;
  out.schedules = seen_.verdicts;
  out.clock_problem = clock_problem();
  if (out.release != nullptr && out.release->version) out.share = core::rollout_place(identity(), out.release->version->str());
  if (state().undone)
    if (const auto target = core::choose_target(out)) out.contested = core::contested(state(), target->str());
  return out;
}

std::string Supervisor::clock_problem() const {
  return core::clock_problem({clock().now(), clock().synchronized(), shared_.build_date, state().last_time});
}

std::optional<core::Decision> Supervisor::start_condition(const core::Decision& decision, const Ask& ask) const {
  const auto now = clock().now();
  const auto target = decision.target ? decision.target->str() : "";
  if (ask.rollback_to && seen_.installed.matches_target) {  // nothing to go back from, and nothing to quarantine
    auto out = put_off(decision, Reason::up_to_date, target + " is installed already", std::nullopt);
    out.action = Action::none;
    return out;
  }
  if (!ask.by_operator()) {
    if (postponed_ && postponed_->target == target && postponed_->installed == seen_.installed.version) {
      auto until = postponed_->until;
      // Something else was installed or removed: that may have been what stood in the way.
      if (postponed_->reason == Reason::refused && postponed_->seen != outside_changes_)
        until = std::min(until, postponed_->at + kNotMoreOften);
      const bool concerned = !postponed_->only || *postponed_->only == decision.reason;
      if (concerned && now < until) return put_off(decision, postponed_->reason, postponed_->text, until);
    }
    const auto tries = state().tries.find(target);
    if (tries != state().tries.end() && state().last_failure) {
      const auto until = *state().last_failure + core::backoff(tries->second, std::chrono::minutes(1), std::chrono::hours(1), 1.0);
      if (now < until && now >= *state().last_failure)
        return put_off(decision, Reason::retry_later, "the last attempt failed (" + (state().last() ? state().last()->detail : "") + ")",
                       until);
    }
  }
  if (!state().pin && !ask.rollback_to) {
    const auto& latest = parts_->poller->latest();
    const auto read = latest ? latest->at : in_force() != nullptr ? in_force()->read_at : sdk::TimePoint();
    if (now - read > configured_.settings.max_age)
      return put_off(decision, Reason::retry_later, "the channel could not be read since " + sdk::rfc3339(read), std::nullopt);
  }
  if (decision.reason == Reason::window_open)
    if (auto held = window_condition(target)) return put_off(decision, held->reason, std::move(held->text), held->until);
  // Many workloads stand in line, rather than look at the cluster again and again.
  const auto holder = parts().installer->on_this_host() ? shared_.lock.holder() : std::string();
  if (!holder.empty() && holder != name_)
    return put_off(decision, Reason::busy, "agent " + holder + " is being changed; one package transaction at a time", now + kBusyAgain);
  return std::nullopt;
}

void Supervisor::publish(core::Decision decision) {
  const bool news = decision.reason != decision_.reason || decision.action != decision_.action || decision.target != decision_.target ||
                    decision.until != decision_.until;
  decision_ = std::move(decision);
  if (!news) return;
  emit("decision", {{"decision", decision_json(decision_)}});
  host_->log(sdk::LogLevel::info, "decision action=" + std::string(sdk::name(decision_.action)) +
                                      " reason=" + std::string(sdk::name(decision_.reason)) + " text=" + decision_.text);
  constexpr std::array<Reason, 6> kRefusals = {Reason::not_trusted,  Reason::downgrade,   Reason::major_skip,
                                               Reason::minimum_from, Reason::no_way_back, Reason::contested};
  if (std::find(kRefusals.begin(), kRefusals.end(), decision_.reason) == kRefusals.end()) return;
  sdk::Happening refused{sdk::Happened::refused, clock().now(), "", seen_.installed.version, "", "", decision_.text};
  if (decision_.target) refused.to = decision_.target->str();
  herald_->tell(std::move(refused));
}

}  // namespace upkeep::engine
