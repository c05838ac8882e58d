// SPDX-License-Identifier: Apache-2.0
// What `upkeep enable` writes and what `disable` leaves.
#include "unit/root_verbs.h"

namespace upkeep::root {
namespace {

constexpr const char* kGoldenRule = R"(// Written by `upkeep enable demo`, taken away by `upkeep disable demo`. Changes are lost.
polkit.addRule(function (action, subject) {
  if (subject.user != "upkeep") return polkit.Result.NOT_HANDLED;
  var names = ["demo-agent"], unit = "demo\\x2dagent.service";
  var starts = ["upkeep-conffiles@demo.service", "upkeep-hold@demo.service", "upkeep-repair@demo.service", "upkeep-store@demo.service"];

  // Every package that is named, not just one of them. Each id is "name;version;arch;data".
  function onlyOurs(ids) {
    return !!ids && ids.split("&").every(function (id) { return names.indexOf(id.split(";")[0]) >= 0; });
  }
  function mayManage(wanted, verb) {
    if (verb === "start") return starts.indexOf(wanted) >= 0;
    return unit !== "" && wanted === unit && ["restart", "try-restart", "reload"].indexOf(verb) >= 0;
  }

  switch (action.id) {
    case "org.freedesktop.packagekit.package-install":
    case "org.freedesktop.packagekit.package-downgrade":
      return onlyOurs(action.lookup("package_ids")) ? polkit.Result.YES : polkit.Result.NOT_HANDLED;
    case "org.freedesktop.packagekit.system-sources-refresh":
    case "org.freedesktop.packagekit.repair-system":
      return polkit.Result.YES;
    case "org.freedesktop.systemd1.manage-units":
      return mayManage(action.lookup("unit"), action.lookup("verb")) ? polkit.Result.YES : polkit.Result.NOT_HANDLED;
  }
  return polkit.Result.NOT_HANDLED;
});
)";

TEST_F(RootVerbs, EnableWritesTheRuleTheHoldAndTheRecord) {
  EXPECT_EQ(do_enable(), "");
  EXPECT_EQ(read(kRule), kGoldenRule);
  EXPECT_EQ(read(kHold), "demo-agent\n");
  EXPECT_EQ(held_, std::set<std::string>{"demo-agent"});
  EXPECT_EQ(read(kEnabled),
            "{\"agent\":\"demo\",\"packages\":[\"demo-agent\"],\"installer\":\"apt\",\"unit\":\"demo\\\\x2dagent.service\",\"hooks\":[],"
            "\"hold\":true,\"store\":"
            "false,\"version\":"
            "\"" UPKEEP_SDK_VERSION "\"}\n");
  for (const std::string& path : {kRule, kHold, kEnabled}) {
    struct stat status {};
    ASSERT_EQ(::stat((base_ + path).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0644U) << path;
    EXPECT_NE(out_.str().find("wrote " + path), std::string::npos) << out_.str();
  }
  EXPECT_NE(out_.str().find(kGoldenRule), std::string::npos);
  EXPECT_NE(out_.str().find("`upkeep suspend demo`"), std::string::npos);
}

TEST_F(RootVerbs, EnableAgainChangesNothing) {
  ASSERT_EQ(do_enable(), "");
  ASSERT_EQ(do_enable(), "");
  EXPECT_EQ(called_, std::vector<std::string>{"hold demo-agent"});
  EXPECT_EQ(read(kRule), kGoldenRule);
}

TEST_F(RootVerbs, DisableTakesEverythingAway) {
  ASSERT_EQ(do_enable(), "");
  EXPECT_EQ(do_disable(), "");
  EXPECT_FALSE(exists(kRule));
  EXPECT_FALSE(exists(kHold));
  EXPECT_FALSE(exists(kEnabled));
  EXPECT_TRUE(held_.empty());
  EXPECT_EQ(do_disable(), "");
  EXPECT_EQ(out_.str(), "");  // nothing more to take away
}

TEST_F(RootVerbs, DisableWorksWithoutTheAgentsFile) {
  ASSERT_EQ(do_enable(), "");
  std::filesystem::remove(base_ + "/etc/upkeep/agents.d/demo.toml");
  EXPECT_EQ(do_disable(), "");
  EXPECT_TRUE(held_.empty());
}

TEST_F(RootVerbs, NoHoldLeavesHoldsAloneAndReleasesOurOwn) {
  ASSERT_EQ(do_enable(), "");
  ASSERT_EQ(do_enable({.hold = false, .store = false}), "");
  EXPECT_TRUE(held_.empty());
  EXPECT_FALSE(exists(kHold));
  EXPECT_NE(read(kEnabled).find("\"hold\":false"), std::string::npos);
  held_ = {"demo-agent"};
  ASSERT_EQ(do_enable({.hold = false, .store = false}), "");
  ASSERT_EQ(do_disable(), "");
  EXPECT_EQ(held_, std::set<std::string>{"demo-agent"});
}

TEST_F(RootVerbs, SomebodyElsesHoldIsNotTakenOver) {
  held_ = {"demo-agent"};
  EXPECT_EQ(do_enable(),
            "demo-agent is held already, by somebody else: `apt-mark unhold demo-agent` if that is over, or enable with --no-hold to leave "
            "holds alone");
  EXPECT_FALSE(exists(kRule));
  EXPECT_FALSE(exists(kHold));
}

TEST_F(RootVerbs, AHoldThatFailsLeavesNoRecordAndNoRule) {
  apt_mark_fails_ = true;
  EXPECT_EQ(do_enable(), "/usr/bin/apt-mark hold failed: E: Could not get lock");
  EXPECT_FALSE(exists(kRule));
  EXPECT_FALSE(exists(kHold));
}

TEST_F(RootVerbs, AHoldThatCannotBeReleasedKeepsItsRecord) {
  ASSERT_EQ(do_enable(), "");
  apt_mark_fails_ = true;
  EXPECT_EQ(do_disable(), "/usr/bin/apt-mark unhold failed: E: Could not get lock");
  EXPECT_TRUE(exists(kHold));
  EXPECT_FALSE(exists(kRule));
}

TEST_F(RootVerbs, AHoldGoesEvenWhenDpkgCannotBeAsked) {
  ASSERT_EQ(do_enable(), "");
  EXPECT_NE(out_.str().find("A `apt-mark hold` of yours on it cannot be told from that one"), std::string::npos) << out_.str();
  dpkg_fails_ = true;
  apt_mark_fails_ = true;
  EXPECT_EQ(do_disable(), "/usr/bin/apt-mark unhold failed: E: Could not get lock");
  EXPECT_TRUE(exists(kHold));
  apt_mark_fails_ = false;
  EXPECT_EQ(do_disable(), "");
  EXPECT_TRUE(held_.empty());
  EXPECT_FALSE(exists(kHold));
  write(kHold, "demo-gone\n");
  gone_ = {"demo-gone"};
  EXPECT_EQ(do_disable(), "") << "what is not known is not held";
  EXPECT_FALSE(exists(kHold));
}

TEST_F(RootVerbs, AnotherPackageInTheFileMovesTheHold) {
  ASSERT_EQ(do_enable(), "");
  configure("use = \"apt\"\npackage = \"demo-agent-pro\"\n");
  ASSERT_EQ(do_enable(), "");
  EXPECT_EQ(held_, std::set<std::string>{"demo-agent-pro"});
  EXPECT_EQ(read(kHold), "demo-agent-pro\n");
}

TEST_F(RootVerbs, HoldPutsBackWhatIsRecordedAndNothingElse) {
  EXPECT_EQ(do_hold(), "");
  EXPECT_TRUE(called_.empty());
  ASSERT_EQ(do_enable(), "");
  held_.clear();
  EXPECT_EQ(do_hold(), "");
  EXPECT_EQ(held_, std::set<std::string>{"demo-agent"});
  held_.clear();
  configure("use = ");  // by now: an operation that has begun holds again at its end all the same
  EXPECT_EQ(do_hold(), "");
  EXPECT_EQ(held_, std::set<std::string>{"demo-agent"});
  write(kHold, "demo-agent;rm -rf\n");
  EXPECT_EQ(do_hold(), kHold + ": \"demo-agent;rm -rf\" is no name of a package");
}

TEST_F(RootVerbs, RepairIsForEnabledAgentsOnly) {
  EXPECT_EQ(outcome([](Outside& outside) { return enabled(outside.files, "demo").map([](const Enabled&) {}); }),
            "the agent is not enabled: /var: No such file or directory");
  ASSERT_EQ(do_enable(), "");
  EXPECT_EQ(outcome([](Outside& outside) { return enabled(outside.files, "demo").map([](const Enabled&) {}); }), "");
}

TEST_F(RootVerbs, DryRunOnlyShows) {
  EXPECT_EQ(do_enable({.dry_run = true}), "");
  EXPECT_NE(out_.str().find(kGoldenRule), std::string::npos);
  EXPECT_NE(out_.str().find("would hold demo-agent"), std::string::npos);
  EXPECT_FALSE(exists("/etc/polkit-1"));
  EXPECT_FALSE(exists("/var"));
  EXPECT_TRUE(called_.empty());
}

TEST_F(RootVerbs, HookUnitsMayBeStartedAndAreRecorded) {
  write("/etc/upkeep/agents.d/demo.toml",
        "[installer]\nuse = \"apt\"\npackage = \"demo-agent\"\n[hooks.before_apply]\nunit = \"drain.service\"\n"
        "[hooks.after_commit]\nunit = \"undrain@x.service\"\n[hooks.after_rollback]\nunit = \"drain.service\"\n");
  ASSERT_EQ(do_enable(), "");
  EXPECT_NE(read(kRule).find("var starts = [\"drain.service\", \"undrain@x.service\", \"upkeep-conffiles@demo.service\""),
            std::string::npos);
  EXPECT_NE(read(kEnabled).find("\"hooks\":[\"drain.service\", \"undrain@x.service\"]"), std::string::npos);
  write("/etc/upkeep/agents.d/demo.toml",
        "[installer]\nuse = \"apt\"\npackage = \"demo-agent\"\n[hooks.before_apply]\nunit = \"drain; x\"\n");
  EXPECT_EQ(do_enable(), "/etc/upkeep/agents.d/demo.toml:5: hooks.before_apply.unit: is no name of a unit");
}

TEST_F(RootVerbs, OnlyAProbeThatReadsLogsLetsTheDaemonReadThem) {
  const std::string drop_in = "/etc/systemd/system/upkeepd.service.d/50-upkeep-demo-journal.conf";
  const std::string installer = "[installer]\nuse = \"apt\"\npackage = \"demo-agent\"\n";
  for (const std::string health : {"[[health.probe]]\nuse = \"tcp\"\n[[health.probe]]\nuse = \"log\"\n", "[health]\nlog = \"x\"\n"}) {
    write("/etc/upkeep/agents.d/demo.toml", installer + health);
    ASSERT_EQ(do_enable(), "");
    EXPECT_NE(read(drop_in).find("[Service]\nSupplementaryGroups=systemd-journal\n"), std::string::npos) << health;
    EXPECT_NE(out_.str().find("sudo systemctl restart upkeepd"), std::string::npos);
    write("/etc/upkeep/agents.d/demo.toml", installer + "[[health.probe]]\nuse = \"tcp\"\n");
    ASSERT_EQ(do_enable(), "");
    EXPECT_FALSE(exists(drop_in)) << health;
  }
  write("/etc/upkeep/agents.d/demo.toml", installer + "[health]\nlog = \"x\"\n");
  ASSERT_EQ(do_enable(), "");
  ASSERT_EQ(do_disable(), "");
  EXPECT_FALSE(exists(drop_in));
}

TEST_F(RootVerbs, AnotherSourceWithoutAHostNameKeepsTheStoreAway) {
  sources_ = "https://packages.example.com/\nfile:/srv/mirror/\n";
  ASSERT_EQ(do_enable({}), "");
  EXPECT_NE(out_.str().find("no package store: its pin would put the source file:/srv/mirror/"), std::string::npos) << out_.str();
  EXPECT_FALSE(exists("/etc/apt"));
  EXPECT_FALSE(exists("/var/lib/upkeep-store"));
  EXPECT_NE(read(kEnabled).find("\"store\":false"), std::string::npos);
  // All of Debian on images for clouds: apt's pin for an empty host name is about it, too.
  for (const std::string source : {"mirror+file:/etc/apt/mirrors/debian.list/", "cdrom:[Debian 12]/", "copy:///srv/x/"}) {
    sources_ = source + "\n";
    EXPECT_EQ(do_enable({.dry_run = true}), "");
    EXPECT_NE(out_.str().find("no package store: its pin would put the source " + source), std::string::npos) << out_.str();
  }
  sources_ = "file:/var/lib/upkeep-store/other/1/\n";  // another agent's store is none
  EXPECT_EQ(do_enable({.dry_run = true}), "");
  EXPECT_NE(out_.str().find("/etc/apt/sources.list.d/upkeep-store-demo.sources"), std::string::npos) << out_.str();
}

TEST_F(RootVerbs, OldPolkitIsNamed) {
  polkit_ = "pkaction version 0.105\n";
  EXPECT_EQ(do_enable(), "polkit 0.106 or later is needed to read rules; this host has \"0.105\"");
  polkit_ = "";
  EXPECT_NE(do_enable(), "");
  for (const std::string good : {"pkaction version 0.106\n", "pkaction version 0.120\n", "pkaction version 126\n"}) {
    polkit_ = good;
    EXPECT_EQ(do_enable({.dry_run = true}), "") << good;
  }
}

TEST_F(RootVerbs, ConfigurationThatCannotBeGrantedIsNamedWithItsLine) {
  const std::string file = "/etc/upkeep/agents.d/demo.toml";
  const auto error = [&](const std::string& installer) {
    configure(installer);
    return do_enable();
  };
  EXPECT_EQ(error("use = \"apt\"\n"), file + ":1: installer.package: is no name of a package");
  EXPECT_EQ(error("use = \"apt\"\npackage = \"a&b\"\n"), file + ":3: installer.package: is no name of a package");
  EXPECT_EQ(error("use = \"apt\"\npackage = \"a\\\"+x\"\n"), file + ":3: installer.package: is no name of a package");
  EXPECT_EQ(error("use = \"apt\"\npackage = 5\n"), file + ":3: installer.package: is no name of a package");
  EXPECT_EQ(error("use = \"apt\"\npackage = \"upkeep\"\n"), file + ":3: installer.package: Upkeep does not upgrade itself");
  EXPECT_EQ(error("use = \"apt\"\npackage = \"a\"\nrestart = \"a.service; x\"\n"), file + ":4: installer.restart: is no name of a unit");
  EXPECT_EQ(error("use = \"apt\"\npackage = \"a\"\nrestart = \"\"\n"), file + ":4: installer.restart: is no name of a unit");
  EXPECT_EQ(error("use = "), file + ":2: Error while parsing key-value pair: encountered end-of-file");
  std::filesystem::permissions(base_ + file, std::filesystem::perms(0666));
  EXPECT_EQ(do_enable(), file + ": may be written by others than root");
  EXPECT_FALSE(exists("/etc/polkit-1"));
}

TEST_F(RootVerbs, AWritableDropInIsNotPassedOver) {
  std::filesystem::create_directories(base_ + "/etc/upkeep/agents.d/demo.toml.d");
  write("/etc/upkeep/agents.d/demo.toml.d/1.toml", "[installer]\npackage = \"evil\"\n");
  std::filesystem::permissions(base_ + "/etc/upkeep/agents.d/demo.toml.d", std::filesystem::perms(0777));
  EXPECT_EQ(do_enable(), "/etc/upkeep/agents.d/demo.toml.d: may be written by others than root");
}

TEST_F(RootVerbs, ADropInThatIsALinkIsNotPassedOver) {
  write("/etc/elsewhere.toml", "[installer]\npackage = \"evil\"\n");
  std::filesystem::create_directories(base_ + "/etc/upkeep/agents.d/demo.toml.d");
  std::filesystem::create_symlink(base_ + "/etc/elsewhere.toml", base_ + "/etc/upkeep/agents.d/demo.toml.d/1.toml");
  EXPECT_EQ(do_enable(), "/etc/upkeep/agents.d/demo.toml.d/1.toml: a symbolic link, or not a folder");
  std::filesystem::remove_all(base_ + "/etc/upkeep/agents.d/demo.toml.d");
  std::filesystem::create_directory_symlink(base_ + "/etc", base_ + "/etc/upkeep/agents.d/demo.toml.d");
  EXPECT_EQ(do_enable(), "/etc/upkeep/agents.d/demo.toml.d: a symbolic link, or not a folder");
  EXPECT_FALSE(exists("/etc/polkit-1"));
}

TEST_F(RootVerbs, HugeFilesGarbageFoldersAndPipesAreRefusedWithTheirName) {
  const std::string file = "/etc/upkeep/agents.d/demo.toml";
  write(file, std::string(300'000, '#'));
  EXPECT_EQ(do_enable(), file + ": longer than 262144 bytes");
  std::string garbage;
  for (int i = 0; i < 4096; ++i) garbage += static_cast<char>(i * 7919 % 256);
  write(file, garbage);
  EXPECT_EQ(do_enable().substr(0, file.size() + 1), file + ":");
  write(file, std::string(100'000, '['));
  EXPECT_EQ(do_enable().substr(0, file.size() + 1), file + ":");
  std::filesystem::remove(base_ + file);
  EXPECT_EQ(do_enable(), file + ": No such file or directory");
  ASSERT_EQ(::mkfifo((base_ + file).c_str(), 0600), 0);
  EXPECT_EQ(do_enable(), file + ": not a regular file");
  std::filesystem::remove(base_ + file);
  std::filesystem::create_directory(base_ + file);
  EXPECT_EQ(do_enable(), file + ": not a regular file");
  EXPECT_FALSE(exists("/etc/polkit-1"));
  EXPECT_FALSE(exists("/var"));
}

TEST_F(RootVerbs, ARecordThatIsALinkOrALieIsNotActedOn) {
  std::filesystem::create_directories(base_ + "/var/lib/upkeep-root/holds");
  std::filesystem::create_directories(base_ + "/var/lib/upkeep-root/enabled");
  write("/somewhere", "demo-agent\n");
  std::filesystem::create_symlink(base_ + "/somewhere", base_ + kHold);
  std::filesystem::create_symlink(base_ + "/somewhere", base_ + kEnabled);
  EXPECT_EQ(do_hold(), kHold + ": a symbolic link, or not a folder");
  EXPECT_EQ(outcome([](Outside& outside) { return enabled(outside.files, "demo").map([](const Enabled&) {}); }),
            "the agent is not enabled: " + kEnabled + ": a symbolic link, or not a folder");
  std::filesystem::remove(base_ + kHold);
  for (const std::string lie : {"", "two words", "--option", "a/b", "../x", "d\xc3\xa9m", "a\tb"}) {
    write(kHold, lie + "\n");
    EXPECT_NE(do_hold(), "") << lie;
  }
  write(kHold, std::string(5000, 'x'));
  EXPECT_EQ(do_hold(), kHold + ": longer than 4096 bytes");
  EXPECT_TRUE(called_.empty());
}

}  // namespace
}  // namespace upkeep::root
