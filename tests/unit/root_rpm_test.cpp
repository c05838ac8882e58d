// SPDX-License-Identifier: Apache-2.0
// What upkeep-root makes of rpm's answers: what is installed, what is interrupted, what is held, who is believed.
#include "unit/root_rpm.h"
#include "sdk/root_helper.h"

namespace upkeep::root {
namespace {

const std::string kLockList = "/etc/dnf/plugins/versionlock.list";

class RootRpmLook : public RootRpm {
 protected:
  std::string look(const std::string& manager = "yum") {
    std::string seen;
    const auto error = outcome([&](Outside& outside) {
      return package_manager(manager)->look(outside, "demo-agent").map([&](const Package& now) {
        seen = now.status + " " + now.version + (now.there ? " there" : "") + (now.whole ? " whole" : "") + (now.held ? " held" : "");
        for (const auto& file : now.conffiles) seen += " [" + file.path + " " + file.digest + "]";
      });
    });
    return error.empty() ? seen : error;
  }
  std::string repair(bool scripts) {
    std::string words;
    const auto error = outcome([&](Outside& outside) {
      return package_manager("yum")->repair(outside, {"demo-agent", "demo-libs"}, scripts).map([&](const auto& argv) {
        words = line(argv);
      });
    });
    return error.empty() ? words : error;
  }
};

TEST_F(RootRpmLook, OneVersionIsWholeTwoAreATransactionThatDidNotEnd) {
  EXPECT_EQ(look(), "installed 1.2.3-1 there whole");
  installed_too("demo-agent", "1.2.3-1", "1", "i686");
  EXPECT_EQ(look(), "installed 1.2.3-1 there whole") << "for two architectures";
  installed("demo-agent", "0:2.0.0~rc.1-1.el9", "7");
  EXPECT_EQ(look(), "installed 2.0.0~rc.1-1.el9 there whole") << "an epoch of 0 is none";
  installed("demo-agent", "3:1.0-1");
  EXPECT_EQ(look(), "installed 3:1.0-1 there whole");
  installed("demo-agent", "2.3.4-1", "200");
  installed_too("demo-agent", "1.2.3-1", "99");
  EXPECT_EQ(look(), "installed twice 2.3.4-1 there") << "the one that was installed last, by number";
  database_["demo-agent"] = "demo-agent-1.2.3\t7-1\tnoarch\t1\t1\t1\n";
  EXPECT_EQ(look(), "not installed ") << "another package";
  for (const std::string odd : {"demo-agent\t1.2 3\tnoarch\t1\t1\t1\n", "demo-agent\t1-1\tno arch\t1\t1\t1\n",
                                "demo-agent\t1-1\tnoarch\tx\t1\t1\n", "demo-agent\t--root=/\tnoarch\t1\t1\t1\n"}) {
    database_["demo-agent"] = odd;
    EXPECT_NE(look().find("cannot be read"), std::string::npos) << odd;
  }
}

TEST_F(RootRpmLook, ConfigurationFilesAreThePlainOnes) {
  files_ =
      "/etc/demo agent.conf 3 1 98ea6e 0100644 root root 1 0 0 X\n/etc/link.conf 6 1 0000 0120777 root root 1 0 0 /etc/x\n"
      "/etc/dir 6 1 0000 040755 root root 1 0 0 X\nrelative 3 1 98 0100644 root root 1 0 0 X\n(contains no files)\n";
  EXPECT_EQ(look(), "installed 1.2.3-1 there whole [/etc/demo agent.conf 98ea6e]");
}

TEST_F(RootRpmLook, ARepairErasesWhatTheTransactionHadYetToErase) {
  EXPECT_EQ(repair(true), "");
  installed("demo-agent", "1:2.3.4-1", "200", "x86_64");
  EXPECT_EQ(repair(true), "");
  installed_too("demo-agent", "1.2.3-1", "100", "noarch");
  installed_too("demo-agent", "1.2.2-1", "90", "x86_64");
  EXPECT_EQ(repair(true), "/usr/bin/rpm --erase demo-agent-1.2.3-1.noarch demo-agent-1.2.2-1.x86_64");
  EXPECT_EQ(repair(false), "/usr/bin/rpm --erase --noscripts --notriggers demo-agent-1.2.3-1.noarch demo-agent-1.2.2-1.x86_64");
  installed("demo-libs", "2-1", "200");
  installed_too("demo-libs", "1-1", "200");  // of one second: the later number
  EXPECT_NE(repair(true).find(" demo-libs-2-1.noarch"), std::string::npos);
}

TEST_F(RootRpmLook, ArchitecturesAreJudgedOneByOne) {
  installed("demo-agent", "2.3.4-1", "200", "x86_64");
  installed_too("demo-agent", "1.2.3-1", "100", "i686");
  EXPECT_EQ(look(), "installed 2.3.4-1 there whole");
  EXPECT_EQ(repair(true), "") << "beside each other, and for good";
  installed_too("demo-agent", "1.2.2-1", "90", "i686");
  EXPECT_EQ(look(), "installed twice 2.3.4-1 there");
  EXPECT_EQ(repair(true), "/usr/bin/rpm --erase demo-agent-1.2.2-1.i686");
  installed("demo-agent", "3-1", "200", "x86_64");
  installed_too("demo-agent", "2-1", "100");
  installed_too("demo-agent", "3-1", "90", "i686");
  EXPECT_EQ(repair(true), "/usr/bin/rpm --erase demo-agent-2-1.noarch") << "what goes is nobody's reason to go";
}

TEST_F(RootRpmLook, WhatRpmInstallsBesideItselfIsNeverErased) {
  installed("demo-agent", "2.3.4-1", "200", "x86_64");
  installed_too("demo-agent", "1.2.3-1", "100", "x86_64");
  for (const std::string provides : {"demo-agent = 2.3.4\ninstallonlypkg(kernel)\n", "multiversion(demo)\n"}) {
    provides_ = provides;
    EXPECT_EQ(look(), "installed 2.3.4-1 there whole") << provides;
    EXPECT_EQ(repair(true), "") << provides;
  }
  provides_ = "demo-agent = 2.3.4\nnot-installonlypkg(kernel)\n";
  EXPECT_EQ(look(), "installed twice 2.3.4-1 there");
  EXPECT_EQ(repair(true), "/usr/bin/rpm --erase demo-agent-1.2.3-1.x86_64");
  std::string words;
  installed("kernel-default", "6.2-1", "200", "x86_64");
  installed_too("kernel-default", "6.1-1", "100", "x86_64");
  EXPECT_EQ(
      outcome([&](Outside& outside) {
        return package_manager("zypper")->repair(outside, {"kernel-default"}, true).map([&](const auto& argv) { words = line(argv); });
      }),
      "");
  EXPECT_EQ(words, "");
}

TEST_F(RootRpmLook, ALockOfOursGoesEvenWhenRpmCannotBeAsked) {
  with_versionlock();
  write(kLockList, "other-0:1-1.*\n");
  ASSERT_EQ(do_enable({.store = false}), "");
  EXPECT_EQ(out_.str().find("cannot be told from"), std::string::npos) << "dnf's can: " << out_.str();
  ASSERT_NE(read(kLockList), "other-0:1-1.*\n");
  rpm_fails_ = true;
  EXPECT_EQ(do_disable(), "");
  EXPECT_EQ(read(kLockList), "other-0:1-1.*\n");
  EXPECT_FALSE(exists("/var/lib/upkeep-root/holds/demo"));
}

TEST_F(RootRpmLook, AnybodysLockOnThisVeryPackageIsAHold) {
  for (const std::string lock :
       {"!demo-agent", "demo-agent", "demo-agent-0:1.2.3-1.*", "!demo-agent-0:2-1.*", "0:demo-agent-1.2.3-1.noarch", " demo-agent-1-1\r"}) {
    write(kLockList, "# demo-agent\nother-0:1-1.*\n" + lock + "\n");
    EXPECT_EQ(look(), "installed 1.2.3-1 there whole held") << lock;
  }
  for (const std::string other :
       {"# !demo-agent", "demo-agent-libs-0:1.2.3-1.*", "demo-agent-libs", "demo", "demo-0:agent-1.*", "-", "--", "x", "1:"}) {
    write(kLockList, other + "\n");
    EXPECT_EQ(look(), "installed 1.2.3-1 there whole") << other;
  }
  write(kLockList, "!demo-agent\n");
  EXPECT_EQ(look("zypper"), "installed 1.2.3-1 there whole") << "dnf's is not zypper's";
}

TEST_F(RootRpmLook, TheHoldIsALineOfVersionlockAndOthersLinesStay) {
  with_versionlock();
  write(kLockList, "# mine\nother-0:1-1.*\n");
  ASSERT_EQ(do_enable({.store = false}), "");
  const std::string with =
      "# mine\nother-0:1-1.*\n# Upkeep moves demo-agent, and nobody else; `upkeep disable` takes this away.\n!demo-agent\n";
  EXPECT_EQ(read(kLockList), with);
  ASSERT_EQ(do_enable({.store = false}), "");
  EXPECT_EQ(read(kLockList), with);
  write(kLockList, "other-0:1-1.*\n");
  EXPECT_EQ(outcome([](Outside& outside) { return hold(outside, "demo"); }), "");
  EXPECT_NE(read(kLockList).find("\n!demo-agent\n"), std::string::npos);
  EXPECT_EQ(do_disable(), "");
  EXPECT_EQ(read(kLockList), "other-0:1-1.*\n");
  write(kLockList, "demo-agent-0:1.2.3-1.*\n");
  EXPECT_NE(do_enable({.store = false}).find("`dnf versionlock delete demo-agent` if that is over"), std::string::npos);
  EXPECT_EQ(read(kLockList), "demo-agent-0:1.2.3-1.*\n");
}

TEST_F(RootRpmLook, AListThatIsALinkIsNotWrittenThrough) {
  with_versionlock();
  write("/secret", "x\n");
  std::filesystem::create_symlink(base_ + "/secret", base_ + kLockList);
  EXPECT_NE(do_enable({.store = false}).find("versionlock.list: a symbolic link"), std::string::npos);
  EXPECT_EQ(read("/secret"), "x\n");
}

TEST_F(RootRpmLook, WhereNothingCanBeHeldItIsSaid) {
  const auto said = [&] {
    EXPECT_EQ(do_enable({.store = false}), "");
    EXPECT_NE(read("/var/lib/upkeep-root/enabled/demo").find("\"hold\":false"), std::string::npos);
    EXPECT_FALSE(exists(kLockList) || exists("/var/lib/upkeep-root/holds/demo"));
    const auto at = out_.str().find("no hold: ");
    return at == std::string::npos ? "" : out_.str().substr(at, out_.str().find('\n', at) - at);
  };
  EXPECT_NE(said().find("versionlock is not installed"), std::string::npos);
  write("/etc/dnf/plugins/versionlock.conf", "[main]\nenabled = 0\nlocklist = " + kLockList + "\n");
  EXPECT_NE(said().find("versionlock is switched off"), std::string::npos);
  write("/etc/dnf/plugins/versionlock.conf", "[main]\nenabled = 1\nlocklist = /elsewhere\n");
  EXPECT_NE(said().find("reads \"/elsewhere\" in place of"), std::string::npos);
  with_versionlock();
  write("/etc/dnf/dnf.conf", "[main]\nplugins=0\n");
  EXPECT_NE(said().find("versionlock is switched off"), std::string::npos);
  use("zypper");
  EXPECT_NE(said().find("zypper's locks keep Upkeep away as well"), std::string::npos);
}

TEST_F(RootRpmLook, WhoIsNotVerifiedIsSaid) {
  const auto doubts = [&](const std::string& source) {
    write("/etc/yum.repos.d/demo.repo", source);
    write("/etc/zypp/repos.d/demo.repo", source);
    EXPECT_EQ(do_enable({.store = false, .dry_run = true}), "");
    const auto at = std::min(out_.str().find("WARNING: "), out_.str().find("note: "));
    return at == std::string::npos ? "" : out_.str().substr(at);
  };
  EXPECT_EQ(doubts(kRepo), "");
  const std::string off = "packages of demo are not verified (gpgcheck in /etc/yum.repos.d/demo.repo)";
  EXPECT_NE(doubts("[demo]\ngpgcheck=0\n").find(off), std::string::npos);
  EXPECT_NE(doubts("[demo]\n").find(off), std::string::npos) << "dnf's own default";
  write("/etc/dnf/dnf.conf", "[main]\ngpgcheck=True\n");
  EXPECT_EQ(doubts("[demo]\n[other]\ngpgcheck=no\n"), "") << "it does not come from the other one";
  from_ = "gone";
  EXPECT_NE(doubts("[demo]\n[other]\ngpgcheck=no\n[off]\nenabled=0\ngpgcheck=0\n").find("packages of other are"), std::string::npos);
  EXPECT_EQ(out_.str().find("of off"), std::string::npos);
  use("zypper");
  EXPECT_NE(doubts("[demo]\ngpgcheck=0\n").find("WARNING: nothing of demo is verified"), std::string::npos);
  EXPECT_NE(doubts("[demo]\ngpgcheck=1\n").find("note: of demo the index is verified"), std::string::npos);
  EXPECT_EQ(doubts("[demo]\ngpgcheck=0\npkg_gpgcheck=yes\n"), "");
  write("/etc/zypp/zypp.conf", "[main]\npkg_gpgcheck = on\n");
  EXPECT_EQ(doubts("[demo]\n"), "");
}

TEST_F(RootRpmLook, SourceFilesAreReadAsTheToolsReadThem) {
  const auto sections = sections_of("junk\nkey=value\n[a]\n# no\n; no\n Name = A b \nbaseurl=x\n\ty\n  z\n[b]\r\nEnabled=1\r\n[]\n[c", "f");
  std::string seen;
  for (const auto& section : sections) {
    seen += section.id + ":";
    for (const auto& [key, value] : section.keys) seen += key + "=" + value + ";";
  }
  EXPECT_EQ(seen, "a:baseurl=x y z;b:enabled=1;:");
}

}  // namespace
}  // namespace upkeep::root
