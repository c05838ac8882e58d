// SPDX-License-Identifier: Apache-2.0
// What an administrator of an rpm host writes to keep a package as it is.
#include "shared/rpm/holds.h"

#include <gtest/gtest.h>

namespace upkeep::shared::rpm {
namespace {

const Subject kAgent{"demo-agent", "1:1.2.3-1.el9", "x86_64"};

TEST(RpmHolds, APatternMeansAPackageByItsNameItsVersionOrAll) {
  for (const char* pattern : {"demo-agent", "demo-*", "*", "demo-agent.x86_64", "demo-agent-1:1.2.3-1.el9.x86_64",
                              "demo-agent-1:1.2.3-1.el9.*", "demo-agent-1.2.3-1.el9", "demo-agent-1.2.3*",
                              "1:demo-agent-1.2.3-1.el9.x86_64", "d?mo-agent", "[a-d]emo-agent", "[!x]emo-agent", "demo-agent-1.2.*"})
    EXPECT_TRUE(pattern_means(pattern, kAgent)) << pattern;
  for (const char* pattern : {"", "demo", "agent", "demo-agent-extras", "demo-agent-extras-0:1.0-1.*", "demo-agent-2fa-0:1.0-1.*",
                              "[x]emo-agent", "Demo-agent", "demo-agent.i686", "demo-agen", "demo-agent2", "[", "["})
    EXPECT_FALSE(pattern_means(pattern, kAgent)) << pattern;
  EXPECT_TRUE(pattern_means("demo-agent-0:0.9.0-1.*", kAgent)) << "a lock on a version that is no longer there";
  EXPECT_TRUE(pattern_means("[", {"[", "1-1", "noarch"})) << "a bracket that begins no class is itself";
  EXPECT_FALSE(pattern_means(std::string(300, '*'), kAgent)) << "longer than any pattern";
}

TEST(RpmHolds, AVersionLockIsOneAndOursIsKnown) {
  const auto locks = version_locks("# Added lock on Mon\ndemo-agent-1:1.2.3-1.el9.*\n\nother-0:1-1.*\n", kAgent);
  ASSERT_EQ(locks.size(), 1U);
  EXPECT_EQ(locks[0].where,
            "dnf's version lock \"demo-agent-1:1.2.3-1.el9.*\" in /etc/dnf/plugins/versionlock.list (`dnf versionlock delete demo-agent` "
            "lifts it)");
  EXPECT_FALSE(locks[0].of_our_kind);
  const auto ours = version_locks("!demo-agent\n", kAgent);
  ASSERT_EQ(ours.size(), 1U);
  EXPECT_TRUE(ours[0].of_our_kind);
  EXPECT_FALSE(version_locks("!demo-*  # all\n", kAgent).at(0).of_our_kind) << "somebody else's, of more";
  EXPECT_TRUE(version_locks("#demo-agent\n !\n", kAgent).empty());
}

TEST(RpmHolds, ExcludesOfAllAndOfARepositoryCount) {
  const auto holds = excludes("[main]\ngpgcheck=1\nexcludepkgs=kernel*, demo-agent\n[demo]\nexclude: other\n\tdemo-a*\n", "/etc/x", kAgent);
  ASSERT_EQ(holds.size(), 2U);
  EXPECT_EQ(holds[0].where, "excludepkgs \"demo-agent\" of the section \"main\" in /etc/x");
  EXPECT_EQ(holds[1].where, "exclude \"demo-a*\" of the section \"demo\" in /etc/x");
  EXPECT_TRUE(excludes("[main]\n#exclude=demo-agent\nexclude=\nincludepkgs=demo-agent\n", "/etc/x", kAgent).empty());
}

TEST(RpmHolds, AStanzaOfZyppsLocksIsOne) {
  const auto holds = zypp_locks("\ntype: package\nmatch_type: glob\ncase_sensitive: on\nsolvable_name: demo-agent\n", kAgent);
  ASSERT_EQ(holds.size(), 1U);
  EXPECT_EQ(holds[0].where, "zypper's lock \"demo-agent\" in /etc/zypp/locks (`sudo zypper removelock demo-agent` lifts it)");
  EXPECT_EQ(zypp_locks("solvable_name: demo-*\n\nsolvable_name: other\n\nsolvable_name: demo-agent", kAgent).size(), 2U);
  EXPECT_TRUE(zypp_locks("type: pattern\nsolvable_name: demo-agent\n", kAgent).empty()) << "a pattern is no package";
  for (const char* garbage : {"", ":", "solvable_name\n", "solvable_name:\n", "# solvable_name: demo-agent\n"})
    EXPECT_TRUE(zypp_locks(garbage, kAgent).empty()) << garbage;
}

}  // namespace
}  // namespace upkeep::shared::rpm
