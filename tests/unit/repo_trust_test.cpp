// SPDX-License-Identifier: Apache-2.0
// Whose packages nobody verifies: gpgcheck of dnf, gpgcheck and pkg_gpgcheck of zypp, with what holds where a repository says nothing.
#include "sdk/repo_trust.h"

#include <gtest/gtest.h>

#include "support/fake_packagekit.h"

namespace upkeep::test {
namespace {

class RepoTrust : public testing::Test {
 protected:
  FakePackageKit host;

  std::string unverified(const std::string& installer, const std::string& repository, const std::string& conf = "") {
    const bool zypper = installer == "zypper";
    if (!conf.empty()) host.contents[zypper ? "/etc/zypp/zypp.conf" : "/etc/dnf/dnf.conf"] = "[main]\n" + conf;
    host.contents[std::string(zypper ? "/etc/zypp/repos.d" : "/etc/yum.repos.d") + "/demo.repo"] = "[demo]\n" + repository;
    std::string out;
    for (const auto& one : sdk::unverified_repositories(host.files(), installer)) out += sdk::shown(one) + "\n";
    return out;
  }
};

TEST_F(RepoTrust, OfDnfIsGpgcheckWhichIsOffUnlessSomebodySaysSo) {
  EXPECT_EQ(unverified("yum", "gpgcheck=1\n"), "");
  EXPECT_EQ(unverified("yum", "gpgcheck=0\n"),
            "packages of the repository demo are not verified: whoever can change what it serves becomes root on this host; gpgcheck=1 in "
            "/etc/yum.repos.d/demo.repo verifies them\n");
  EXPECT_NE(unverified("yum", "name=demo\n"), "");
  EXPECT_EQ(unverified("yum", "name=demo\n", "gpgcheck=True\n"), "");
  EXPECT_NE(unverified("yum", "gpgcheck=no\n", "gpgcheck=True\n"), "");
  EXPECT_EQ(unverified("yum", "enabled=0\ngpgcheck=0\n"), "") << "nothing comes from it";
}

TEST_F(RepoTrust, OfZypperIsPkgGpgcheckAndASignedIndexIsHalfOfIt) {
  EXPECT_EQ(unverified("zypper", "pkg_gpgcheck=1\n"), "");
  EXPECT_EQ(
      unverified("zypper", "name=demo\n"),
      "of the repository demo the index is verified, and not the packages themselves: pkg_gpgcheck=1 in /etc/zypp/repos.d/demo.repo does "
      "that too\n");
  EXPECT_TRUE(unverified("zypper", "gpgcheck=0\n").starts_with("packages of the repository demo are not verified"));
  EXPECT_EQ(unverified("zypper", "name=demo\n", "pkg_gpgcheck = on\n"), "");
  EXPECT_TRUE(unverified("zypper", "name=demo\n", "gpgcheck = off\n").starts_with("packages of"))
      << "of the last row's conf nothing is left";
}

TEST_F(RepoTrust, OtherPackageManagersHaveNoSuchFiles) { EXPECT_EQ(unverified("apt", "gpgcheck=0\n"), ""); }

}  // namespace
}  // namespace upkeep::test
