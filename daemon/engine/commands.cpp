// SPDX-License-Identifier: Apache-2.0
// What operators ask of one agent.

#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>

#include "engine/supervisor.h"

namespace upkeep::engine {

using core::Event;
using core::OperationResult;
using core::Phase;
using nlohmann::json;
using sdk::Task;

namespace {

Reply refuse(std::string code, std::string message) { return tl::unexpected(Refusal{std::move(code), std::move(message)}); }

std::string actor_text(const Actor& actor) {
  return actor.name + " (uid " + std::to_string(actor.uid) + ")" +
         (actor.on_behalf_of.empty() ? "" : " on behalf of " + actor.on_behalf_of);
}

std::string plain(const sdk::Installed& installed) {
  if (installed.version.empty()) return "not installed";
  return installed.release ? installed.release->str() : installed.version;
}

}  // namespace

Task<Reply> Supervisor::command(Command command) {
  if (life_ == Life::dead) co_return refuse("internal", trouble_);
  // Its journal was read, and its turn comes in this round of the loop.
  while (life_ == Life::known && trouble_.empty()) co_await asio::post(shared_.executor, asio::use_awaitable);
  if (life_ < Life::served) co_return refuse("unavailable", name_ + " is starting" + (trouble_.empty() ? "" : ": " + trouble_));
  if (command.verb == Verb::resolve) co_return co_await resolve(command);
  if (command.verb == Verb::forget) co_return co_await forget(command);
  if (!journal_->damage().empty()) co_return refuse("unavailable", "the journal is damaged: " + journal_->damage());
  const auto actor = actor_text(command.actor);
  switch (command.verb) {
    case Verb::suspend: {
      json fields = {{"actor", actor}, {"reason", command.reason}};
      if (command.until) fields["until"] = sdk::rfc3339(*command.until);
      auto text = "no new operation starts until " + (command.until ? sdk::rfc3339(*command.until) : std::string("it is resumed"));
      if (state().operation) text += "; the running one goes on";
      co_return co_await write(Event::suspended, std::move(fields), std::move(text));
    }
    case Verb::resume:
      co_return co_await resume_operations(actor);
    case Verb::pin: {
      auto version = sdk::Version::parse(command.version);
      if (!version) co_return refuse("invalid", "version: " + version.error().message);
      if (!command.allow_downgrade && seen_.installed.release && *version < *seen_.installed.release)
        co_return refuse("refused", version->str() + " is lower than the installed " + seen_.installed.release->str() +
                                        "; --allow-downgrade permits it");
      json fields = {{"actor", actor}, {"version", version->str()}, {"allow_downgrade", command.allow_downgrade}};
      co_return co_await write(Event::pinned, std::move(fields), "pinned to " + version->str());
    }
    case Verb::unpin: {
      if (!state().pin) co_return json({{"agent", name_}, {"done", true}, {"text", "was not pinned"}});
      json fields = {{"actor", actor}};
      co_return co_await write(Event::unpinned, std::move(fields), "the channel's release counts again");
    }
    case Verb::unquarantine: {
      auto version = sdk::Version::parse(command.version);
      if (!version) co_return refuse("invalid", "version: " + version.error().message);
      if (!state().quarantined.contains(version->str()) && core::contested(state(), version->str()).empty())
        co_return refuse("not_found", version->str() + " is not quarantined");
      json fields = {{"actor", actor}, {"version", version->str()}};
      co_return co_await write(Event::unquarantined, std::move(fields), version->str() + " may be tried again");
    }
    case Verb::check:
      co_return co_await check(false);
    case Verb::dry_run:
      co_return co_await check(true);
    case Verb::run:
    case Verb::force:
    case Verb::rollback:
      break;
    case Verb::resolve:
    case Verb::forget:
      co_return refuse("internal", "was to be done above");
  }
  co_return co_await start(std::move(command));
}

Task<Reply> Supervisor::write(Event event, json fields, std::string text) {
  auto appended = co_await journal_->append(event, std::string(), fields);
  if (!appended && appended.error().code == sdk::Errc::cancelled) {  // what runs has to know that somebody else wrote
    journal_lost_ = true;
    look_again();
  }
  if (!appended) co_return refuse("unavailable", "not done, because it cannot be recorded: " + appended.error().message);
  host_->log(sdk::LogLevel::info, std::string(core::name(event)) + " " + fields.dump(-1, ' ', false, json::error_handler_t::replace));
  emit(core::name(event), std::move(fields));
  if (!state().operation && configured_.mode == Setup::configured && parts_) co_await evaluate(Ask());  // status is to say it at once
  look_again();
  co_return json({{"agent", name_}, {"done", true}, {"text", std::move(text)}});
}

Task<Reply> Supervisor::check(bool dry_run) {
  if (configured_.mode != Setup::configured || !parts_) co_return refuse("refused", decision_.text);
  if (dry_run && state().operation)
    co_return refuse("in_operation", "operation " + operation().id + " is " + std::string(core::name(operation().phase)));
  const auto parts = parts_;  // a reload must not take them away while they work
  const auto polled = co_await parts->poller->poll_now();
  json messages = json::array();
  if (!polled) messages.push_back("the channel could not be read: " + polled.error().message);
  json plan = nullptr;
  if (state().operation) {
    messages.push_back("operation " + operation().id + " is " + std::string(core::name(operation().phase)));
    co_await look_at_stuck();
    if (state().operation && operation().phase == Phase::stuck)
      for (const auto& line : stuck_now_) messages.push_back(line);
  } else if (parts != parts_) {
    co_return refuse("unavailable", "the configuration was reloaded meanwhile; ask again");
  } else {
    const auto decision = co_await evaluate(Ask());
    // What the agent waits for may be another time than what it would wait for now.
    if (decision.action == sdk::Action::upgrade) evaluate_ = true;
    wake_.notify();
    if (decision.target) {
      const auto have = plain(seen_.installed), want = decision.target->str();
      if (seen_.installed.matches_target) {
        messages.push_back("no upgrades available (" + have + " == " + want + ")");
      } else {
        messages.push_back("an upgrade is available (" + have + " -> " + want + ")");
      }
    } else {
      messages.push_back("no upgrades available");
    }
    auto& turns = lock_for(shared_, *parts->installer);
    if (dry_run && decision.target && !seen_.installed.matches_target && turns.holder().empty()) {
      const auto lock = co_await turns.acquire(name_, false);
      auto change = core::change_to(seen_.installed, *decision.target, release(), "dry-run");
      auto prepared = co_await parts->installer->prepare(change);
      if (prepared) {
        plan = plan_json(*prepared);
      } else {
        messages.push_back("it would be refused: " + prepared.error().message);
      }
    }
    messages.push_back(decision.text);
  }
  co_return json({{"agent", name_},
                  {"installed", seen_.installed.version.empty() ? json(nullptr) : json(seen_.installed.version)},
                  {"target", decision_.target ? json(decision_.target->str()) : json(nullptr)},
                  {"offered", offered_json()},
                  {"decision", decision_json(shown_decision())},
                  {"messages", std::move(messages)},
                  {"plan", std::move(plan)}});
}

// What the agent's own object asks for lasts as long as it stands there.
Task<Reply> Supervisor::resume_operations(std::string actor) {
  const auto& wished = state().wished_suspension;
  const auto stays =
      wished ? "suspended by " + wished->actor + ": " + wished->reason + "; it ends when that stands there no more (" + wished->place + ")"
             : std::string();
  if (!state().suspension) {
    if (wished) co_return refuse("refused", stays);
    co_return json({{"agent", name_}, {"done", true}, {"text", "was not suspended"}});
  }
  json fields = {{"actor", std::move(actor)}};
  auto text = stays.empty() ? "operations may start again" : "the operators' suspension has ended, but it is still " + stays;
  co_return co_await write(Event::resumed, std::move(fields), std::move(text));
}

Task<sdk::Result<void>> Supervisor::is_target(Ask ask, sdk::Version wanted) {
  const UsingParts in_use(*this);
  auto taken = co_await take_offer();
  if (!taken) co_return taken;
  const auto target = core::choose_target(facts(ask));
  if (target && *target == wanted) co_return sdk::Result<void>();
  co_return sdk::fail(sdk::Errc::invalid, wanted.str() + " is not the target" + (target ? ", which is " + target->str() : std::string()) +
                                              "; `upkeep pin` makes it the target");
}

// run, force, rollback: the agent's own coroutine decides and begins; the answer comes once it has.
Task<Reply> Supervisor::start(Command command) {
  if (configured_.mode != Setup::configured || !parts_) co_return refuse("refused", decision_.text);
  auto request = std::make_shared<Request>();
  request->ask.actor = actor_text(command.actor);
  const bool proving = is_proving();
  if (state().operation && (command.verb == Verb::run || !proving))
    co_return refuse("in_operation", "operation " + operation().id + " is " + std::string(core::name(operation().phase)));
  if (stalled_) co_return refuse("unavailable", trouble());
  if (state().due_hook) co_return refuse("in_operation", shown_decision().text);
  std::optional<sdk::Version> wanted;
  if (!command.version.empty()) {
    auto version = sdk::Version::parse(command.version);
    if (!version) co_return refuse("invalid", "version: " + version.error().message);
    wanted = *version;
  }
  if (command.verb == Verb::rollback) {
    const auto* last = state().last();
    std::optional<sdk::Version> former;
    if (proving) former = operation().back_release;
    for (auto one = state().history.rbegin(); !former && one != state().history.rend(); ++one)
      if (one->result == OperationResult::committed && one->to == seen_.installed.version) former = one->from_release;
    if (!wanted) wanted = former;
    if (!wanted)
      co_return refuse("refused", last == nullptr ? "there is no former version: nothing was upgraded here yet"
                                                  : "no former version is known; name one with --to");
    request->rollback_now = proving && wanted == former;
    if (proving && !request->rollback_now)
      co_return refuse("in_operation", "operation " + operation().id + " is " + std::string(core::name(operation().phase)) +
                                           "; it goes back to " + (former ? former->str() : "nothing") + " only");
    request->ask.rollback_to = wanted;
  } else {
    const auto parts = parts_;
    const auto polled = co_await parts->poller->poll_now();
    if (life_ == Life::dead) co_return refuse("internal", trouble_);
    if (parts != parts_) co_return refuse("unavailable", "the configuration was reloaded meanwhile; ask again");
    if (!polled) host_->log(sdk::LogLevel::warn, "the channel could not be read: " + polled.error().message);
    if (command.verb == Verb::force)
      request->ask.force = core::Force{command.allow_downgrade, command.allow_major, command.quarantined, command.no_way_back};
  }
  if (command.verb == Verb::force && wanted) {
    auto ask = request->ask;
    const auto right = co_await is_target(std::move(ask), *wanted);
    if (!right) co_return refuse(right.error().code == sdk::Errc::invalid ? "refused" : "unavailable", right.error().message);
  }
  requests_.push_back(request);
  wake_.notify();
  while (!request->reply) co_await request->answered.wait();
  co_return *request->reply;
}

void Supervisor::answer(Request& request, Reply reply) {
  request.reply = std::move(reply);
  request.answered.notify();
}

void Supervisor::answer_all(const Reply& reply) {
  for (const auto& request : requests_) answer(*request, reply);
  requests_.clear();
}

Task<Reply> Supervisor::resolve(const Command& command) {
  if (command.as != "installed" && command.as != "failed") co_return refuse("invalid", "as must be \"installed\" or \"failed\"");
  if (!journal_->damage().empty()) {
    auto aside = co_await journal_->set_aside();
    if (!aside) co_return refuse("unavailable", aside.error().message);
    host_->log(sdk::LogLevel::warn, "the damaged journal was moved to " + *aside + " by " + actor_text(command.actor));
    look_again();
    co_return json({{"agent", name_}, {"done", true}, {"text", "the damaged journal is now " + *aside + "; a new one begins"}});
  }
  if (!state().operation || operation().phase != Phase::stuck) co_return refuse("refused", name_ + " is not stuck");
  const bool installed = command.as == "installed";
  core::End resolved{installed ? OperationResult::committed : OperationResult::rolled_back,
                     installed ? Phase::committed : Phase::rolled_back, "resolved as " + command.as + " by " + actor_text(command.actor)};
  const auto ended = operation();
  if (!installed) resolved.quarantine = core::Quarantine{ended.change.target->str(), resolved.detail};
  auto appended = co_await try_append(Event::end, core::to_json(resolved));
  if (!appended) co_return refuse("unavailable", "not done, because it cannot be recorded: " + appended.error().message);
  tell_end(ended, resolved);
  co_await after_end();
  kept_at_.reset();
  look_again();
  co_return json({{"agent", name_}, {"done", true}, {"text", resolved.detail}});
}

Task<Reply> Supervisor::forget(const Command& command) {
  if (configured_.mode != Setup::orphaned || (pending_ && pending_->mode != Setup::orphaned))
    co_return refuse("refused", name_ + " is in the configuration; only an orphan can be forgotten");
  if (state().operation && operation().phase != Phase::stuck)
    co_return refuse("in_operation", "operation " + operation().id + " is not over");
  if (state().due_hook) co_return refuse("in_operation", shown_decision().text);
  if (auto emptied = co_await journal_->forget(); !emptied) co_return refuse("unavailable", emptied.error().message);
  host_->log(sdk::LogLevel::warn, "what was stored was forgotten by " + actor_text(command.actor));
  life_ = Life::over;
  wake_.notify();
  co_return json({{"agent", name_}, {"done", true}, {"text", "forgotten"}});
}

Task<Reply> Supervisor::schedule(sdk::TimePoint from, sdk::TimePoint until) {
  if (!parts_) co_return refuse("refused", decision_.text);
  const auto parts = parts_;
  std::vector<const sdk::Schedule*> schedules;
  json names = json::array();
  for (auto& one : parts->schedules) {
    const auto refreshed = co_await one.schedule->refresh(release());
    if (!refreshed) co_return refuse("unavailable", one.name + ": " + refreshed.error().message);
    schedules.push_back(one.schedule.get());
    names.push_back(one.name);
  }
  const auto zone = core::common_time_zone(configured_.settings.schedules);
  json windows = json::array();
  for (const auto& stretch : core::open_stretches(schedules, release(), from, until))
    windows.push_back({{"start", sdk::rfc3339(stretch.start)},
                       {"end", stretch.end ? json(sdk::rfc3339(*stretch.end)) : json(nullptr)},
                       {"schedules", names}});
  co_return json({{"windows", std::move(windows)}, {"time_zone", zone.empty() ? json(nullptr) : json(zone)}});
}

}  // namespace upkeep::engine
