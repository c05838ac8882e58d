// SPDX-License-Identifier: Apache-2.0
// A schedule that stores whom it has admitted (a lease) hears the same words each time.
#include <gtest/gtest.h>

#include "support/rig.h"

namespace upkeep::test {
namespace {

using namespace std::chrono_literals;
using sdk::Result;
using sdk::Task;

std::vector<std::string> g_heard;

std::string text(const sdk::Operation& operation) {
  return operation.id + " " + operation.agent + " " + operation.from + " " + operation.to;
}

class Lease : public sdk::Schedule {
 public:
  sdk::Verdict verdict(sdk::TimePoint /*at*/, const sdk::Release* /*release*/) const override { return {true, std::nullopt, ""}; }
  Task<Result<sdk::Admission>> admit(const sdk::Operation& operation) override {
    g_heard.push_back(text(operation));
    co_return Result<sdk::Admission>(sdk::Admission());
  }
  Task<Result<void>> done(const sdk::Operation& operation) override {
    g_heard.push_back(text(operation));
    co_return Result<void>();
  }
};

Result<std::unique_ptr<sdk::Schedule>> make(sdk::Host& /*host*/, const sdk::Config& /*config*/) { return std::make_unique<Lease>(); }
const sdk::Descriptor kLease = {.name = "lease", .summary = "one at a time", .make = sdk::Factory<sdk::Schedule>(&make)};

TEST(Admission, NamesTheSameOperationFromTheGateThroughARestartToTheEnd) {
  World world;
  world.version = "2.3.4";
  world.die_in = "apply:after";
  g_heard.clear();
  const auto with_lease = [](core::AgentSettings& settings) { settings.schedules[0].use = "lease"; };
  try {
    Rig rig(world, with_lease);
    ASSERT_TRUE(rig.shared().registry.add(kLease));
    rig.until([] { return false; }, 1h);
  } catch (const Death&) {
  }
  Rig rig(world, with_lease);
  ASSERT_TRUE(rig.shared().registry.add(kLease));
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 1h)) << rig.status();
  rig.pass(1min);
  const auto id = rig.history()[0]["id"].get<std::string>();
  ASSERT_GE(g_heard.size(), 3U) << "admitted, admitted again, done";
  for (const auto& one : g_heard) EXPECT_EQ(one, id + " demo 1.2.3-1 2.3.4");
}

}  // namespace
}  // namespace upkeep::test
