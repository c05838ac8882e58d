// SPDX-License-Identifier: Apache-2.0
// What upkeep-root does with a package's configuration files, in a folder that stands for the host; cp and md5sum are the real ones.
#include "root/conffiles.h"

#include <gtest/gtest.h>

#include "io/process.h"
#include "support/real_loop.h"
#include "support/root_world.h"

namespace upkeep::root {
namespace {

namespace fs = std::filesystem;

const std::string kFile = "/etc/demo.conf", kReport = "/var/lib/upkeep-root/differences/demo",
                  kKept = "/var/lib/upkeep-root/conffiles/demo";

class RootConffiles : public RootWorld {
 protected:
  RootConffiles() { fs::create_directories(base_ + "/etc"); }

  void write(const std::string& path, const std::string& text, mode_t mode) const {
    RootWorld::write(path, text);
    ASSERT_EQ(::chmod((base_ + path).c_str(), mode), 0);
  }
  // dpkg has installed 1.2.3 at that time; its conffiles are these lines.
  std::string keep(int installed_at, const std::string& lines, const std::string& state = "install installed 1.2.3-1") {
    const auto run = [&](const sdk::ProcessRequest& request) -> sdk::Result<sdk::ProcessResult> {
      if (request.argv[0] == "/usr/bin/dpkg-query") {
        sdk::ProcessResult said;
        said.exit_code = 0;
        said.out = state + " " + std::to_string(installed_at) + "\n" + lines;
        return said;
      }
      test::RealLoop loop;
      io::RealProcess process(loop.executor());
      return loop.run(process.run(request));
    };
    return outcome(run, [](Outside& outside) {
      return keep_conffiles(outside, Grant{"demo", {"demo-agent"}, {}, "", {}, false, package_manager("apt")});
    });
  }
};

constexpr const char* kShipped = " /etc/demo.conf 900150983cd24fb0d6963f7d28e17f72\n";  // of "abc"

TEST_F(RootConffiles, WhatInstallingAgainReplacedIsPutBackWithItsModeAndOwner) {
  write(kFile, "mine", 0640);
  ASSERT_EQ(keep(1, kShipped), "");
  write(kFile, "abc", 0644);
  ASSERT_EQ(keep(2, kShipped), "");
  EXPECT_EQ(read(kFile), "mine");
  EXPECT_EQ(mode(kFile), 0640U);
  EXPECT_EQ(read(kReport), "/etc/demo.conf had been replaced, and was put back as it was before\n");
}

TEST_F(RootConffiles, WhatSomebodyWroteMeanwhileStaysAndIsSaid) {
  write(kFile, "mine", 0644);
  ASSERT_EQ(keep(1, kShipped), "");
  write(kFile, "written since", 0644);
  ASSERT_EQ(keep(2, kShipped), "");
  EXPECT_EQ(read(kFile), "written since");
  EXPECT_EQ(read(kReport), "/etc/demo.conf is not as it was before\n");
}

TEST_F(RootConffiles, ASecretStaysOne) {
  write(kFile, "sEcReT", 0600);
  ASSERT_EQ(keep(1, kShipped), "");
  EXPECT_EQ(mode(kKept), 0700U);
  EXPECT_EQ(mode(kKept + "/files" + kFile), 0600U);
  write(kFile, "another sEcReT", 0600);
  ASSERT_EQ(keep(2, kShipped), "");
  EXPECT_EQ(read(kReport).find("sEcReT"), std::string::npos);
  EXPECT_EQ(out_.str().find("sEcReT"), std::string::npos);
  EXPECT_NE(read(kReport), "");
}

TEST_F(RootConffiles, LinksAndPathsThatLeadElsewhereAreLeftAlone) {
  write("/secret", "sEcReT", 0600);
  fs::create_symlink(base_ + "/secret", base_ + "/etc/link.conf");
  const std::string lines =
      " /etc/link.conf 900150983cd24fb0d6963f7d28e17f72\n /etc/../secret 0\n //secret 0\n relative 0\n /etc/none 0\n /x\n\n";
  ASSERT_EQ(keep(1, lines), "");
  EXPECT_FALSE(fs::exists(base_ + kKept + "/files"));
  ASSERT_EQ(keep(2, lines), "");
  EXPECT_EQ(read("/secret"), "sEcReT");
  EXPECT_NE(read(kReport).find("/etc/link.conf was not compared"), std::string::npos) << read(kReport);
  // What was a link once its turn came is not written through, either.
  fs::remove(base_ + "/etc/link.conf");
  write(kFile, "mine", 0644);
  ASSERT_EQ(keep(3, kShipped), "");
  fs::remove(base_ + kFile);
  fs::create_symlink(base_ + "/secret", base_ + kFile);
  ASSERT_EQ(keep(4, kShipped), "");
  EXPECT_EQ(read("/secret"), "sEcReT");
  EXPECT_TRUE(fs::is_symlink(base_ + kFile));
}

// An installation that was interrupted is begun once more, and asks again for what it has asked for already.
TEST_F(RootConffiles, InTheMiddleOfAChangeWhatWasKeptBeforeItStays) {
  write(kFile, "mine", 0644);
  EXPECT_EQ(keep(1, kShipped), "");
  write(kFile, "of the new version", 0644);
  EXPECT_EQ(keep(2, kShipped, "install half-configured 2.3.4-1"), "");
  EXPECT_EQ(read(kKept + "/files" + kFile), "mine");
  write(kFile, "abc", 0644);
  EXPECT_EQ(keep(3, kShipped), "");
  EXPECT_EQ(read(kFile), "mine");
}

TEST_F(RootConffiles, WhatIsKeptIsOfThisVersionOnly) {
  write(kFile, "mine", 0644);
  ASSERT_EQ(keep(1, kShipped), "");
  ASSERT_EQ(keep(1, kShipped), "");  // nothing was installed since
  EXPECT_EQ(read(kReport), "");
  EXPECT_EQ(read(kKept + "/stamp"), "demo-agent 1.2.3-1 1\n");
  EXPECT_FALSE(fs::exists(base_ + kKept + ".new"));
}

// dpkg-query's answer for a package that is there for several architectures.
TEST_F(RootConffiles, OfSeveralArchitecturesTheOneThatIsWholeCountsAndAnyHold) {
  const auto look = [&](const std::string& dpkg_says) {
    std::string seen;
    const auto error = outcome([&](const sdk::ProcessRequest&) { return sdk::ProcessResult{.exit_code = 0, .out = dpkg_says}; },
                               [&](Outside& outside) {
                                 return package_manager("apt")->look(outside, "demo-agent").map([&](const Package& now) {
                                   seen = now.status + " " + now.version + (now.whole ? " whole" : "") + (now.held ? " held" : "");
                                   for (const auto& file : now.conffiles) seen += " " + file.path + (file.obsolete ? " obsolete" : "");
                                 });
                               });
    return error.empty() ? seen : error;
  };
  const std::string gone = "hold config-files 1.0-1 7\n\n /etc/old 0 obsolete\n", there = "install installed 1.2.3-1 9\n\n /etc/a b 0\n";
  EXPECT_EQ(look(gone + there), "installed 1.2.3-1 whole held /etc/a b");
  EXPECT_EQ(look(there + gone), "installed 1.2.3-1 whole held /etc/a b");
  EXPECT_EQ(look(gone), "config-files 1.0-1 held /etc/old obsolete");
  EXPECT_EQ(look(there), "installed 1.2.3-1 whole /etc/a b");
  EXPECT_EQ(look("install triggers-pending 1.2.3-1 9\n\n"), "triggers-pending 1.2.3-1 whole");
  EXPECT_EQ(look("\n"), "dpkg-query says nothing of demo-agent");
}

}  // namespace
}  // namespace upkeep::root
