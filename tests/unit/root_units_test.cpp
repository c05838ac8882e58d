// SPDX-License-Identifier: Apache-2.0
// `upkeep enable` for an installer that has a unit to restart and no package.
#include "unit/root_verbs.h"

namespace upkeep::root {
namespace {

using RootUnits = RootVerbs;

TEST_F(RootUnits, AnInstallerWithoutAPackageGetsItsUnitAndNothingOfPackageKit) {
  configure("use = \"versions\"\nprefix = \"/opt/demo\"\npackage = \"openssl\"\nrestart = \"demo.service\"\n");
  ASSERT_EQ(do_enable({}), "");
  EXPECT_EQ(read(kRule), R"(// Written by `upkeep enable demo`, taken away by `upkeep disable demo`. Changes are lost.
polkit.addRule(function (action, subject) {
  if (subject.user != "upkeep") return polkit.Result.NOT_HANDLED;
  var names = [], unit = "demo.service";
  var starts = [];

  function mayManage(wanted, verb) {
    if (verb === "start") return starts.indexOf(wanted) >= 0;
    return unit !== "" && wanted === unit && ["restart", "try-restart", "reload"].indexOf(verb) >= 0;
  }

  switch (action.id) {
    case "org.freedesktop.systemd1.manage-units":
      return mayManage(action.lookup("unit"), action.lookup("verb")) ? polkit.Result.YES : polkit.Result.NOT_HANDLED;
  }
  return polkit.Result.NOT_HANDLED;
});
)");
  EXPECT_NE(read(kEnabled).find("\"packages\":[],\"installer\":\"\",\"unit\":\"demo.service\""), std::string::npos);
  EXPECT_TRUE(called_.empty());
  EXPECT_FALSE(exists("/etc/apt"));
  // Root's verbs about packages have nothing to be about.
  EXPECT_NE(outcome([](Outside& outside) { return store(outside, "demo"); }), "");
  EXPECT_EQ(do_hold(), "");
  EXPECT_TRUE(std::none_of(called_.begin(), called_.end(), [](const std::string& call) { return call.find("hold") != std::string::npos; }));
  EXPECT_EQ(do_disable(), "");
  EXPECT_FALSE(exists(kRule) || exists(kEnabled));
}

TEST_F(RootUnits, AnAgentThatGoesFromAptToAnotherInstallerGivesItsHoldBack) {
  ASSERT_EQ(do_enable(), "");
  configure("use = \"versions\"\nrestart = \"demo.service\"\n");
  ASSERT_EQ(do_enable({}), "");
  EXPECT_TRUE(held_.empty());
  EXPECT_EQ(read(kRule).find("packagekit"), std::string::npos);
}

}  // namespace
}  // namespace upkeep::root
