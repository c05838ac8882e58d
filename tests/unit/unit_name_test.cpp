// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sdk/unit_job.h"

namespace upkeep::sdk {
namespace {

TEST(UnitName, OnlyWhatSystemdCanStartGoesOntoTheBusAndIntoARule) {
  for (const char* good : {"demo-agent.service", "teleport@eu\\x2dwest.service", "a.socket", "nightly.timer"})
    EXPECT_TRUE(is_unit_name(good)) << good;
  for (const std::string bad : {"", "demo-agent", ".service", "demo agent.service", "demo;x.service", "../demo.service", "demo.service\n",
                                "demo.device", "-demo.service", "_demo.service", "demo@eu@west.service"}) {
    EXPECT_FALSE(is_unit_name(bad)) << bad;
  }
  EXPECT_FALSE(is_unit_name(std::string(250, 'a') + ".service"));
}

}  // namespace
}  // namespace upkeep::sdk
