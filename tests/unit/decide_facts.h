// SPDX-License-Identifier: Apache-2.0
#pragma once
// Facts for the tests of the decision: one small world in which 2.3.4 is due (reason window_open), to be changed by a test.

#include <optional>
#include <ostream>
#include <string>

#include "core/decide.h"

namespace upkeep::core {

inline sdk::Version version(std::string_view text) { return sdk::Version::parse(text).value(); }
inline sdk::TimePoint time_at(std::string_view text) { return sdk::parse_rfc3339(text).value(); }

const std::string kMonday = "2027-01-04T12:00:00Z";  // the World's now
const std::string kLater = "2027-01-05T02:00:00Z";

struct World {
  World() {
    release.version = version("2.3.4");
    release.origin = "https://updates.example.com/v1/current";
    install("1.2.3");
    installed.way_back.how = sdk::WayBackHow::repository;
    facts.now = time_at(kMonday);
    facts.agent = "demo";
    facts.policy.downgrade = Downgrade::same_major;
    schedule(true, "2027-01-04T13:00:00Z");
  }

  void install(std::string_view text) {
    installed.version = text;
    installed.release = sdk::release_of(text);
  }
  void pin(std::string_view text) { facts.pin = Pin{version(text)}; }
  void withdraw(std::string_view text, std::optional<sdk::Version> go_to = {}) { release.withdrawn.push_back({version(text), go_to}); }
  // Replaces the schedules by one; more are added with add_schedule.
  void schedule(bool open, std::optional<std::string> changes_at) {
    facts.schedules.clear();
    add_schedule(open, changes_at, "window Mon 12:00-13:00 UTC");
  }
  void add_schedule(bool open, std::optional<std::string> changes_at, std::string reason, std::string name = "window") {
    sdk::Verdict verdict{open, {}, std::move(reason)};
    if (changes_at) verdict.changes_at = time_at(*changes_at);
    facts.schedules.push_back({std::move(name), verdict});
  }

  // With `installed` and, unless there is none, `release`.
  [[nodiscard]] Decision decide() {
    facts.installed = &installed;
    facts.release = nothing_read ? nullptr : &release;
    return core::decide(facts);
  }
  [[nodiscard]] sdk::Reason reason() { return decide().reason; }
  [[nodiscard]] std::string text() { return decide().text; }

  sdk::Release release;
  sdk::Installed installed;
  Facts facts;
  bool nothing_read = false;
};

}  // namespace upkeep::core

// So that a failed comparison prints names instead of numbers.
namespace upkeep::sdk {
inline void PrintTo(Reason reason, std::ostream* out) { *out << name(reason); }
inline void PrintTo(Action action, std::ostream* out) { *out << name(action); }
inline void PrintTo(const Version& version, std::ostream* out) { *out << version.str(); }
}  // namespace upkeep::sdk

// The whole decision but its time and target. Needs <gtest/gtest.h>.
#define EXPECT_DECISION(world, action_, reason_, text_) \
  do {                                                  \
    Decision decided = (world).decide();                \
    EXPECT_EQ(decided.action, action_);                 \
    EXPECT_EQ(decided.reason, reason_);                 \
    EXPECT_EQ(decided.text, text_);                     \
  } while (false)
