// SPDX-License-Identifier: Apache-2.0
// Who else could move the package: a warning with a remedy, and none where nobody could.
#include "installer/apt/updaters.h"
#include "shared/packagekit/offline.h"

#include <algorithm>

#include "support/apt_host.h"

namespace upkeep::test {
namespace {

using plugins::apt::moved_unattended;
using shared::packagekit::moved_offline;

// As `apt-config dump` of Debian 12 prints it.
const std::string kOn = R"(APT "";
APT::Architecture "amd64";
APT::Periodic "";
APT::Periodic::Update-Package-Lists "1";
APT::Periodic::Unattended-Upgrade "1";
Unattended-Upgrade "";
Unattended-Upgrade::Origins-Pattern "";
Unattended-Upgrade::Origins-Pattern:: "origin=Debian,codename=${distro_codename},label=Debian-Security";
Unattended-Upgrade::Package-Blacklist "";
)";

TEST(MovedUnattended, FollowsTheSettingsOfApt) {
  struct {
    const char* what;
    std::string settings;
    bool moved;
  } const rows[] = {
      {"on", kOn, true},
      {"off", "APT::Periodic::Unattended-Upgrade \"0\";\n", false},
      {"never said", "APT::Periodic::Update-Package-Lists \"1\";\n", false},
      {"empty", "APT::Periodic::Unattended-Upgrade \"\";\n", false},
      {"each run", "APT::Periodic::Unattended-Upgrade \"always\";\n", true},
      {"all periodic work is off", kOn + "APT::Periodic::Enable \"0\";\n", false},
      {"the package is kept out", kOn + "Unattended-Upgrade::Package-Blacklist:: \"demo-agent\";\n", false},
      {"kept out by a beginning", kOn + "Unattended-Upgrade::Package-Blacklist:: \"demo\";\n", false},
      {"kept out whole", kOn + "Unattended-Upgrade::Package-Blacklist:: \"^demo-agent$\";\n", false},
      {"another is kept out", kOn + "Unattended-Upgrade::Package-Blacklist:: \"demo-agent-extras\";\n", true},
      {"another is kept out whole", kOn + "Unattended-Upgrade::Package-Blacklist:: \"demo$\";\n", true},
      {"an expression is not believed", kOn + "Unattended-Upgrade::Package-Blacklist:: \"(lib)?nothing.*\";\n", true},
      {"no settings", "", false},
      {"garbage", "APT::Periodic::Unattended-Upgrade \"1\nAPT::Periodic::Unattended-Upgrade\n\";\"", false},
  };
  for (const auto& row : rows) EXPECT_EQ(moved_unattended(row.settings, "demo-agent"), row.moved) << row.what;
}

TEST(MovedOffline, FindsThePackageAmongThePreparedOnes) {
  const std::string prepared = "[update]\nprepared_ids=libc6;2.36-9;amd64;debian,demo-agent;2.3.9-1;all;demo\n";
  EXPECT_EQ(moved_offline(prepared, "demo-agent"), "2.3.9-1");
  EXPECT_EQ(moved_offline(prepared, "libc6"), "2.36-9");
  EXPECT_EQ(moved_offline(prepared, "agent"), "") << "the end of a name is no name";
  EXPECT_EQ(moved_offline(prepared, "demo"), "");
  EXPECT_EQ(moved_offline("prepared_ids=demo-agent\\;2.3.9-1\\;all\\;demo\\;", "demo-agent"), "2.3.9-1");
  EXPECT_EQ(moved_offline("demo-agent;2.3.9-1;all;demo", "demo-agent"), "2.3.9-1");
  for (const auto* garbage : {"", "demo-agent", "demo-agent;", "=demo-agent;;", "demo-agent;not a version;"})
    EXPECT_EQ(moved_offline(garbage, "demo-agent"), "") << garbage;
}

class AptUpdaters : public AptHost {
 protected:
  AptUpdaters() {
    host.contents["/usr/bin/unattended-upgrade"] = "#!/usr/bin/python3";
    host.apt_config = kOn;
  }
  std::vector<std::string> warnings() { return inspect().value().warnings; }
};

TEST_F(AptUpdaters, UnattendedUpgradesWithoutAHoldIsAWarningThatNamesTheRemedy) {
  const auto said = warnings();
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0],
            "unattended-upgrades runs on this host and moves demo-agent to whatever its allowed origins offer, past windows, health checks "
            "and quarantine; `sudo upkeep enable demo` (without --no-hold) sets a hold that keeps it away");
}

TEST_F(AptUpdaters, AnybodysHoldKeepsItAway) {
  host.packages["demo-agent"].want = "hold";
  EXPECT_TRUE(warnings().empty());
  host.contents["/var/lib/upkeep-root/holds/demo"] = "demo-agent\n";
  EXPECT_TRUE(warnings().empty());
}

TEST_F(AptUpdaters, WhereItIsOffOrNotInstalledNothingIsSaid) {
  host.apt_config = "APT::Periodic::Unattended-Upgrade \"0\";\n";
  EXPECT_TRUE(warnings().empty());
  host.apt_config = "";  // apt-config fails
  EXPECT_TRUE(warnings().empty());
  host.apt_config = kOn;
  host.contents.erase("/usr/bin/unattended-upgrade");
  EXPECT_TRUE(warnings().empty());
}

TEST_F(AptUpdaters, APreparedOfflineUpdateIsAWarningAlsoWithAHold) {
  host.contents["/var/lib/PackageKit/prepared-update"] = "[update]\nprepared_ids=demo-agent;2.3.9-1;all;demo\n";
  host.packages["demo-agent"].want = "hold";
  host.contents["/var/lib/upkeep-root/holds/demo"] = "demo-agent\n";
  const auto said = warnings();
  ASSERT_EQ(said.size(), 1U);
  EXPECT_TRUE(contains(said[0], "an offline update that PackageKit has prepared installs demo-agent 2.3.9-1")) << said[0];
  EXPECT_TRUE(contains(said[0], "`sudo rm /var/lib/PackageKit/prepared-update`"));
  host.contents["/var/lib/PackageKit/prepared-update"] = "[update]\nprepared_ids=other;2.3.9-1;all;demo\n";
  EXPECT_TRUE(warnings().empty());
}

}  // namespace
}  // namespace upkeep::test
