// SPDX-License-Identifier: Apache-2.0
// The native driver on a host in memory: what it has systemd run, in which order, and what it makes of every end.

#include <asio/experimental/awaitable_operators.hpp>

#include "shared/native/native.h"
#include "support/fake_systemd.h"
#include "support/native_tool.h"

namespace upkeep::shared::native {
namespace {

using namespace std::chrono_literals;
using sdk::Errc;
using test::joined;
using test::order_of;

constexpr const char* kUnit = "upkeep-native-demo.service";

class KeptNote : public sdk::Note {
 public:
  sdk::Task<sdk::Result<void>> write(std::string bytes) override {
    if (failure) co_return sdk::fail(*failure);
    written.push_back(std::move(bytes));
    if (on_write) on_write();
    co_return sdk::Result<void>();
  }
  sdk::Task<sdk::Result<void>> record(sdk::Topic, std::vector<std::string>) override { throw std::logic_error("record"); }
  std::vector<std::string> written;
  std::optional<sdk::Error> failure;
  std::function<void()> on_write;
};

class NativeDriverTest : public testing::Test {
 protected:
  NativeDriverTest() {
    host.contents["/proc/self/status"] = "Name:\tupkeepd\nUmask:\t0077\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n";
    host.contents["/usr/bin/apt-get"] = host.contents["/usr/bin/dnf"] = host.contents["/run/systemd/system"] = "";
  }
  std::unique_ptr<packages::Driver> driver(const Tool& tool = apt_get()) { return make_native(host, tool, 30min); }
  sdk::Result<Report> install(const Order& order, const Tool& tool = apt_get()) {
    return host.run(driver(tool)->install(order, note, "\nmore"));
  }
  sdk::Result<Report> simulate(const Order& order, const Tool& tool = apt_get()) { return host.run(driver(tool)->simulate(order)); }
  [[nodiscard]] std::vector<std::string> left() const {
    std::vector<std::string> out;
    for (const auto& [path, bytes] : host.contents)
      if (path.starts_with("native/")) out.push_back(path);
    return out;
  }

  test::FakeSystemd host;
  KeptNote note;
  const Order upgrade = order_of("demo-agent", "2.3.4-1");
};

TEST_F(NativeDriverTest, IsReadyOnlyAsRoot) {
  EXPECT_TRUE(host.run(driver()->ready()));
  for (const char* status : {"Name:\tupkeepd\nUid:\t998\t998\t998\t998\n", "Uid:\t0\t998\t0\t0\n", "Uid:\t", "", "Guid:\t0\t0\t0\t0\n"}) {
    host.contents["/proc/self/status"] = status;
    const auto ready = host.run(driver()->ready());
    ASSERT_FALSE(ready) << status;
    EXPECT_EQ(ready.error().code, Errc::unsupported);
    EXPECT_NE(ready.error().message.find("/usr/share/doc/upkeep/examples/native.conf"), std::string::npos) << ready.error().message;
  }
  host.contents.erase("/proc/self/status");
  EXPECT_EQ(host.run(driver()->ready()).error().code, Errc::transient);
}

TEST_F(NativeDriverTest, IsNotReadyWithoutTheToolOrSystemd) {
  EXPECT_EQ(host.run(driver(zypper())->ready()).error().message, "/usr/bin/zypper does not exist");
  host.contents.erase("/run/systemd/system");
  EXPECT_EQ(host.run(driver()->ready()).error().code, Errc::unsupported);
}

TEST_F(NativeDriverTest, ASimulationIsOneRunWhosePlanIsRead) {
  host.runs.push_back({.out = "Inst demo-agent [1.2.3-1] (2.3.4-1 x [all])\n"});
  const auto report = simulate(upgrade);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->plan, (std::vector<packages::PlanLine>{{packages::Act::install, "demo-agent", "2.3.4-1"}}));
  ASSERT_EQ(host.started.size(), 1U);
  EXPECT_EQ(host.argv(0), apt_get().simulate(upgrade, {}));
  EXPECT_EQ(host.started[0].arguments.at(0).text(), kUnit);
  EXPECT_EQ(host.property("TimeoutStartUSec").number(), 1'800'000'000U);
  std::string environment;
  const auto variables = host.property("Environment");
  for (const auto& one : variables.items()) environment += one.text() + "\n";
  EXPECT_EQ(
      environment,
      "DEBIAN_FRONTEND=noninteractive\nLANG=C.UTF-8\nLC_ALL=C.UTF-8\nPATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"
      "ZYPP_LOCK_TIMEOUT=60\n");
  EXPECT_EQ(host.property("StandardOutputFile").text(), "/state/native/demo.out");
  EXPECT_TRUE(left().empty());
}

TEST_F(NativeDriverTest, AnInstallationIsJournalledBeforeItBegins) {
  note.on_write = [&] { EXPECT_TRUE(host.started.empty()); };
  host.runs.push_back({.out = "Setting up demo-agent (2.3.4-1) ...\n"});
  const auto report = install(upgrade);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_FALSE(report->failure);
  EXPECT_EQ(note.written, (std::vector<std::string>{"Upkeep: apt-get installs for the agent demo, run 0000000000000001\nmore"}));
  EXPECT_EQ(host.property("Description").text() + "\nmore", note.written[0]);
  EXPECT_EQ(host.argv(0), apt_get().install(upgrade, {}));
  EXPECT_EQ(report->told, (std::vector<std::string>{"apt-get: Setting up demo-agent (2.3.4-1) ...", "apt-get: ended with exit status 0"}));
}

TEST_F(NativeDriverTest, WhatCannotBeJournalledIsNotBegun) {
  note.failure = sdk::Error(Errc::transient, "disk full");
  EXPECT_EQ(install(upgrade).error().message, "disk full");
  EXPECT_TRUE(host.started.empty());
}

TEST_F(NativeDriverTest, AFailureIsAReportWithItsReaction) {
  host.runs.push_back({.status = 100, .err = "E: Sub-process /usr/bin/dpkg returned an error code (1)\n"});
  const auto report = install(upgrade);
  ASSERT_TRUE(report) << report.error().message;
  ASSERT_TRUE(report->failure);
  EXPECT_EQ(report->failure->reaction, Reaction::failed);
  EXPECT_TRUE(left().empty());
  EXPECT_FALSE(host.units.contains(kUnit));  // systemd keeps no failed one
}

TEST_F(NativeDriverTest, WhatSystemdHadToEndIsAnErrorThatSaysWhatWasSaidLast) {
  host.runs.push_back({.status = 15, .out = "Setting up demo-agent ...\n", .result = "timeout"});
  const auto late = install(upgrade);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Errc::timeout);
  EXPECT_EQ(late.error().message, "apt-get had not ended after 30m, and systemd has ended it; it said last: \"Setting up demo-agent ...\"");
  host.runs.push_back({.status = 9, .result = "oom-kill"});
  const auto killed = install(upgrade);
  ASSERT_FALSE(killed);
  EXPECT_EQ(killed.error().code, Errc::transient);
}

TEST_F(NativeDriverTest, TwoRunsOfAnAgentAreNeverThereAtOnce) {
  host.units[kUnit] = {.active = "activating", .description = "a former one"};
  int looks = 0;
  host.on_sleep = [&] {
    if (!host.started.empty()) return;
    if (++looks == 5) host.finish(kUnit, 1);  // and fails
  };
  EXPECT_TRUE(install(upgrade));
  EXPECT_EQ(looks, 5);
  EXPECT_EQ(host.started.size(), 1U);
}

TEST_F(NativeDriverTest, AfterARestartTheOldRunIsWaitedForAndNoOther) {
  const std::string begun = "Upkeep: apt-get installs for the agent demo, run 0123456789abcdef";
  host.units[kUnit] = {.active = "activating", .description = begun};
  int looks = 0;
  host.on_sleep = [&] {
    if (++looks == 5) host.finish(kUnit, 0);
  };
  EXPECT_TRUE(host.run(driver()->wait_for(begun)));
  EXPECT_EQ(looks, 5);
  host.units[kUnit] = {.active = "activating", .description = "Upkeep: apt-get installs for the agent demo, run 0000000000000002"};
  EXPECT_TRUE(host.run(driver()->wait_for(begun)));
  EXPECT_TRUE(host.run(driver()->wait_for("")));
  EXPECT_EQ(looks, 5);
  host.units[kUnit].description = begun;
  EXPECT_EQ(host.run(driver()->wait_for(begun)).error().code, Errc::timeout);
  EXPECT_TRUE(host.started.empty());
}

TEST_F(NativeDriverTest, OfALongOutputTheLastIsTaken) {
  host.runs.push_back({.status = 100, .out = std::string(2'000'000, 'x'), .err = "E: Sub-process x\n"});
  host.programs.emplace("/usr/bin/tail", sdk::ProcessResult{.exit_code = 0, .out = "the last words\n"});
  const auto report = install(upgrade);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->told[0], "apt-get: the last words");
  EXPECT_EQ(host.calls.back(), "run /usr/bin/tail --bytes=65536 -- /state/native/demo.out");
  EXPECT_TRUE(left().empty());
  host.runs.push_back({.out = std::string(2'000'000, 'x')});
  EXPECT_EQ(simulate(upgrade).error().message, "apt-get prints a plan that is longer than can be judged");
}

TEST_F(NativeDriverTest, AnUnsoundOrderIsRefused) {
  for (const auto& order :
       {order_of("-rf", "1"), order_of("demo-agent", "1 --force"), order_of("a/b", "1"), order_of("demo-agent", ""), Order{}}) {
    EXPECT_FALSE(simulate(order));
    EXPECT_FALSE(install(order));
    EXPECT_FALSE(host.run(driver()->download(order, true)));
  }
  EXPECT_TRUE(host.started.empty());
}

// The table of a dnf that would go back to 1.2.3.
constexpr const char* kGoesBack =
    "====================\n Package\n====================\nDowngrading:\n demo-agent noarch 1.2.3-1 upkeep-store-demo-1 5.4 "
    "k\n\nTransaction Summary\n"
    "====================\nDowngrade  1 Package\n\n";

TEST_F(NativeDriverTest, AWayBackComesFromTheStoreWhereThatHasAllOfIt) {
  auto back = order_of("demo-agent", "1.2.3-1", true);
  back.packages[0].store = "upkeep-store-demo-1";
  host.runs.push_back({.status = 1, .out = kGoesBack, .err = "Operation aborted.\n"});
  const auto one = driver(dnf());
  ASSERT_TRUE(host.run(one->simulate(back)));
  ASSERT_TRUE(host.run(one->install(back, note, "")));
  ASSERT_EQ(host.started.size(), 2U);
  EXPECT_EQ(host.argv(0), dnf().simulate(back, {"upkeep-store-demo-1"}));
  EXPECT_EQ(host.argv(1), dnf().install(back, {"upkeep-store-demo-1"}));
}

TEST_F(NativeDriverTest, AWayBackThatTheStoreCannotGiveComesFromTheHostsRepositories) {
  auto back = order_of("demo-agent", "1.2.3-1", true);
  back.packages[0].store = "upkeep-store-demo-1";
  host.runs.push_back({.status = 1, .err = "Error: Unable to find a match: demo-agent-1.2.3-1\n"});
  host.runs.push_back({.status = 1, .out = kGoesBack, .err = "Operation aborted.\n"});
  const auto report = simulate(back, dnf());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->plan.size(), 1U);
  EXPECT_EQ(host.argv(1), dnf().simulate(back, {}));
}

TEST_F(NativeDriverTest, ReadingTheListsFailsAsTheToolSays) {
  EXPECT_TRUE(host.run(driver()->refresh(true)));
  EXPECT_EQ(host.argv(0), apt_get().refresh(true));
  host.runs.push_back({.status = 100, .err = "E: The repository 'x' is not signed.\n"});
  const auto forged = host.run(driver()->refresh(false));
  ASSERT_FALSE(forged);
  EXPECT_EQ(forged.error().code, Errc::denied);
  EXPECT_TRUE(forged.error().message.starts_with("reading the package lists: apt-get: ")) << forged.error().message;
}

TEST_F(NativeDriverTest, ARepairIsTheToolsOwnIfItHasOne) {
  EXPECT_TRUE(host.run(driver()->repair()));
  EXPECT_EQ(host.argv(0), apt_get().repair());
  EXPECT_TRUE(host.run(driver(dnf())->repair()));
  EXPECT_EQ(host.started.size(), 1U);
}

TEST_F(NativeDriverTest, TheAgeOfTheListsIsThatOfTheNewestOfTheHosts) {
  EXPECT_GT(*host.run(driver()->age_of_lists()), std::chrono::hours(24 * 365));
  host.folders["/var/lib/apt/lists"] = {"auxfiles", "lock", "partial", "x_Packages"};
  host.programs.emplace("/usr/bin/stat", sdk::ProcessResult{.exit_code = 0, .out = "3599000\n"});  // the clock says 3600000
  EXPECT_EQ(*host.run(driver()->age_of_lists()), 1000s);
  EXPECT_EQ(host.calls.back(), "run /usr/bin/stat --format=%Y /var/lib/apt/lists/partial");
  host.folders["/var/cache/dnf"] = {"demo-93ef", "upkeep-store-demo-1-ab"};
  host.folders["/var/cache/dnf/demo-93ef/repodata"] = {"repomd.xml"};
  host.programs.erase("/usr/bin/stat");
  host.programs.emplace("/usr/bin/stat", sdk::ProcessResult{.exit_code = 1, .out = "1000\n3599990\nno number\n"});
  EXPECT_EQ(*host.run(driver(dnf())->age_of_lists()), 10s);
  EXPECT_EQ(host.calls.back(), "run /usr/bin/stat --format=%Y /var/cache/dnf/demo-93ef /var/cache/dnf/demo-93ef/repodata/repomd.xml");
  host.programs.erase("/usr/bin/stat");
  host.programs.emplace("/usr/bin/stat", sdk::ProcessResult{.exit_code = 0, .out = "3600001\n"});
  EXPECT_GT(*host.run(driver(dnf())->age_of_lists()), std::chrono::hours(24 * 365));
}

TEST_F(NativeDriverTest, TwoCoroutinesTakeTurns) {
  const auto one = driver(), other = driver();
  using namespace asio::experimental::awaitable_operators;
  int looks = 0;
  host.on_sleep = [&] {
    if (++looks == 8) host.finish(kUnit, 0);
  };
  host.units[kUnit] = {.active = "activating", .description = "a former one"};
  host.runs.push_back({.out = "Inst demo-agent [1.2.3-1] (2.3.4-1 x [all])\n"});
  host.runs.push_back({.out = "Inst demo-agent [1.2.3-1] (2.3.4-1 x [all])\n"});
  const auto both = [&]() -> sdk::Task<std::size_t> {
    auto [first, second] = co_await (one->simulate(upgrade) && other->simulate(upgrade));
    co_return first&& second ? first->plan.size() + second->plan.size() : 0;
  };
  EXPECT_EQ(host.run(both()), 2U);
  EXPECT_EQ(host.started.size(), 2U);
}

TEST_F(NativeDriverTest, WhatWritesCachesIsAskedOutsideOfTheSandbox) {
  host.runs.push_back({.out = "demo-agent;0;3.0.0-1;demo\n"});
  const auto offers = host.run(driver(dnf())->offers("demo-agent"));
  ASSERT_TRUE(offers) << offers.error().message;
  EXPECT_EQ(offers->size(), 1U);
  EXPECT_EQ(host.argv(0), dnf().offers("demo-agent"));
}

TEST_F(NativeDriverTest, OffersAreReadInTheSandbox) {
  host.programs.emplace("/usr/bin/apt-cache",
                        sdk::ProcessResult{.exit_code = 0, .out = "demo-agent | 3.0.0-1 | https://h stable/main amd64 Packages\n"});
  const auto offers = host.run(driver()->offers("demo-agent"));
  ASSERT_TRUE(offers) << offers.error().message;
  EXPECT_EQ(offers->size(), 1U);
  EXPECT_TRUE(host.started.empty());
}

}  // namespace
}  // namespace upkeep::shared::native
