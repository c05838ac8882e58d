// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "shared/packagekit/units.h"
#include "support/fake_packagekit.h"

namespace upkeep::shared::packagekit {
namespace {

using namespace std::chrono_literals;
using sdk::Errc;

class PkUnits : public testing::Test {
 protected:
  test::FakePackageKit host;
  sdk::Result<void> job(UnitVerb verb) { return host.run(run_unit_job(host, verb, "demo-agent.service", 10min)); }
};

TEST_F(PkUnits, EachVerbIsSystemdsAndWaitsForItsOwnJob) {
  for (const UnitVerb verb : {UnitVerb::start, UnitVerb::restart, UnitVerb::try_restart, UnitVerb::reload}) {
    const auto done = job(verb);  // another unit's job fails meanwhile
    EXPECT_TRUE(done) << done.error().message;
  }
  EXPECT_EQ(host.calls, (std::vector<std::string>{"StartUnit demo-agent.service replace", "RestartUnit demo-agent.service replace",
                                                  "TryRestartUnit demo-agent.service replace", "ReloadUnit demo-agent.service replace"}));
}

TEST_F(PkUnits, AFailedJobSaysWhereToLook) {
  host.unit_results["demo-agent.service"] = "failed";
  const auto done = job(UnitVerb::restart);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::internal);
  EXPECT_EQ(done.error().message, "restarting demo-agent.service ended as \"failed\": `journalctl -u demo-agent.service` tells why");
}

TEST_F(PkUnits, AJobThatAnotherOneReplacedIsCancelled) {
  host.unit_results["demo-agent.service"] = "canceled";
  EXPECT_EQ(job(UnitVerb::restart).error().code, Errc::cancelled);
}

TEST_F(PkUnits, AJobThatNeverEndsTimesOut) {
  host.unit_results["demo-agent.service"] = "";
  const auto before = host.boot_now();
  const auto done = job(UnitVerb::reload);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::timeout);
  EXPECT_EQ(host.boot_now() - before, 10min);
  EXPECT_EQ(done.error().message, "reloading demo-agent.service: systemd is still at it after 10m");
}

TEST_F(PkUnits, WithoutPermissionItSaysWhatAllowsIt) {
  host.refusals.emplace("RestartUnit", sdk::Error(Errc::denied, "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired: no"));
  const auto done = job(UnitVerb::restart);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::denied);
  EXPECT_NE(done.error().message.find("`sudo upkeep enable demo` allows it"), std::string::npos) << done.error().message;
}

TEST_F(PkUnits, AUnitThatDoesNotExistIsUnsupported) {
  host.refusals.emplace("StartUnit", sdk::Error(Errc::invalid, "org.freedesktop.systemd1.NoSuchUnit: Unit x.service not found."));
  EXPECT_EQ(job(UnitVerb::start).error().code, Errc::unsupported);
}

TEST_F(PkUnits, OnlyUnitNamesGoOntoTheBus) {
  for (const char* good : {"demo-agent.service", "teleport@eu\\x2dwest.service", "a.socket", "nightly.timer"})
    EXPECT_TRUE(is_unit_name(good)) << good;
  for (const std::string bad :
       {"", "demo-agent", ".service", "demo agent.service", "demo;x.service", "../demo.service", "demo.service\n", "demo.device"}) {
    EXPECT_FALSE(is_unit_name(bad)) << bad;
  }
  EXPECT_FALSE(is_unit_name(std::string(250, 'a') + ".service"));
}

}  // namespace
}  // namespace upkeep::shared::packagekit
