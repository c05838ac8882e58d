// SPDX-License-Identifier: Apache-2.0
#include "support/verb_order.h"

#include <set>

#include "core/agent_state.h"

namespace upkeep::test {
namespace {

using core::Event;
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
    } else if (word == "wrote") {
      wrote(rest);
    } else if (word == "prepare") {
      need(in(Phase::preparing), line + " outside preparing");
      deeds_.prepared = true;
    } else if (word == "admit") {
      need(in(Phase::preparing) || in(Phase::applying) || in(Phase::activating), line + " of nothing that begins");
      need(state_.operation && state_.operation->id == rest, line + " of another operation");
      admitted_.insert(rest);
    } else if (word == "apply") {
      need(in(Phase::applying) && deeds_.prepared, line + " without prepare and its record in this life");
      need(state_.operation && state_.operation->change.to == rest, line + " of another version than the recorded one");
      need(state_.operation && applied_.insert(state_.operation->id).second, line + " twice in one operation");
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
    } else if (word == "keep") {
      need(!state_.operation, "keep during an operation");
    } else if (word == "done") {
      need(!state_.operation && state_.last() != nullptr && state_.last()->id == rest, line + " of what has not ended");
    }
  }

 private:
  // Of this life.
  struct Deeds {
    bool prepared = false, restarted = false;
    std::string standing;
  };

  void need(bool good, const std::string& what) {
    if (!good) faults.push_back("at " + std::to_string(place_) + ": " + what);
  }
  [[nodiscard]] bool in(Phase phase) const { return state_.operation && state_.operation->phase == phase; }

  void wrote(std::string line) {
    line.pop_back();
    const auto entry = core::decode(line);
    if (!entry) return need(false, "no entry: " + line);
    const auto phase = entry->fields.value("phase", std::string()), result = entry->fields.value("result", std::string());
    const auto said = std::string(core::name(entry->event)) + " " + phase + " " + result;
    const bool again = state_.operation && core::name(state_.operation->phase) == phase;
    if (entry->event == Event::begin) {
      need(!state_.operation, "an operation begins within another one");
      deeds_.prepared = false;
    }
    if (entry->event == Event::phase && !again) {
      if (phase == "applying") need(deeds_.prepared && admitted_.contains(entry->operation), said + ": not prepared, or not admitted");
      if (phase == "activating") need(deeds_.standing == "target", said + ": nothing was verified");
      if (phase == "soaking") need(deeds_.restarted, said + ": nothing was restarted");
      deeds_.restarted = false;
    }
    if (entry->event == Event::end) {
      if (result == "overtaken") need(deeds_.standing == "elsewhere", said + ": nobody was seen");
      if (in(Phase::applying) && result == "failed") need(deeds_.standing == "baseline", said + ": nothing was verified");
      if (in(Phase::reverting) && phase == "rolled_back")
        need(deeds_.standing == "baseline" && deeds_.restarted, said + ": it was not gone back");
    }
    const auto folded = core::fold(state_, *entry);
    need(folded.has_value(), folded ? "" : said + ": " + folded.error().message);
  }

  core::AgentState state_;
  std::set<std::string> admitted_, applied_;
  Deeds deeds_;
  int place_ = 0;
};

}  // namespace

std::vector<std::string> out_of_order(const std::vector<std::string>& story) {
  Order order;
  for (const auto& line : story) order.take(line);
  return order.faults;
}

}  // namespace upkeep::test
