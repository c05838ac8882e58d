// SPDX-License-Identifier: Apache-2.0
// What the agent's own object asks for. A suspension lasts as long as the wish stands there; a force is taken once:
//
//   seen ─▶ journal "taken" ─▶ Installer::taken ─▶ an operation begins, whose `begin` says so, or journal "refused"
//
// Whoever dies in between goes on from what the journal has, and whatever still stands there then is only taken away.

#include "core/backoff.h"
#include "engine/supervisor.h"

namespace upkeep::engine {

using core::Event;
using nlohmann::json;
using sdk::Result;
using sdk::Task;

namespace {

constexpr sdk::Millis kWishWaits = std::chrono::hours(1);

}  // namespace

// Entries of their own, also while an operation runs.
Task<Result<void>> Supervisor::append_beside(Event event, json fields) {
  auto appended = co_await journal_->append(event, std::string(), std::move(fields));
  if (!appended && appended.error().code == sdk::Errc::cancelled) {
    journal_lost_ = true;
    look_again();
  }
  co_return appended;
}

void Supervisor::decide_again_in(sdk::Millis pause) {
  const auto then = clock().now() + pause;
  if (!decision_.until || *decision_.until > then) decision_.until = then;
}

// After each look at the agent: what stands there now, beside what the journal says of it.
Task<Result<void>> Supervisor::note_wishes() {
  std::optional<core::Suspension> now;
  if (const auto wish = core::wish_of(seen_.installed, sdk::Wished::suspend))
    now = core::Suspension{core::claimed(wish->actor), wish->text.empty() ? "no reason is given" : wish->text, std::nullopt, wish->place};
  const auto before = state().wished_suspension;
  if (now != before) {
    json fields = {{"actor", now ? now->actor : core::claimed("")}, {"place", now ? now->place : before->place}};
    if (now) fields["reason"] = now->reason;
    const auto event = now ? Event::suspended : Event::resumed;
    const auto told = fields;
    const auto appended = co_await append_beside(event, std::move(fields));
    if (!appended) co_return sdk::fail("what its object asks for cannot be recorded", appended.error());
    host_->log(sdk::LogLevel::info, std::string(core::name(event)) + " by " + told.at("actor").get<std::string>() + " (" +
                                        told.at("place").get<std::string>() + ")" + (now ? ": " + now->reason : ""));
    emit(core::name(event), told);
  }
  const auto& taken = state().wish;
  const auto wish = core::wish_of(seen_.installed, sdk::Wished::force);
  if (!taken || taken->gone || (wish && wish->identity == taken->identity)) co_return Result<void>();
  wish_trouble_.clear();
  json fields = {{"state", "gone"}, {"identity", taken->identity}};
  const auto appended = co_await append_beside(Event::wish, std::move(fields));
  if (!appended) co_return sdk::fail("what its object asks for cannot be recorded", appended.error());
  co_return Result<void>();
}

// What to decide anew, if a force wish stands there that was not answered, or one was taken before the daemon died.
Task<std::optional<Supervisor::Ask>> Supervisor::take_wish() {
  if (const auto wish = core::wish_of(seen_.installed, sdk::Wished::force)) {
    const auto& known = state().wish;
    if (!known || known->gone || known->identity != wish->identity) {
      json fields = {{"state", "taken"},
                     {"identity", wish->identity},
                     {"version", wish->text},
                     {"actor", core::claimed(wish->actor)},
                     {"place", wish->place}};
      const auto appended = co_await append_beside(Event::wish, std::move(fields));
      if (!appended) {
        decide_again_in(std::chrono::minutes(1));
        co_return std::nullopt;
      }
      host_->log(sdk::LogLevel::info, "wish force " + wish->text + " by " + state().wish->actor + " (" + wish->place + ")");
      emit("wish_taken", {{"version", wish->text}, {"actor", state().wish->actor}, {"place", wish->place}});
    }
    const auto removed = co_await parts_->installer->taken(*wish);
    wish_trouble_ = removed ? "" : wish->place + " was taken, and stays there: " + removed.error().message;
    if (!removed) {
      host_->log(sdk::LogLevel::warn, wish_trouble_);
      decide_again_in(core::pause_after(removed.error(), std::chrono::minutes(5)));
    }
  }
  if (!state().wish || !state().wish->open()) co_return std::nullopt;
  const auto wish = *state().wish;
  const auto version = sdk::Version::parse(wish.version);
  if (!version) {
    co_await refuse_wish("version: " + version.error().message);
    co_return std::nullopt;
  }
  const auto polled = co_await parts_->poller->poll_now();
  if (!polled) host_->log(sdk::LogLevel::warn, "the channel could not be read: " + polled.error().message);
  Ask ask;
  ask.force = core::Force();
  ask.actor = wish.actor;
  ask.wish = wish.identity;
  const auto right = co_await is_target(ask, *version);
  if (right) co_return ask;
  if (right.error().code == sdk::Errc::invalid) {
    co_await refuse_wish(right.error().message);
  } else {
    decide_again_in(std::chrono::minutes(1));
  }
  co_return std::nullopt;
}

// What passes by itself is waited for, for a while.
Task<void> Supervisor::put_off_wish(core::Decision decision) {
  const bool passes = decision.reason == sdk::Reason::busy || decision.reason == sdk::Reason::retry_later;
  if (passes && clock().now() - state().wish->at < kWishWaits) {
    decide_again_in(std::chrono::minutes(1));
  } else {
    co_await refuse_wish(decision.text);
  }
}

Task<void> Supervisor::refuse_wish(std::string why) {
  if (why.empty()) why = "refused";
  const auto wish = *state().wish;
  json fields = {{"state", "refused"}, {"identity", wish.identity}, {"detail", why}};
  const auto appended = co_await append_beside(Event::wish, std::move(fields));
  if (!appended) {
    decide_again_in(std::chrono::minutes(1));
    co_return;
  }
  host_->log(sdk::LogLevel::warn, "wish force " + wish.version + " refused: " + why);
  emit("wish_refused", {{"version", wish.version}, {"actor", wish.actor}, {"place", wish.place}, {"detail", why}});
  sdk::Happening told{sdk::Happened::refused, clock().now(), "", seen_.installed.version, wish.version, wish.actor, {}};
  told.text = "not forced to " + wish.version + ", as " + wish.place + " wished (" + wish.actor + "): " + why;
  herald_->tell(std::move(told));
}

json Supervisor::suspended_json() const {
  const auto& own = state().suspension;
  const auto* shown = state().wished_suspension ? &*state().wished_suspension : own && own->in_force(clock().now()) ? &*own : nullptr;
  if (shown == nullptr) return nullptr;
  return {{"actor", shown->actor},
          {"reason", shown->reason},
          {"until", shown->until ? json(sdk::rfc3339(*shown->until)) : json(nullptr)},
          {"place", shown->place.empty() ? json(nullptr) : json(shown->place)}};
}

json Supervisor::wish_json() const {
  const auto& wish = state().wish;
  if (!wish) return nullptr;
  json out = {{"version", wish->version}, {"actor", wish->actor}, {"place", wish->place}, {"at", sdk::rfc3339(wish->at)}};
  out["state"] = wish->open() ? "taken" : wish->refused.empty() ? "begun" : "refused";
  out["operation"] = wish->operation.empty() ? json(nullptr) : json(wish->operation);
  out["detail"] = wish->refused;
  return out;
}

}  // namespace upkeep::engine
