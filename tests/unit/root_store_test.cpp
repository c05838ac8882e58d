// SPDX-License-Identifier: Apache-2.0
// How upkeep-root fills a package store, in a folder that stands for the host: apt's answers are what a hostile repository could make
// them, cp and sha256sum are the real ones.
#include "root/store.h"

#include <gtest/gtest.h>

#include "io/process.h"
#include "root/apt_origin.h"
#include "sdk/kept.h"
#include "support/real_loop.h"
#include "support/root_world.h"

namespace upkeep::root {
namespace {

namespace fs = std::filesystem;

const std::string kFolder = "/var/lib/upkeep-store/demo";
const std::string kHashOfAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

class RootStore : public RootWorld {
 protected:
  RootStore() {
    write("/etc/apt/sources.list.d/demo.list", "deb [arch=amd64 signed-by=/demo.gpg] https://example.com/ stable main\n");
    stanza("pool/demo.deb");
  }

  std::vector<sdk::Kept> kept() const { return sdk::parse_kept(read(kFolder + "/kept")).value_or(std::vector<sdk::Kept>{}); }

  void stanza(const std::string& file, const std::string& size = "3") {
    hosts_ = its_own_ = "Package: demo-agent\nFilename: " + file + "\nSize: " + size + "\nSHA256: " + kHashOfAbc + "\n\n";
  }
  void flat() {
    madison_ = "demo-agent | VERSION | https://example.com/flat ./ Packages\n";
    target_ =
        "https://example.com/flat ./ Packages\thttps://example.com/flat/\t./\t$(COMPONENT)\t$(ARCHITECTURE)\t"
        "https://example.com/flat/./Packages\tPackages\t/lists/x\t/etc/apt/sources.list.d/demo.list:1\n";
    lists_ = "example.com_flat_._";
  }

  // What apt-get update leaves in lists of its own.
  void update(const std::vector<std::string>& argv) {
    const std::string key = "Dir::State::lists=";
    quiet_ = quiet_ && std::find(argv.begin(), argv.end(), base_ + kFolder + "/apt.conf") != argv.end();
    for (const auto& word : argv) {
      if (!word.starts_with(key)) continue;
      const std::string lists = word.substr(key.size());
      for (const char* strict : {"Acquire::AllowInsecureRepositories=false", "Acquire::AllowDowngradeToInsecureRepositories=false"})
        signed_only_ = signed_only_ && std::find(argv.begin(), argv.end(), strict) != argv.end();
      struct stat status {};
      if (::stat((fs::path(lists).parent_path() / "only.sources").c_str(), &status) == 0) modes_ |= status.st_mode & 0777U;
      std::ofstream(lists + "/" + lists_ + "InRelease") << " 0 3 " + index_ + ".xz\n";
      std::ofstream(lists + "/" + lists_ + "Packages.xz") << "xyz";
    }
  }
  sdk::Result<sdk::ProcessResult> run(const sdk::ProcessRequest& request) {
    const auto& argv = request.argv;
    const std::string what = argv[0].substr(argv[0].rfind('/') + 1);
    sdk::ProcessResult said;
    said.exit_code = 0;
    const auto versioned = [&](std::string text) {
      if (const auto at = text.find("VERSION"); at != std::string::npos) text.replace(at, 7, version_);
      return text;
    };
    if (what == "cp" || what == "sha256sum") {
      test::RealLoop loop;
      io::RealProcess process(loop.executor());
      return loop.run(process.run(request));
    }
    if (what == "dpkg-query") said.out = "install installed " + version_ + " 1\n";
    if (what == "apt-cache" && argv[1] == "madison") said.out = versioned(madison_);
    if (what == "apt-cache" && argv[1] == "show") said.out = argv.size() > 5 ? its_own_ : hosts_;
    if (what == "apt-get" && argv[1] == "indextargets") said.out = target_;
    if (what == "apt-get" && argv[1] == "update") update(argv);
    if (what == "install") fs::create_directories(argv.back());
    if (what == "env") std::ofstream(argv[2] + "/demo.deb") << deb_;
    if (what == "systemctl") called_ += argv[1] + " " + argv[2];
    return said;
  }
  template <typename Verb>
  std::string outcome(Verb verb) {
    return RootWorld::outcome([this](const sdk::ProcessRequest& request) { return run(request); }, verb);
  }
  std::string fill() {
    return outcome([](Outside& outside) {
      const Grant grant{"demo", {"demo-agent"}, {}, "", {}, false, package_manager("apt")};
      return open_store(outside, grant).and_then([&] { return fill_store(outside, grant); });
    });
  }

  std::string hosts_, its_own_, called_;
  std::string version_ = "1.2.3-1", deb_ = "abc", lists_ = "example.com_dists_stable_main_binary-amd64_",
              index_ = "main/binary-amd64/Packages";
  std::string madison_ = "demo-agent | VERSION | https://example.com stable/main amd64 Packages\n";
  std::string target_ =
      "https://example.com stable/main amd64 Packages\thttps://u:secret@example.com/\tstable\tmain\tamd64\t"
      "https://u:secret@example.com/dists/stable/main/binary-amd64/Packages\tmain/binary-amd64/Packages\t/lists/x\t"
      "/etc/apt/sources.list.d/demo.list:1\n";
  mode_t modes_ = 0;
  bool quiet_ = true, signed_only_ = true;
};

TEST_F(RootStore, KeepsWhatIsInstalledUnderTheNamesOfItsRepository) {
  ASSERT_EQ(fill(), "");
  const auto copies = kept();
  ASSERT_EQ(copies.size(), 1U);
  std::string paths;
  for (const auto& file : copies[0].files) paths += file.path + "\n";
  EXPECT_NE(paths.find("dists/stable/InRelease\n"), std::string::npos) << paths;
  EXPECT_NE(paths.find("dists/stable/main/binary-amd64/Packages.xz\n"), std::string::npos) << paths;
  EXPECT_TRUE(paths.ends_with("pool/demo.deb\n")) << paths;
  EXPECT_NE(read(kFolder + "/apt.sources")
                .find("URIs: file:" + kFolder +
                      "/1\nSuites: stable\nComponents: main\nArchitectures: amd64\n"
                      "Signed-By: /demo.gpg\n"),
            std::string::npos)
      << read(kFolder + "/apt.sources");
  EXPECT_NE(read(kFolder + "/apt.sources").find("Check-Valid-Until: no\n"), std::string::npos);
  EXPECT_TRUE(signed_only_) << "the host's apt takes what nobody signed";
  EXPECT_TRUE(quiet_) << "the host's own hooks run";
  EXPECT_NE(read("/etc/apt/preferences.d/upkeep-store-demo.pref").find("Package: *\nPin: origin \"\"\nPin-Priority: 50\n"),
            std::string::npos)
      << "100 is what is installed";
}

TEST_F(RootStore, PasswordsInTheHostsSourcesStayRoots) {
  ASSERT_EQ(fill(), "");
  EXPECT_EQ(modes_, 0600U);
  for (const auto& entry : fs::recursive_directory_iterator(base_ + kFolder)) {
    if (!entry.is_regular_file()) continue;
    EXPECT_EQ(read(entry.path().string().substr(base_.size())).find("secret"), std::string::npos) << entry.path();
  }
  EXPECT_EQ(out_.str().find("secret"), std::string::npos);
}

TEST_F(RootStore, AnIndexCannotHaveRootWriteElsewhere) {
  for (const std::string& file :
       {std::string("../../../../../../etc/cron.d/evil"), std::string("/etc/cron.d/evil"), std::string("pool/../../up"),
        std::string("pool//double"), std::string("pool/\x01.deb"), std::string(2000, 'a'), std::string("..")}) {
    stanza(file);
    EXPECT_NE(fill().find("a file that cannot be kept"), std::string::npos) << file;
    // The lists that apt has may still say what is harmless.
    const std::string hostile = its_own_;
    stanza("pool/demo.deb");
    its_own_ = hostile;
    EXPECT_NE(fill().find("a file that cannot be kept"), std::string::npos) << file;
    EXPECT_FALSE(exists("/etc/cron.d") || exists(kFolder + "/1") || exists(kFolder + "/kept") || exists(kFolder + "/work")) << file;
    EXPECT_NE(read(kFolder + "/problem").find("cannot be kept"), std::string::npos);
  }
  stanza("pool/demo.deb");
  const std::string path = "secret@example.com/dists/stable/";
  target_.replace(target_.find(path), path.size(), "secret@example.com/dists/../../../up/");
  EXPECT_NE(fill().find("path that cannot be kept"), std::string::npos);
}

TEST_F(RootStore, AFileThatTheIndexDoesNotNameIsNotKept) {
  deb_ = "abd";
  EXPECT_NE(fill().find("is not the one that the index names"), std::string::npos);
  EXPECT_FALSE(exists(kFolder + "/1") || exists(kFolder + "/work"));
}

TEST_F(RootStore, WhatAnIndexSaysIsReadStrictly) {
  for (const std::string text :
       {"", "\n", "Filename: a\n", "Filename: a\nSize: -1\nSHA256: 0\n", "Filename: a\nSize: 99999999999999999999999\nSHA256: 0\n",
        "Filename: \nSize: 3\nSHA256: 0\n", "\n\nFilename: a\nSize: 3\nSHA256: 0\n"}) {
    hosts_ = text;
    EXPECT_NE(fill().find("no file, size or SHA256"), std::string::npos) << text;
  }
}

TEST_F(RootStore, MoreThanThereIsRoomForIsNotDownloadedWhoeverSaysSo) {
  stanza("pool/demo.deb", "9223372036854775808");  // twice that is nothing
  EXPECT_NE(fill().find("10 % of the file system"), std::string::npos);
  stanza("pool/demo.deb", "1000000000000000");
  EXPECT_NE(fill().find("10 % of the file system"), std::string::npos);
  EXPECT_EQ(out_.str().find("reading"), std::string::npos);
  const auto space = fs::space(base_);  // it would fit, were it not for the reserve
  if (space.available > space.capacity / 10) {
    stanza("pool/demo.deb", std::to_string((space.available - space.capacity / 20) / 2));
    EXPECT_NE(fill().find("10 % of the file system"), std::string::npos);
  }
  stanza("pool/demo.deb", "1000000000000000");
  const std::string huge = its_own_;
  stanza("pool/demo.deb");
  its_own_ = huge;  // the repository says so since
  EXPECT_NE(fill().find("10 % of the file system"), std::string::npos);
  EXPECT_EQ(out_.str().find("downloading"), std::string::npos);
}

TEST_F(RootStore, AFlatRepositoryIsKeptToo) {
  flat();
  index_ = "Packages";
  ASSERT_EQ(fill(), "");
  ASSERT_EQ(kept().size(), 1U);
  EXPECT_TRUE(exists(kFolder + "/1/InRelease") && exists(kFolder + "/1/Packages.xz"));
  const std::string sources = read(kFolder + "/apt.sources");
  EXPECT_NE(sources.find("Suites: ./\nSigned-By:"), std::string::npos) << sources;
}

TEST_F(RootStore, TheInstalledVersionAndItsPredecessorAndNoMore) {
  for (const std::string version : {"1.2.3-1", "2.3.4-1", "2.3.5-1"}) {
    version_ = version;
    ASSERT_EQ(fill(), "");
  }
  ASSERT_EQ(kept().size(), 2U);
  EXPECT_EQ(kept()[0].version + " " + kept()[1].version, "2.3.5-1 2.3.4-1");
  EXPECT_FALSE(exists(kFolder + "/1"));
}

TEST_F(RootStore, TakingItAwayEndsARunAndNoneBeginsAfterwards) {
  ASSERT_EQ(fill(), "");
  EXPECT_EQ(outcome([](Outside& outside) { return drop_store(outside, "demo"); }), "");
  EXPECT_EQ(called_, "stop upkeep-store@demo.service");
  EXPECT_FALSE(exists(kFolder));
  EXPECT_NE(outcome([](Outside& outside) {
              return fill_store(outside, Grant{"demo", {"demo-agent"}, {}, "", {}, false, package_manager("apt")});
            }),
            "");
  EXPECT_FALSE(exists(kFolder));
}

TEST_F(RootStore, WhoSignsIsReadFromAnyFormOfSource) {
  const auto signed_by = [&](const std::string& file, const std::string& number, const std::string& text) {
    write("/etc/apt/sources.list.d/" + file, text);
    const std::string target = target_;
    target_.replace(target_.find("/etc/apt/sources.list.d/"), std::string::npos, "/etc/apt/sources.list.d/" + file + ":" + number + "\n");
    std::string out;
    const std::string error = outcome([&](Outside& outside) {
      const auto origin = find_origin(outside, "demo-agent", "1.2.3-1");
      if (origin) out = source_text(*origin, "x:", true);
      return origin.map([](const Origin&) {});
    });
    target_ = target;
    const auto at = out.find("Signed-By:");
    return !error.empty() ? error : at == std::string::npos ? "none" : out.substr(at, out.find("\nTargets:") - at);
  };
  version_ = "1.2.3-1";
  EXPECT_EQ(signed_by("a.list", "2", "# first\ndeb [ arch=amd64 Signed-By=/b.gpg ] https://example.com/ stable main\n"),
            "Signed-By: /b.gpg");
  EXPECT_EQ(signed_by("a.list", "1", "deb https://[::1]/ stable main\n"), "none");
  EXPECT_EQ(signed_by("a.list", "9", "deb https://example.com/ stable main\n"), "none");
  const std::string two =
      "# about\n\n\nTypes: deb\nSigned-By: /first.gpg\n\nTypes: deb\n# within\nSuites: stable testing\n"
      "signed-by:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mQ\n# not this\n -----END PGP PUBLIC KEY BLOCK-----\nURIs: x\n";
  EXPECT_EQ(signed_by("a.sources", "1", two), "Signed-By: /first.gpg");
  EXPECT_EQ(signed_by("a.sources", "2", two),
            "Signed-By: -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mQ\n -----END PGP PUBLIC KEY BLOCK-----");
  EXPECT_NE(signed_by("a.list", "x", "").find("cannot be read"), std::string::npos);
}

}  // namespace
}  // namespace upkeep::root
