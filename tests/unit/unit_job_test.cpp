// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sdk/unit_job.h"
#include "support/fake_packagekit.h"

namespace upkeep::sdk {
namespace {

using namespace std::chrono_literals;

class UnitJob : public testing::Test {
 protected:
  test::FakePackageKit host;
  Result<void> job(UnitVerb verb) { return host.run(run_unit_job(host, verb, "demo-agent.service", 10min)); }
};

TEST_F(UnitJob, EachVerbIsSystemdsAndWaitsForItsOwnJob) {
  for (const UnitVerb verb : {UnitVerb::start, UnitVerb::restart, UnitVerb::try_restart, UnitVerb::reload}) {
    const auto done = job(verb);  // another unit's job fails meanwhile
    EXPECT_TRUE(done) << done.error().message;
  }
  EXPECT_EQ(host.calls, (std::vector<std::string>{"StartUnit demo-agent.service replace", "RestartUnit demo-agent.service replace",
                                                  "TryRestartUnit demo-agent.service replace", "ReloadUnit demo-agent.service replace"}));
}

TEST_F(UnitJob, AFailedJobSaysWhereToLook) {
  host.unit_results["demo-agent.service"] = "failed";
  const auto done = job(UnitVerb::restart);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::internal);
  EXPECT_EQ(done.error().message, "restarting demo-agent.service ended as \"failed\": `journalctl -u demo-agent.service` tells why");
}

TEST_F(UnitJob, AJobThatAnotherOneReplacedIsCancelled) {
  host.unit_results["demo-agent.service"] = "canceled";
  EXPECT_EQ(job(UnitVerb::restart).error().code, Errc::cancelled);
}

TEST_F(UnitJob, AJobThatNeverEndsTimesOut) {
  host.unit_results["demo-agent.service"] = "";
  const auto before = host.boot_now();
  const auto done = job(UnitVerb::reload);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::timeout);
  EXPECT_EQ(host.boot_now() - before, 10min);
  EXPECT_EQ(done.error().message, "reloading demo-agent.service: systemd is still at it after 10m");
}

TEST_F(UnitJob, WithoutPermissionItSaysWhatAllowsIt) {
  host.refusals.emplace("RestartUnit", Error(Errc::denied, "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired: no"));
  const auto done = job(UnitVerb::restart);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::denied);
  EXPECT_NE(done.error().message.find("`sudo upkeep enable demo` allows it"), std::string::npos) << done.error().message;
}

TEST_F(UnitJob, AUnitThatDoesNotExistIsUnsupported) {
  host.refusals.emplace("StartUnit", Error(Errc::invalid, "org.freedesktop.systemd1.NoSuchUnit: Unit x.service not found."));
  EXPECT_EQ(job(UnitVerb::start).error().code, Errc::unsupported);
}

}  // namespace
}  // namespace upkeep::sdk
