// SPDX-License-Identifier: Apache-2.0
// A state store with two writers: an operation whose journal somebody else has written goes on from that journal, and adds
// nothing to what it did not know.
#include <gtest/gtest.h>

#include "core/journal_format.h"
#include "support/rig.h"

namespace upkeep::test {
namespace {

using namespace std::chrono_literals;
using sdk::Result;
using sdk::Task;

// What is stored, and what the other writer does right before an entry of ours: its own entry, once.
struct Store {
  std::string bytes;
  std::function<std::optional<core::Entry>(const core::Entry& ours)> other;
};
Store* g_store = nullptr;

class SharedState : public sdk::State {
 public:
  Task<Result<sdk::JournalBytes>> load() override { co_return Result<sdk::JournalBytes>(sdk::JournalBytes{g_store->bytes}); }
  Task<sdk::Append> append(std::uint64_t /*sequence*/, std::string line) override {
    if (g_store->other) {
      if (const auto entry = g_store->other(*core::decode(line))) {
        g_store->bytes += core::encode(*entry) + "\n";
        g_store->other = nullptr;
        co_return sdk::Append::lost;
      }
    }
    g_store->bytes += line + "\n";
    co_return sdk::Append::done;
  }
  Task<Result<void>> truncate(std::size_t size) override {
    g_store->bytes.resize(size);
    co_return Result<void>();
  }
  Task<Result<void>> compact(std::string bytes) override {
    g_store->bytes = std::move(bytes);
    co_return Result<void>();
  }
  Task<Result<std::vector<std::string>>> agents() override { co_return Result<std::vector<std::string>>(std::vector<std::string>()); }
  Task<Result<std::string>> set_aside() override { co_return Result<std::string>("aside"); }
};

Result<std::unique_ptr<sdk::State>> make_shared_state(sdk::Host& /*host*/, const sdk::Config& /*config*/) {
  return std::make_unique<SharedState>();
}
const sdk::Descriptor kShared = {.name = "shared", .summary = "two writers", .make = sdk::Factory<sdk::State>(&make_shared_state)};

// The other one takes the version back in the very moment in which ours would commit it.
std::optional<core::Entry> revert_before_the_end(const core::Entry& ours) {
  if (ours.event != core::Event::end) return std::nullopt;
  auto entry = ours;
  entry.event = core::Event::phase;
  entry.fields = {
      {"phase", "reverting"}, {"detail", "the other one saw it fail"}, {"result", "rolled_back"}, {"quarantine", {{"version", "2.3.4"}}}};
  return entry;
}

TEST(TwoWriters, TheOperationGoesOnFromWhatTheOtherOneWrote) {
  World world;
  world.version = "2.3.4";
  Store store;
  g_store = &store;
  store.other = revert_before_the_end;
  world.state = "shared";
  Rig rig(world, nullptr, {&kShared});
  EXPECT_TRUE(rig.until([&] { return rig.last_result() == "rolled_back"; }, 1h)) << rig.status();
  EXPECT_EQ(world.installed, "1.2.3-1");
  EXPECT_EQ(world.running, "1.2.3-1");
  EXPECT_TRUE(rig.until([&] { return rig.reason() == "quarantined"; }, 1h)) << rig.status();
}

// A record that is lost stops nothing by itself; what comes after it must know.
TEST(TwoWriters, WhatIsLostInPassingStopsTheNextStep) {
  World world;
  world.version = "2.3.4";
  world.records = true;
  Store store;
  g_store = &store;
  store.other = [](const core::Entry& ours) -> std::optional<core::Entry> {
    if (ours.event != core::Event::record) return std::nullopt;
    auto entry = ours;
    entry.event = core::Event::phase;
    entry.fields = {{"phase", "applying"}, {"detail", "the other one goes on"}};
    return entry;
  };
  world.state = "shared";
  Rig rig(world, nullptr, {&kShared});
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 1h)) << rig.status();
  const auto phases = rig.history()[0]["phases"];
  EXPECT_EQ(phases[2]["detail"], "the other one goes on");
  EXPECT_EQ(phases[3]["detail"], "resumed after a restart") << phases;
}

// A command is the first of ours to find it.
TEST(TwoWriters, WhatACommandFindsTheOperationHearsOf) {
  World world;
  world.version = "2.3.4";
  Store store;
  g_store = &store;
  world.state = "shared";
  Rig rig(world, nullptr, {&kShared});
  ASSERT_TRUE(rig.until([&] { return rig.phase() == "soaking"; }, 1h));
  const auto id = rig.status()["operation"]["id"].get<std::string>();
  store.other = [&](const core::Entry& ours) -> std::optional<core::Entry> {
    auto entry = ours;
    entry.event = core::Event::phase;
    entry.operation = id;
    entry.fields = {
        {"phase", "reverting"}, {"detail", "the other one saw it fail"}, {"result", "rolled_back"}, {"quarantine", {{"version", "2.3.4"}}}};
    return entry;
  };
  EXPECT_FALSE(rig.ask(engine::Verb::suspend));
  EXPECT_TRUE(rig.until([&] { return rig.last_result() == "rolled_back"; }, 1h)) << rig.status();
  EXPECT_EQ(world.installed, "1.2.3-1");
}

}  // namespace
}  // namespace upkeep::test
