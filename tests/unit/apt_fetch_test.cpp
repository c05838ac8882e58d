// SPDX-License-Identifier: Apache-2.0
// Downloading ahead of time: the call that would install, with one more flag, in the background.
#include "support/apt_host.h"

namespace upkeep::test {
namespace {

using sdk::Errc;

class AptFetch : public AptHost {
 protected:
  sdk::Result<void> fetch() {
    auto apt = installer();
    return host.run(apt.fetch(change));
  }
};

TEST_F(AptFetch, DownloadsExactlyTheVersionAndInstallsNothing) {
  const auto done = fetch();
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(host.called("InstallPackages 10 demo-agent;2.3.4-1;all;"), 1) << "only_trusted and only_download";
  EXPECT_EQ(host.called("InstallPackages"), 1);
  EXPECT_EQ(host.called("SetHints interactive=false background=true"), 1) << "anybody else goes first";
  EXPECT_EQ(there(), "1.2.3-1 installed");
  EXPECT_TRUE(note.written.empty());
}

TEST_F(AptFetch, ADowngradeIsAllowedWhereItWasAskedFor) {
  change.to = "1.2.2-1";
  change.downgrade = true;
  host.archives = {"demo-agent_1.2.2-1_all.deb"};
  ASSERT_TRUE(fetch());
  EXPECT_EQ(host.called("InstallPackages 74 demo-agent;1.2.2-1;all;"), 1);
}

TEST_F(AptFetch, WhatIsDownloadedAlreadyIsFine) {
  host.archives = {"demo-agent_2.3.4-1_all.deb"};
  next("InstallPackages", {pk_finished(1), pk_destroy()});
  EXPECT_TRUE(fetch());
}

TEST_F(AptFetch, SuccessWithoutTheFileIsNotBelieved) {
  for (const auto* other : {"demo-agent_2.3.3-1_all.deb", "demo-agent-extras_2.3.4-1_all.deb", "demo-agent_2.3.4-10_all.deb",
                            "demo-agent_2.3.4-1_all.deb.FAILED"}) {
    host.archives = {other};
    next("InstallPackages", {pk_finished(1), pk_destroy()});
    const auto done = fetch();
    ASSERT_FALSE(done) << other;
    EXPECT_EQ(done.error().code, Errc::internal);
    EXPECT_TRUE(contains(done.error().message, "PackageKit says that it downloaded demo-agent 2.3.4-1, but /var/cache/apt/archives"));
  }
}

TEST_F(AptFetch, AnEpochIsSpelledAsAptNamesFiles) {
  change.to = "1:2.3.4-1";
  host.archives = {"demo-agent_1%3a2.3.4-1_all.deb"};
  next("InstallPackages", {pk_finished(1), pk_destroy()});
  EXPECT_TRUE(fetch());
}

TEST_F(AptFetch, AFullDiskAndALostNetworkAreTransient) {
  next("InstallPackages", {pk_error(46, "You don't have enough free space in /var/cache/apt/archives/."), pk_finished(2), pk_destroy()});
  EXPECT_EQ(fetch().error().code, Errc::transient);
  next("InstallPackages", {pk_error(10, "Could not connect to packages.example.com:443"), pk_finished(2), pk_destroy()});
  EXPECT_EQ(fetch().error().code, Errc::transient);
  next("InstallPackages", {pk_finished(9), pk_destroy()});
  EXPECT_EQ(fetch().error().code, Errc::busy) << "it gave way to somebody";
}

TEST_F(AptFetch, WhatIsNotWhatTheReleaseSaysIsToldAhead) {
  change.packages = {{"demo-agent_2.3.4-1_all.deb", std::string(64, 'b')}};
  EXPECT_EQ(fetch().error().code, Errc::denied);
  host.sha256 = std::string(64, 'b');
  EXPECT_TRUE(fetch());
}

class AptAskedAgain : public AptHost {
 protected:
  AptAskedAgain() { change.to.clear(); }
  Installer apt = installer();
};

TEST_F(AptAskedAgain, AfterARefusalTheListsAreReadAnewAndAfterASuccessNot) {
  next("InstallPackages",
       {pk_package(11, "demo-agent;2.3.4-1;all;demo"), pk_package(13, "demo-addon;1.0-1;all;demo"), pk_finished(1), pk_destroy()});
  ASSERT_FALSE(host.run(apt.prepare(change)));
  EXPECT_EQ(host.called("RefreshCache"), 0);
  ASSERT_TRUE(host.run(apt.prepare(change)));
  EXPECT_EQ(host.called("RefreshCache"), 1) << "what the repository says may have been why";
  ASSERT_TRUE(host.run(apt.prepare(change)));
  EXPECT_EQ(host.called("RefreshCache"), 1);
}

}  // namespace
}  // namespace upkeep::test
