// SPDX-License-Identifier: Apache-2.0
#pragma once
// One agent: the coroutine that watches, decides and carries out operations, written straight down as the picture in
// core/phase.h reads:
//
//   load_journal ─▶ ┌ step: take_offer, inspect, decide ─ upgrade ─▶ begin ─▶ prepare ─▶ carry_on: apply ─▶ activate ─▶ soak ─▶ end ┐
//                   └──────────────── wait_for_something ◀──────────────── anything else, and every end ◀──────────────────────────┘
//
// supervisor.cpp is the loop, recording.cpp what is written down, channel.cpp whom and what it follows, evaluate.cpp the decision,
// wishes.cpp what the agent's own object asks for, window.cpp what a window needs, ahead.cpp what is done before it opens, operation.cpp
// preparing to activating, gate.cpp the last look before apply, hooks.cpp what operators run around it, soak.cpp the proof, revert.cpp the
// way back and the ends, stuck.cpp when that fails too, resume.cpp what a restart finds, commands.cpp what operators ask, status.cpp,
// offered.cpp and figures.cpp what is shown.

#include <deque>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/accept.h"
#include "core/open_stretches.h"
#include "engine/background.h"
#include "engine/herald.h"
#include "engine/hooks.h"
#include "engine/journal.h"
#include "engine/parts.h"
#include "engine/preflight.h"

namespace upkeep::engine {

class Supervisor : public std::enable_shared_from_this<Supervisor> {
 public:
  Supervisor(Shared& shared, std::string name);

  static sdk::Task<void> run(std::shared_ptr<Supervisor> self);

  // New settings; they count between operations.
  void configure(core::AgentSettings settings);
  // The configuration has issues: a running operation is finished, nothing else is done.
  void configure(const std::vector<sdk::ConfigIssue>& issues);
  // The agent is in the configuration no more; the journal stays until it is forgotten.
  void orphan();
  // Forgotten, or an orphan without a journal: the engine drops it.
  [[nodiscard]] bool over() const { return life_ == Life::over; }
  // Its journal was read, or could not be: the agent is served either way.
  [[nodiscard]] bool attempted() const { return life_ != Life::starting; }

  // A verb that changes it may be under way.
  [[nodiscard]] bool is_changing() const;
  // The daemon is about to end.
  void let_permits_go();

  [[nodiscard]] nlohmann::json status() const;
  // Of one operation, when an id is given, or how one begins.
  [[nodiscard]] nlohmann::json history(const std::string& operation = "") const;
  [[nodiscard]] std::vector<std::string> troubles() const;
  [[nodiscard]] AgentFigures figures() const;  // figures.cpp
  sdk::Task<Reply> command(Command command);
  sdk::Task<Reply> schedule(sdk::TimePoint from, sdk::TimePoint until);

 private:
  // An operation's journal is damaged under it, or written by somebody else: it stops where it stands.
  struct JournalLost : std::logic_error {
    using std::logic_error::logic_error;
  };
  // What an operator wants of one decision.
  struct Ask {
    std::optional<core::Force> force;
    std::optional<sdk::Version> rollback_to;
    std::string actor;
    std::string wish;  // identity of the one that this is
    [[nodiscard]] bool by_operator() const { return force || rollback_to; }
  };
  // run, force or rollback, waiting for the agent's coroutine to take it.
  struct Request {
    Ask ask;
    bool rollback_now = false;  // during a soak: take this operation back
    std::optional<Reply> reply;
    Wake answered;
  };

  // supervisor.cpp
  sdk::Task<void> live();
  sdk::Task<void> load_journal();
  sdk::Task<void> go_on();  // from where the journal says that it stands
  sdk::Task<void> step();
  [[nodiscard]] std::optional<core::Decision> not_now() const;  // why nothing is decided at all
  sdk::Task<void> wait_for_something();
  sdk::Task<void> use_settings();
  sdk::Task<void> wait(sdk::Millis longest);  // or until woken
  std::vector<Background> watch_units(const Probes& probes);
  void watch_parts();
  void end_watches();
  void on_progress(const sdk::Progress& progress);
  void emit(std::string_view event, nlohmann::json fields);
  void look_again() {
    evaluate_ = true;
    wake_.notify();
  }

  // recording.cpp
  // Appends until it is durable: nothing goes on without its record.
  sdk::Task<void> must_append(core::Event event, nlohmann::json fields);
  sdk::Task<void> must_append_for(std::string operation, core::Event event, nlohmann::json fields);
  sdk::Task<sdk::Result<void>> try_append(core::Event event, nlohmann::json fields);
  // For people, once in an operation; an error is no reason to stop.
  sdk::Task<void> record(sdk::Topic topic, std::vector<std::string> lines);
  sdk::Task<void> record_unit_logs();
  // An end, or a hook's end, that was thought lost and has landed.
  [[nodiscard]] bool has_ended(const std::string& id, const std::string& phase) const;
  [[nodiscard]] bool hook_has_ended(const std::string& id, const std::string& name) const;

  // figures.cpp
  // Where the operation stood before an append, and for how long; no phase: none ran.
  struct Stood {
    std::optional<core::Phase> phase;
    sdk::Millis spent{0};
    sdk::TimePoint started;
  };
  [[nodiscard]] Stood stand() const;
  // After it: counts what has changed.
  void count(const Stood& before);

  // As long as one lives, a reload does not take the parts away that are in use.
  struct UsingParts {
    explicit UsingParts(Supervisor& supervisor) : owner(supervisor) { ++owner.using_parts_; }
    UsingParts(const UsingParts&) = delete;
    UsingParts& operator=(const UsingParts&) = delete;
    ~UsingParts() {
      if (--owner.using_parts_ == 0) owner.parts_free_.notify();
    }
    Supervisor& owner;
  };

  // channel.cpp
  void follow_channel();
  sdk::Task<sdk::Result<void>> take_offer();

  // evaluate.cpp
  sdk::Task<core::Decision> evaluate(const Ask& ask);
  sdk::Task<sdk::Result<void>> look_at_installed(const std::optional<sdk::Version>& target);
  sdk::Task<void> refresh_schedules();
  core::Facts facts(const Ask& ask) const;
  std::optional<core::Decision> start_condition(const core::Decision& decision, const Ask& ask) const;
  [[nodiscard]] std::string clock_problem() const;
  void publish(core::Decision decision);

  // wishes.cpp
  sdk::Task<sdk::Result<void>> append_beside(core::Event event, nlohmann::json fields);
  sdk::Task<sdk::Result<void>> note_wishes();
  sdk::Task<std::optional<Ask>> take_wish();
  sdk::Task<void> put_off_wish(core::Decision decision);
  sdk::Task<void> refuse_wish(std::string why);
  void decide_again_in(sdk::Millis pause);
  [[nodiscard]] nlohmann::json suspended_json() const;
  [[nodiscard]] nlohmann::json wish_json() const;

  // window.cpp
  // Why a start by the open window comes too early or too late.
  struct Delay {
    sdk::Reason reason;
    std::string text;
    std::optional<sdk::TimePoint> until;
  };
  [[nodiscard]] std::optional<Delay> window_condition(const std::string& target) const;
  [[nodiscard]] std::vector<core::OpenStretch> stretches(sdk::TimePoint from, sdk::TimePoint until) const;
  [[nodiscard]] std::string too_short_windows() const;

  // ahead.cpp
  void look_ahead();
  void on_preflight(Preflight::State state);

  // operation.cpp
  sdk::Task<bool> begin(const core::Decision& decision, const Ask& ask);
  sdk::Task<void> carry_on(TransactionLock::Locked& lock);
  sdk::Task<void> prepare(const Ask& ask, TransactionLock::Locked& lock);
  [[nodiscard]] std::optional<sdk::Error> in_each_others_way(const sdk::Plan& plan) const;
  sdk::Task<void> apply();
  [[nodiscard]] bool is_ours() const { return !shared_.claim_lapses || *shared_.claim_lapses > clock().boot_now(); }
  sdk::Task<void> until_ours();
  sdk::Task<void> settle(std::optional<sdk::Error> error, bool cut_off = false);
  sdk::Task<void> activate(TransactionLock::Locked& lock);
  sdk::Task<sdk::Result<sdk::Verified>> verify(sdk::Change change);

  // gate.cpp
  sdk::Task<bool> pass_gate(const Ask& ask);
  sdk::Task<bool> run_before_apply(const Ask& ask, std::string to);
  sdk::Task<std::string> gate_closed(const Ask& ask);  // why; empty: it is open
  sdk::Task<void> end_refused(std::string why);
  // What the running operation wanted is not begun again so soon; `only`: not for this reason.
  static constexpr sdk::Millis kRefusedAgain = std::chrono::minutes(15);
  void postpone(sdk::Reason reason, std::string text, sdk::Millis again, std::optional<sdk::Reason> only = {});
  [[nodiscard]] sdk::Operation admittee() const;
  // Beside the operation, which it has admitted, or not `given` yet. One that lapses is asked for again, for as long as it goes on.
  void hold_permit(const NamedSchedule& one, bool given = true);
  sdk::Task<void> keep_permit(std::shared_ptr<Supervisor> kept, std::shared_ptr<Parts> parts, const NamedSchedule& one,
                              sdk::Operation asked, bool given);
  static constexpr sdk::Millis kAdmitAgain = std::chrono::seconds(10);  // so long a schedule may think, once something was touched
  sdk::Task<std::string> refused_by(const NamedSchedule& one, sdk::Operation asked);  // why; empty: it admits
  // A verb that changes the agent: begun only while each permit holds, or is given again, and cut off when one is gone. Errc::busy: so
  // it was; whether it has changed something is to be looked at.
  sdk::Task<sdk::Result<void>> permitted(sdk::Task<sdk::Result<void>> verb);
  sdk::Task<std::string> not_permitted();  // why; empty: it is

  // hooks.cpp; how it failed, else empty
  sdk::Task<std::string> hook(core::Hook which, std::string to);
  sdk::Task<void> run_due_hook();
  sdk::Task<std::string> carry_out(core::HookCall call);
  sdk::Task<std::string> hook_ended(core::HookCall call, HookEnd end);

  // stuck.cpp
  // The attempts to go back: how often, since when, and what they said.
  struct Attempts {
    sdk::TimePoint since;
    int count = 0;
    std::vector<std::pair<std::string, int>> errors;  // newest last, a few
    void add(const std::string& error);
  };
  [[nodiscard]] std::vector<std::string> tried(const Attempts& attempts) const;
  sdk::Task<void> look_at_stuck();
  [[nodiscard]] std::vector<sdk::Advice> stuck_commands() const;
  [[nodiscard]] nlohmann::json stuck_json() const;

  // soak.cpp
  sdk::Task<void> soak();
  sdk::Task<void> prove();
  [[nodiscard]] core::Decision decide_from_soak(const Ask& ask) const;
  // true: the soak is over, because somebody wants something else.
  // Returns when somebody asks for something, or something outside has changed.
  sdk::Task<void> spoken_to();
  // The operation has done its change, and waits for what comes of it.
  [[nodiscard]] bool is_proving() const;
  sdk::Task<bool> heard_operator();
  sdk::Task<bool> heard_channel();
  [[nodiscard]] sdk::Millis soaked() const;
  [[nodiscard]] sdk::BootTime held_in_this_boot() const;
  sdk::Task<bool> overtaken();

  // revert.cpp
  sdk::Task<void> revert(std::string cause, core::OperationResult result, bool quarantine);
  sdk::Task<void> put_back(TransactionLock::Locked& lock);  // had already, when nobody else may come in between
  // Has the installer keep what it keeps; a failure is logged. Now and then also when nothing happened: what failed may go well by then.
  sdk::Task<void> keep();
  sdk::Task<void> keep_now_and_then();
  [[nodiscard]] bool is_stopped() const;  // held or suspended, or it is not known whether it is
  sdk::Task<void> end(core::End end);
  sdk::Task<void> end_overtaken(sdk::Verified now);
  void tell_end(const core::OperationState& ended, const core::End& end);
  void herald_end(const core::OperationState& ended, const core::End& end);
  sdk::Task<void> after_end();  // of the operation that ended last
  // A failure that changed nothing.
  sdk::Task<void> fail_unchanged(sdk::Error error, bool counted);

  // resume.cpp
  [[nodiscard]] int reboots_in_soak() const;
  sdk::Task<void> resume();
  sdk::Task<void> admit_again();

  // commands.cpp
  sdk::Task<Reply> check(bool dry_run);
  sdk::Task<Reply> start(Command command);
  sdk::Task<Reply> resume_operations(std::string actor);
  // Errc::invalid: another version is, or none; others: not known now.
  sdk::Task<sdk::Result<void>> is_target(Ask ask, sdk::Version wanted);
  sdk::Task<Reply> write(core::Event event, nlohmann::json fields, std::string text);
  sdk::Task<Reply> resolve(const Command& command);
  sdk::Task<Reply> forget(const Command& command);
  void answer(Request& request, Reply reply);
  void answer_all(const Reply& reply);

  // offered.cpp
  [[nodiscard]] nlohmann::json offered_json() const;
  [[nodiscard]] nlohmann::json signed_json() const;

  // status.cpp
  [[nodiscard]] static nlohmann::json decision_json(const core::Decision& decision);
  [[nodiscard]] core::Decision shown_decision() const;
  [[nodiscard]] nlohmann::json source_json() const;
  [[nodiscard]] nlohmann::json operation_json() const;
  [[nodiscard]] core::Phase phase() const;
  [[nodiscard]] std::vector<std::string> warnings() const;

  [[nodiscard]] std::string trouble() const;
  // Of nothing, as long as there is no journal.
  [[nodiscard]] const core::AgentState& state() const;
  // What the channel says; nullptr: nothing was accepted yet of the sources that are configured now.
  [[nodiscard]] const core::InForce* in_force() const {
    const auto& stored = state().in_force;
    if (!stored || !core::accepted_under(*stored, configured_.settings.trust) ||
        (parts_ && parts_->poller && !parts_->poller->reads(stored->offer.origin)))
      return nullptr;
    return &*stored;
  }
  [[nodiscard]] const sdk::Release* release() const { return in_force() != nullptr ? &in_force()->release : nullptr; }
  // Why the channel could not be read last, or what it says not be accepted. Needs parts_.
  [[nodiscard]] const std::optional<Poller::Failure>& channel_error() const {
    return parts_->poller->failure() ? parts_->poller->failure() : seen_.channel_error;
  }
  [[nodiscard]] const core::OperationState& operation() const {
    if (!state().operation) throw JournalLost("the operation is not in the journal any more: " + journal_->damage());
    return *journal_->state().operation;
  }
  [[nodiscard]] sdk::Clock& clock() const { return host_->clock(); }
  // What tells this agent from its like in the fleet.
  [[nodiscard]] const std::string& identity() const {
    return seen_.installed.identity.empty() ? shared_.machine_id : seen_.installed.identity;
  }
  // Parts of the running operation (its journalled settings), else of the agent.
  [[nodiscard]] Parts& parts() const { return operation_parts_ ? *operation_parts_ : *parts_; }
  // The settings that those parts were made of.
  [[nodiscard]] const core::AgentSettings& settings() const { return operation_parts_ ? operation_settings_ : configured_.settings; }

  Shared& shared_;
  std::string name_;
  std::unique_ptr<sdk::Host> host_;
  std::unique_ptr<Journal> journal_;
  sdk::Progress progress_;

  // What the configuration says of the agent, and what it will say between operations.
  struct Configured {
    Setup mode = Setup::orphaned;
    core::AgentSettings settings;
    std::vector<std::string> errors;
  } configured_;
  std::optional<Configured> pending_;
  std::shared_ptr<Parts> parts_, operation_parts_;
  core::AgentSettings operation_settings_;
  std::vector<Background> watches_;
  std::shared_ptr<void> listening_;

  core::Decision decision_;
  // What the last looks have found: evaluate.cpp.
  struct Seen {
    std::optional<sdk::TimePoint> at;  // decided
    std::uint64_t answer = 0;          // number of the poller's that was taken
    std::vector<std::string> channel_warnings;
    std::optional<Poller::Failure> channel_error;  // what is wrong with that answer
    std::vector<core::NamedVerdict> verdicts;
    sdk::Installed installed;
    bool inspected = false;  // installed means something
  } seen_;
  // Asked again later: until then, for this target and this installed version.
  struct Postponed {
    sdk::Reason reason;
    std::string text, target, installed;
    sdk::TimePoint until;
    sdk::TimePoint at;
    std::uint64_t seen;               // outside_changes_ of then
    std::optional<sdk::Reason> only;  // decisions for this reason; nullopt: for any
  };
  std::optional<Postponed> postponed_;
  std::unique_ptr<Preflight> preflight_;
  std::unique_ptr<Herald> herald_;
  std::string wish_trouble_;           // why a wish that was taken still stands there
  std::string told_preflight_;         // what was said of it last
  std::uint64_t outside_changes_ = 0;  // that the installer has noticed
  std::string window_warning_;
  std::vector<std::string> stuck_now_;  // what the host looked like when a stuck operation was last looked at

  OneAtATime looking_, taking_;  // evaluate, take_offer
  std::deque<std::shared_ptr<Request>> requests_;
  struct Permit {
    const sdk::Schedule* schedule;
    Background kept;
    std::string missing;  // why the running operation has none now
  };
  std::vector<Permit> permits_;
  std::string permit_lost_;  // why the running operation is admitted no more
  Wake permit_gone_;         // and may change nothing more
  Wake wake_, parts_free_;
  int using_parts_ = 0;
  bool units_changed_ = false, evaluate_ = true;
  // starting: the journal is to be read; known: it was, or could not be, and the coroutine's turn is to come; dead: an internal error.
  enum class Life { starting, known, served, dead, over } life_ = Life::starting;
  AgentCounters counters_;
  bool stalled_ = false;                  // an operation waits for its journal to be written
  bool journal_lost_ = false;             // somebody else has written: nothing more is, until it is gone on from there
  std::optional<sdk::BootTime> kept_at_;  // nullopt: it is due
  std::string trouble_;                   // what keeps the agent from going on, beside a journal that cannot be written
};

}  // namespace upkeep::engine
