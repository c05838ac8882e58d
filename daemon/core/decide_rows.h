// SPDX-License-Identifier: Apache-2.0
#pragma once
// Inside of decide: the rows of the table, each a function that either does not match or says what it has to say. decide.cpp
// has their order.

#include <optional>
#include <string>

#include "core/decide.h"

namespace upkeep::core {

// Facts, and what several rows conclude from them.
struct View {
  explicit View(const Facts& facts_);
  View(const Facts& facts_, std::optional<sdk::Version> target_);

  const Facts& facts;
  std::optional<sdk::Version> target;  // nullopt: nothing is wanted
  bool pinned = false;                 // the target is a pin's
  bool critical = false;               // the release is critical, and the target is the channel's
  bool forced = false;
  std::string goal;   // the target's text
  std::string agent;  // for commands in texts

  // For rows behind those that end what has none: no_release, and withdrawn for the target. std::logic_error: a row was moved.
  [[nodiscard]] const sdk::Release& release() const;
  [[nodiscard]] const sdk::Version& wanted() const;
  // The target is not what the channel offers, but what it names in place of a withdrawn version.
  [[nodiscard]] bool leaves_withdrawn() const { return !pinned && release().version != target; }
  // nullopt: not installed, or no semantic version.
  [[nodiscard]] const std::optional<sdk::Version>& installed_release() const { return facts.installed->release; }
  [[nodiscard]] const std::string& installed() const { return facts.installed->version; }
  // Whether an operator's force said this word too.
  [[nodiscard]] bool said(bool Force::*word) const { return facts.force && (*facts.force).*word; }
};

// "`upkeep VERB AGENT REST`"
[[nodiscard]] std::string command(const View& view, const std::string& verb, const std::string& rest = "");

using Row = std::optional<Decision> (*)(const View&);
[[nodiscard]] inline Decision row(sdk::Action action, sdk::Reason reason, std::string text, std::optional<sdk::TimePoint> until = {}) {
  Decision decision;
  decision.action = action;
  decision.reason = reason;
  decision.until = until;
  decision.text = std::move(text);
  return decision;
}

// What is wanted (decide_want.cpp).
std::optional<Decision> suspended(const View& view);
std::optional<Decision> no_release(const View& view);
std::optional<Decision> not_trusted(const View& view);
std::optional<Decision> pinned(const View& view);
std::optional<Decision> withdrawn(const View& view);
std::optional<Decision> up_to_date(const View& view);
std::optional<Decision> not_installed(const View& view);
// Whether it may be (decide_may.cpp).
std::optional<Decision> quarantined(const View& view);
std::optional<Decision> downgrade(const View& view);
std::optional<Decision> major_skip(const View& view);
std::optional<Decision> minimum_from(const View& view);
std::optional<Decision> not_before(const View& view);
std::optional<Decision> rollout_share(const View& view);
std::optional<Decision> no_way_back(const View& view);
std::optional<Decision> held(const View& view);
std::optional<Decision> contested(const View& view);
// When it starts (decide_when.cpp); the last one always matches.
std::optional<Decision> forced(const View& view);
std::optional<Decision> rollback(const View& view);
std::optional<Decision> critical(const View& view);
std::optional<Decision> unhealthy(const View& view);
std::optional<Decision> window_open(const View& view);
std::optional<Decision> outside_window(const View& view);

}  // namespace upkeep::core
