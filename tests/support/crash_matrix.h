// SPDX-License-Identifier: Apache-2.0
#pragma once
// A scenario is lived through, the daemon dies in one point of it, is built anew from the bytes that are left, and dies again
// in a point of its recovery. Points are what an undisturbed life passes: each journal write and each place in a verb.

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/rig.h"

namespace upkeep::test {

// A daemon that lives, between two of its steps.
struct Life {
  World& world;
  Rig& rig;
  engine::Configuration& disk;  // what the next life reads
  nlohmann::json status;
  [[nodiscard]] bool in(std::string_view phase) const { return status["phase"] == phase; }
};

struct End {
  std::string installed;    // and running
  std::string result;       // of the newest operation
  std::string quarantined;  // versions, with commas
  std::string reason;       // of the decision
  bool operator==(const End&) const = default;
  [[nodiscard]] std::string text() const { return installed + "|" + result + "|" + quarantined + "|" + reason; }
};

struct Scenario {
  std::string name;
  std::vector<End> legal;
  std::function<void(World&)> make;       // the outside at the beginning
  std::function<bool(Life&)> until = {};  // a first life without any fault, up to here
  std::function<void(Life&)> act = {};    // what operators and the channel do meanwhile, again in each life
  std::function<void(core::AgentSettings&)> adjust = {};
  bool owes_at_its_end = false;  // after a restart nobody knows whom to tell that it is done, and to keep
  int most_applies = 3;          // of one version
};
std::vector<Scenario> scenarios();
Scenario scenario(const std::string& name);

// What a point leaves: the process is gone, the machine is gone, or neither.
enum class Where { process, machine };

struct Point {
  int write = 0;  // this journal write (1, 2, …), or
  WriteFault fault = WriteFault::none;
  std::string place;  // this place at its nth time
  int nth = 1;
  Where dies = Where::process;
  [[nodiscard]] bool kills() const { return fault != WriteFault::landed_but_error && fault != WriteFault::not_landed_error; }
  [[nodiscard]] std::string kind() const { return place.empty() ? "append" : "verb"; }
  [[nodiscard]] std::string text() const;
};

// A world, what is on its disk beside the journal, and how far it has come.
struct Trial {
  World world;
  engine::Configuration disk;
  bool ended = false, died = false;
  int writes_before = 0;
  End end;
  nlohmann::json history;
};
Trial begin(const Scenario& scenario);
// One life, to a legal end, a death, or a day without either.
void live(const Scenario& scenario, Trial& run);
void arm(Trial& run, const Point& point);
// After a death.
void rise(Trial& run, const Point& point);
// What can go wrong in what the run has passed since it was armed with nothing, or struck.
std::vector<Point> points(const Trial& run);
// What is wrong with the end; empty: nothing.
std::string judge(const Scenario& scenario, const Trial& run);

}  // namespace upkeep::test
