// SPDX-License-Identifier: Apache-2.0
// How upkeep-root fills a package store with rpms, in a folder that stands for the host: dnf, zypper and rpm answer what a hostile
// repository could make them, cp and sha256sum are the real ones.
#include "sdk/kept.h"
#include "sdk/root_helper.h"
#include "unit/root_rpm.h"

namespace upkeep::root {
namespace {

namespace fs = std::filesystem;

const std::string kStored = "/var/lib/upkeep-store/demo";

class RootRpmStore : public RootRpm {
 protected:
  RootRpmStore() { with_versionlock(); }

  std::vector<sdk::Kept> kept() const { return sdk::parse_kept(read(kStored + "/kept")).value_or(std::vector<sdk::Kept>{}); }
  // Enabling, or a run of the unit; what is in the way.
  std::string fill() {
    if (!exists("/var/lib/upkeep-root/enabled/demo")) {
      if (const auto error = do_enable(); !error.empty()) return error;
    }
    return outcome([](Outside& outside) { return store(outside, "demo"); });
  }
  std::string versions() const {
    std::string out;
    for (const auto& copy : kept()) {
      out += copy.package + " " + copy.version;
      for (const auto& one : copy.with) out += " with " + one.name + " " + one.version;
      out += " in " + copy.folder + "\n";
    }
    return out;
  }
};

TEST_F(RootRpmStore, KeepsWhatIsInstalledWithTheKeysOfItsRepository) {
  ASSERT_EQ(do_enable(), "") << out_.str();
  ASSERT_EQ(versions(), "demo-agent 1.2.3-1 in 1\n") << out_.str();
  std::string paths;
  const auto copies = kept();
  for (const auto& file : copies[0].files) paths += file.path + "\n";
  EXPECT_EQ(paths, "keys/1.asc\nrepodata/repomd.xml\ndemo-agent.rpm\n");
  EXPECT_EQ(read(kStored + "/1/keys/1.asc"), "the demo's key");
  EXPECT_EQ(kept()[0].origin, "demo");
  EXPECT_NE(
      read(kStored + "/yum.repo")
          .find("[upkeep-store-demo-N1]\nname=upkeep-store-demo-N1\nbaseurl=file:///var/lib/upkeep-store/demo/1\nenabled=1\nautorefresh=1\n"
                "gpgcheck=1\nrepo_gpgcheck=0\npkg_gpgcheck=1\ngpgkey=file:///var/lib/upkeep-store/demo/1/keys/1.asc\npriority=200\n"
                "cost=2000\nskip_if_unavailable=1\n"),
      std::string::npos)
      << read(kStored + "/yum.repo");
  EXPECT_EQ(fs::read_symlink(base_ + "/etc/yum.repos.d/upkeep-store-demo.repo").string(), kStored + "/yum.repo");
  EXPECT_TRUE(called("/usr/bin/rpmkeys --dbpath " + base_ + kStored + "/work/keys --define _pkgverify_level all --checksig"));
  EXPECT_TRUE(
      called("/usr/bin/busctl --timeout=20 --auto-start=no call org.freedesktop.PackageKit /org/freedesktop/PackageKit "
             "org.freedesktop.PackageKit SuggestDaemonQuit"));
  called_.clear();
  EXPECT_EQ(fill(), "");
  EXPECT_FALSE(called("/usr/bin/dnf")) << "what is right asks nobody";
  EXPECT_EQ(do_disable(), "");
  EXPECT_FALSE(exists(kStored) || fs::is_symlink(base_ + "/etc/yum.repos.d/upkeep-store-demo.repo"));
}

TEST_F(RootRpmStore, PasswordsInTheHostsSourcesStayRoots) {
  ASSERT_EQ(do_enable(), "");
  ASSERT_EQ(repos_.size(), 1U);
  EXPECT_EQ(modes_, 0600U);
  EXPECT_EQ(work_, 0700U) << "dnf's logs in it are for all to read";
  EXPECT_EQ(mode(kStored + "/1"), 0755U);
  EXPECT_EQ(repos_[0],
            "[demo]\nname=Demo\nbaseurl=https://u:secret@example.com/rpm https://mirror.example.com/rpm\ngpgcheck=1\npkg_gpgcheck=1\n"
            "gpgkey=file:///etc/pki/demo\nenabled=1\nskip_if_unavailable=0\n");
  for (const auto& entry : fs::recursive_directory_iterator(base_ + kStored)) {
    if (!entry.is_regular_file()) continue;
    EXPECT_EQ(read(entry.path().string().substr(base_.size())).find("secret"), std::string::npos) << entry.path();
  }
  EXPECT_EQ(out_.str().find("secret"), std::string::npos);
}

TEST_F(RootRpmStore, WhatAToolSaysShowsNoPassword) {
  offers_.clear();
  for (const std::string said :
       {"cannot read https://u:secret@example.com/rpm/x: 7", "\"ftp://u:p@secret@h\" is https://secret@h", "a://:secret@ b://b/c@d",
        "'https://example.com/rpm?secret&k=secret' no", "https://example.com?secret\nand http://h/?secret"}) {
    why_not_ = said;
    EXPECT_NE(fill().find("demo: /usr/bin/dnf download failed: "), std::string::npos);
    EXPECT_EQ(read(kStored + "/problem").find("secret"), std::string::npos) << read(kStored + "/problem");
  }
  EXPECT_NE(read(kStored + "/problem").find("https://example.com\nand http://h/)"), std::string::npos) << read(kStored + "/problem");
  why_not_ = "a://:secret@ b://b/c@d 'c://c?secret'?";
  EXPECT_NE(fill(), "");
  EXPECT_NE(read(kStored + "/problem").find("a:// b://b/c@d 'c://c'?"), std::string::npos) << read(kStored + "/problem");
}

TEST_F(RootRpmStore, PackageKitIsAskedToEndOnlyWhileItHasNoTransaction) {
  const std::string ask =
      "/usr/bin/busctl --timeout=20 --auto-start=no call org.freedesktop.PackageKit /org/freedesktop/PackageKit "
      "org.freedesktop.PackageKit ";
  busy_ = 3;
  ASSERT_EQ(do_enable(), "");
  EXPECT_EQ(std::count(called_.begin(), called_.end(), ask + "GetTransactionList"), 4);
  EXPECT_EQ(waits_, 3);
  EXPECT_TRUE(called(ask + "SuggestDaemonQuit"));
  EXPECT_EQ(out_.str().find("PackageKit is busy"), std::string::npos);
  called_.clear();
  waits_ = 0;
  busy_ = 1000;
  installed("demo-agent", "2.3.4-1");
  ASSERT_EQ(fill(), "");
  EXPECT_FALSE(called(ask + "SuggestDaemonQuit")) << "it would cancel what others have waiting";
  EXPECT_EQ(waits_, 40);
  EXPECT_NE(out_.str().find("PackageKit is busy: it sees the copy once it is idle"), std::string::npos) << out_.str();
}

TEST_F(RootRpmStore, CachesOfAnotherAgentStay) {
  const std::vector<std::string> ours = {"upkeep-store-web-N3", "upkeep-store-web-N3-0a1b", "upkeep-store-web-N12.solv"};
  const std::vector<std::string> others = {"upkeep-store-web-2-N3", "upkeep-store-web-2-N3.solv", "upkeep-store-web-n-N3",
                                           "upkeep-store-web-N"};
  const auto forget = [&](const std::string& agent) {
    for (const auto& all : {ours, others})
      for (const auto& id : all) write("/cache/" + id + "/cookie", "");
    EXPECT_EQ(outcome([&](Outside& outside) -> sdk::Result<void> {
                forget_caches(outside, "/cache", agent);
                return {};
              }),
              "");
  };
  forget("web");
  for (const auto& id : ours) EXPECT_FALSE(exists("/cache/" + id)) << id;
  for (const auto& id : others) EXPECT_TRUE(exists("/cache/" + id)) << id;
  forget("web-2");
  for (const auto& id : ours) EXPECT_TRUE(exists("/cache/" + id)) << id;
  EXPECT_FALSE(exists("/cache/upkeep-store-web-2-N3") || exists("/cache/upkeep-store-web-2-N3.solv"));
}

TEST_F(RootRpmStore, WhatDoesNotVerifyIsNotKept) {
  verifies_ = false;
  EXPECT_NE(fill().find("demo-agent 1.2.3-1 does not verify"), std::string::npos);
  EXPECT_FALSE(exists(kStored + "/1") || exists(kStored + "/work") || exists(kStored + "/kept"));
  EXPECT_NE(read(kStored + "/problem").find("does not verify"), std::string::npos);
  verifies_ = true;
  is_ = "evil-agent\t1.2.3-1\tnoarch";
  EXPECT_NE(fill().find("what the repository gives for demo-agent 1.2.3-1 is \"evil-agent"), std::string::npos);
  is_ = "demo-agent\t0:1.2.3-1\tnoarch";
  EXPECT_EQ(fill(), "");
  EXPECT_FALSE(exists(kStored + "/problem"));
}

TEST_F(RootRpmStore, EveryRepositoryIsAskedTheLikelyOneFirst) {
  write("/etc/yum.repos.d/a.repo", "[first]\ngpgkey=file:///etc/pki/demo\n[off]\nenabled=0\n[second]\nbaseurl=x\n");
  ASSERT_EQ(do_enable(), "");
  EXPECT_EQ(repos_.size(), 1U) << "where it came from";
  installed("demo-agent", "2.3.4-1");
  from_ = "@System";
  offers_ = {{"second", "rpm"}};
  known_keys_ =
      "noise\n-----BEGIN PGP PUBLIC KEY BLOCK-----\nA\n-----END PGP PUBLIC KEY BLOCK-----\nnoise\n-----BEGIN PGP PUBLIC KEY BLOCK-----\nB\n"
      "-----END PGP PUBLIC KEY BLOCK-----\n";
  repos_.clear();
  EXPECT_EQ(fill(), "");
  ASSERT_EQ(repos_.size(), 2U);
  EXPECT_TRUE(repos_[0].starts_with("[first]") && repos_[1].starts_with("[second]"));
  EXPECT_EQ(kept()[0].origin, "second");
  EXPECT_EQ(read(kStored + "/2/keys/2.asc"), "-----BEGIN PGP PUBLIC KEY BLOCK-----\nB\n-----END PGP PUBLIC KEY BLOCK-----\n");
  installed("demo-agent", "3.0.0-1");
  offers_.clear();
  const auto why = fill();
  EXPECT_NE(why.find("no repository of this host offers demo-agent 3.0.0-1 any more (first: "), std::string::npos) << why;
  EXPECT_NE(why.find("(demo: /usr/bin/dnf download failed: Error: No package"), std::string::npos) << why;
  EXPECT_EQ(versions(), "demo-agent 2.3.4-1 in 2\ndemo-agent 1.2.3-1 in 1\n") << "what is there stays";
}

TEST_F(RootRpmStore, WithoutAKeyNothingCanBeVerified) {
  write("/etc/yum.repos.d/demo.repo", "[demo]\nbaseurl=x\n");
  ASSERT_EQ(do_enable(), "");
  EXPECT_NE(out_.str().find("no package store: no repository in /etc/yum.repos.d has a key"), std::string::npos) << out_.str();
  EXPECT_FALSE(exists(kStored));
  write("/etc/yum.repos.d/demo.repo", "[demo]\nbaseurl=x\n[other]\ngpgkey=https://example.com/key\n");
  ASSERT_EQ(do_enable(), "");
  EXPECT_NE(read(kStored + "/problem").find("demo has no key (gpgkey=), and rpm knows none"), std::string::npos);
  fs::remove(base_ + "/usr/bin/createrepo_c");
  ASSERT_EQ(do_enable(), "");
  EXPECT_NE(out_.str().find("no package store: createrepo_c is not installed"), std::string::npos);
  EXPECT_FALSE(exists(kStored));
}

TEST_F(RootRpmStore, CompanionsAreKeptInTheVersionsThatAreInstalled) {
  use("yum", "with = [\"demo-libs\", \"demo-tools\"]\n");
  installed("demo-libs", "7-1");
  ASSERT_EQ(do_enable(), "");
  EXPECT_EQ(versions(), "demo-agent 1.2.3-1 with demo-libs 7-1 in 1\n");
  EXPECT_EQ(kept()[0].files.back().path, "demo-agent.rpm");
  EXPECT_TRUE(exists(kStored + "/1/demo-libs.rpm"));
  EXPECT_FALSE(exists(kStored + "/1/demo-tools.rpm"));
  installed("demo-libs", "8-1");
  EXPECT_EQ(fill(), "");
  EXPECT_EQ(versions(), "demo-agent 1.2.3-1 with demo-libs 8-1 in 2\n") << "of one version one copy";
  installed("demo-libs", "9-1");
  installed("demo-agent", "2.3.4-1");
  EXPECT_EQ(fill(), "");
  EXPECT_EQ(versions(), "demo-agent 2.3.4-1 with demo-libs 9-1 in 3\ndemo-agent 1.2.3-1 with demo-libs 8-1 in 2\n");
  fs::remove(base_ + kStored + "/3/demo-libs.rpm");
  EXPECT_EQ(fill(), "");
  EXPECT_EQ(versions(), "demo-agent 2.3.4-1 with demo-libs 9-1 in 4\ndemo-agent 1.2.3-1 with demo-libs 8-1 in 2\n") << "it was not whole";
  installed_too("demo-libs", "8-1", "0");
  EXPECT_NE(fill().find("demo-libs is in the middle of a change (installed twice)"), std::string::npos);
}

TEST_F(RootRpmStore, ZypperReadsTheCopiesAndNoOtherRepository) {
  use("zypper");
  search_ =
      "<solvable status=\"installed\" name=\"demo-agent\" kind=\"package\" edition=\"1.2.3-1\" arch=\"noarch\" repository=\"Demo\"/>\n";
  write("/etc/zypp/repos.d/a.repo", "[a]\nbaseurl=x\n");
  ASSERT_EQ(do_enable(), "");
  EXPECT_EQ(versions(), "demo-agent 1.2.3-1 in 1\n");
  ASSERT_EQ(repos_.size(), 1U);
  EXPECT_TRUE(repos_[0].starts_with("[demo]"));
  EXPECT_TRUE(called("/usr/bin/zypper --non-interactive refresh upkeep-store-demo-N1"));
  EXPECT_FALSE(called("/usr/bin/zypper --non-interactive refresh\n"));
  EXPECT_TRUE(called("/usr/bin/rpmkeys --define _pkgverify_level all --checksig")) << "with the keys that rpm has, as zypper will";
  for (const std::string id : {"upkeep-store-demo-N1", "upkeep-store-demo-N7", "upkeep-store-demo-x-N1", "demo"})
    write("/var/cache/zypp/raw/" + id + "/cookie", "");
  installed("demo-agent", "2.3.4-1");
  ASSERT_EQ(fill(), "");
  EXPECT_TRUE(exists("/var/cache/zypp/raw/upkeep-store-demo-N1") && exists("/var/cache/zypp/raw/demo"));
  EXPECT_FALSE(exists("/var/cache/zypp/raw/upkeep-store-demo-N7"));
  EXPECT_EQ(do_disable(), "");
  EXPECT_FALSE(exists("/var/cache/zypp/raw/upkeep-store-demo-N1"));
  EXPECT_TRUE(exists("/var/cache/zypp/raw/upkeep-store-demo-x-N1") && exists("/var/cache/zypp/raw/demo")) << "another agent's";
}

}  // namespace
}  // namespace upkeep::root
