// SPDX-License-Identifier: Apache-2.0
#include "support/verb_order.h"

#include <map>
#include <set>

#include "core/agent_state.h"

namespace upkeep::test {
namespace {

using core::Event;
using core::Hook;
using core::Phase;

class Order {
 public:
  std::vector<std::string> faults;

  void take(const std::string& line) {
    ++place_;
    const auto space = line.find(' ');
    const auto word = line.substr(0, space), rest = space == std::string::npos ? "" : line.substr(space + 1);
    if (word == "life") {
      deeds_ = Deeds();
      keep_owed_ = true;
    } else if (word == "wrote") {
      wrote(rest);
    } else if (word == "prepare") {
      need(in(Phase::preparing), line + " outside preparing");
      deeds_.prepared = true;
    } else if (word == "admit") {
      need(in(Phase::preparing) || (admitted_.contains(rest) && !in(Phase::stuck)), line + " of nothing that begins or goes on");
      need(state_.operation && state_.operation->id == rest, line + " of another operation");
      admitted_.insert(rest);
      done_owed_.insert(rest);
    } else if (word == "apply") {
      need(in(Phase::applying) && deeds_.may_apply, line + " without its record in this life, or again of what is not broken");
      need(state_.operation && state_.operation->change.to == rest, line + " of another version than the recorded one");
      deeds_.may_apply = false;
      deeds_.standing.clear();
    } else if (word == "verify") {
      need(state_.operation && core::touched(state_.operation->phase), line + " outside an operation");
    } else if (word == "verified") {
      deeds_.standing = rest;
    } else if (word == "activate") {
      need(in(Phase::activating) && deeds_.standing == "target", line + " of a target that was not verified");
    } else if (word == "restarted") {
      deeds_.restarted = true;
    } else if (word == "revert") {
      need(in(Phase::reverting), line + " outside reverting");
      need(state_.operation && state_.operation->back_to == rest, line + " to another version than the recorded one");
      deeds_.standing.clear();
      deeds_.restarted = false;
    } else if (word == "take") {
      need(state_.wish && state_.wish->identity == rest, line + " without its record");
    } else if (word == "hook") {
      hook(rest);
    } else if (word == "keep") {
      need(!state_.operation, "keep during an operation");
      need(!unproven(), "keep of a version that was never committed");
      keep_owed_ = false;
    } else if (word == "done") {
      need(!state_.operation && state_.last() != nullptr && state_.last()->id == rest, line + " of what has not ended");
      done_owed_.erase(rest);
    }
  }

  [[nodiscard]] std::vector<std::string> owed() const {
    std::vector<std::string> out;
    if (keep_owed_ && !unproven()) out.emplace_back("never kept");
    if (!hook_owed_.empty()) out.push_back("never run to its end: " + hook_owed_);
    for (const auto& id : done_owed_) out.push_back("admitted and never done: " + id);
    return out;
  }

 private:
  // Of this life.
  struct Deeds {
    bool prepared = false, restarted = false;
    bool may_apply = false;  // its record stands, and it is the first one or mends what is broken
    std::string standing;
    std::string hook_begun;       // "NAME OPERATION" whose record stands, and is not that of its end
    std::set<std::string> hooks;  // that ran
  };

  void need(bool good, const std::string& what) {
    if (!good) faults.push_back("at " + std::to_string(place_) + ": " + what);
  }
  // What is installed is what a superseded operation has left: for going back the version of before it is still kept.
  [[nodiscard]] bool unproven() const { return !superseded_.empty() && state_.last_seen == superseded_; }
  [[nodiscard]] bool in(Phase phase) const { return state_.operation && state_.operation->phase == phase; }
  [[nodiscard]] bool configured(Hook which) const {
    const auto hooks = state_.operation->settings.find("hooks");
    return hooks != state_.operation->settings.end() && hooks->contains(core::name(which));
  }
  // Ended well, or, when it may fail, at all.
  [[nodiscard]] bool ran(Hook which, bool well) const {
    const auto ended = hooks_ended_.find(std::string(core::name(which)) + " " + state_.operation->id);
    return !configured(which) || (ended != hooks_ended_.end() && (ended->second || !well));
  }

  void hook(const std::string& which) {
    need(deeds_.hook_begun == which, "hook " + which + " without its record in this life");
    need(deeds_.hooks.insert(which).second, "hook " + which + " twice in one life");
    need(!hooks_ended_.contains(which), "hook " + which + " again after its end");
    if (which.starts_with("before_apply"))
      need(in(Phase::preparing) && deeds_.prepared && admitted_.contains(state_.operation->id), "hook " + which + " before the gate");
    else if (which.starts_with("after_apply"))
      need(in(Phase::activating) && deeds_.standing == "target" && !deeds_.restarted, "hook " + which + " not between apply and restart");
    else
      need(!state_.operation && which == hook_owed_, "hook " + which + " of another end");
  }

  void wrote_hook(const core::Entry& entry) {
    const auto which = entry.fields.at("hook").get<std::string>() + " " + entry.operation;
    if (entry.fields.at("state") == "started") {
      deeds_.hook_begun = which;
      ++hook_starts_[which];
      return;
    }
    // One that takes the daemon down each time is given up.
    need(deeds_.hooks.contains(which) || hook_starts_[which] > core::kMaxResumes,
         "hook " + which + " has ended and did not run in this life");
    deeds_.hook_begun.clear();
    hooks_ended_[which] = entry.fields.at("ok").get<bool>();
    if (hook_owed_ == which) hook_owed_.clear();
  }

  void wrote_end(const core::Entry& entry, const std::string& said) {
    const auto& operation = *state_.operation;
    const auto result = entry.fields.value("result", std::string());
    if (result == "overtaken") need(deeds_.standing == "elsewhere", said + ": nobody was seen");
    if (in(Phase::applying) && result == "failed") need(deeds_.standing == "baseline", said + ": nothing was verified");
    if (in(Phase::reverting) && result != "stuck") need(deeds_.standing == "baseline" && deeds_.restarted, said + ": it was not gone back");
    if (result == "stuck") return;
    if (result != "refused" && result != "failed") superseded_ = result == "superseded" ? operation.change.to : "";
    keep_owed_ = keep_owed_ || (!operation.change.to.empty() && result != "superseded");
    const bool back = result == "rolled_back" || result == "withdrawn" || hook_starts_.contains("before_apply " + entry.operation);
    if (result != "committed" && !back) return;
    const auto due = result == "committed" ? Hook::after_commit : Hook::after_rollback;
    if (configured(due)) hook_owed_ = std::string(core::name(due)) + " " + entry.operation;
  }

  void wrote_phase(const core::Entry& entry, const std::string& said) {
    const auto phase = entry.fields.value("phase", std::string());
    if (core::name(state_.operation->phase) == phase) {
      deeds_.may_apply = deeds_.standing == "broken";
      return;
    }
    if (phase == "applying") {
      need(deeds_.prepared && admitted_.contains(entry.operation), said + ": not prepared, or not admitted");
      need(ran(Hook::before_apply, true), said + ": before_apply has not run well");
      deeds_.may_apply = true;
    }
    if (phase == "activating") need(deeds_.standing == "target", said + ": nothing was verified");
    if (phase == "soaking")
      need(deeds_.restarted && ran(Hook::after_apply, false), said + ": nothing was restarted, or after_apply has not run");
    // No installer of these stories fails and leaves it broken: what is only torn is installed again, as often as it may be.
    if (phase == "reverting" && in(Phase::applying) && deeds_.standing == "broken")
      need(state_.operation->resumes >= core::kMaxResumes, said + ": given up too early");
    deeds_.restarted = false;
  }

  void wrote(std::string line) {
    line.pop_back();
    const auto entry = core::decode(line);
    if (!entry) return need(false, "no entry: " + line);
    const auto said = std::string(core::name(entry->event)) + " " + entry->fields.value("phase", std::string()) + " " +
                      entry->fields.value("result", std::string());
    if (entry->event == Event::begin) {
      need(!state_.operation, "an operation begins within another one");
      for (const auto& one : owed()) need(false, "an operation begins, and " + one);
      deeds_.prepared = false;
    }
    if (entry->event == Event::wish && entry->fields.at("state") == "taken")
      need(wishes_.insert(entry->fields.at("identity")).second, "a wish is taken twice");
    if (state_.operation && entry->event == Event::phase) wrote_phase(*entry, said);
    if (state_.operation && entry->event == Event::end) wrote_end(*entry, said);
    if (entry->event == Event::hook) wrote_hook(*entry);
    const auto folded = core::fold(state_, *entry);
    need(folded.has_value(), folded ? "" : said + ": " + folded.error().message);
    const bool counted = state_.operation && !in(Phase::soaking);  // a soak counts its machine's boots instead
    need(!counted || state_.operation->resumes <= core::kMaxResumes, said + ": again and again without an end");
  }

  core::AgentState state_;
  std::set<std::string> admitted_, done_owed_;
  std::set<std::string> wishes_;  // taken; no two of a story are alike
  bool keep_owed_ = false;
  std::string superseded_;                   // the version whose operation was, until another one changes it
  std::string hook_owed_;                    // "NAME OPERATION"
  std::map<std::string, int> hook_starts_;   // records of its begin, over all lives
  std::map<std::string, bool> hooks_ended_;  // and whether well
  Deeds deeds_;
  int place_ = 0;
};

}  // namespace

std::vector<std::string> out_of_order(const std::vector<std::string>& story) {
  Order order;
  for (const auto& line : story) order.take(line);
  return order.faults;
}

std::vector<std::string> owed(const std::vector<std::string>& story) {
  Order order;
  for (const auto& line : story) order.take(line);
  return order.owed();
}

}  // namespace upkeep::test
