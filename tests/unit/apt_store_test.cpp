// SPDX-License-Identifier: Apache-2.0
// The package store as the apt installer uses it: a way back and nothing else.
#include "shared/packages/store.h"

#include "support/apt_host.h"

namespace upkeep::test {
namespace {

using sdk::Errc;
using sdk::WayBackHow;

const std::string kFolder = "/var/lib/upkeep-store/demo";

class AptStore : public AptHost {
 protected:
  // The store has exactly these.
  void keeps(const std::vector<std::string>& versions) {
    host.contents[kFolder + "/apt.sources"] = "";
    std::vector<sdk::Kept> copies;
    for (const auto& version : versions) {
      const std::string folder = std::to_string(copies.size() + 1);
      copies.push_back({version, folder, "https://old.example.com stable/main", sdk::TimePoint(), {{"a.deb", 5, std::string(64, 'a')}}});
      host.contents[kFolder + "/" + folder + "/a.deb"] = "bytes";
    }
    host.contents[kFolder + "/kept"] = sdk::kept_text(copies);
  }
  void origin_drops(const std::string& version) {
    std::erase_if(host.offers, [&](const auto& offer) { return offer.first == version; });
  }
};

TEST_F(AptStore, IsTheWayBackOnceTheRepositoryHasDroppedTheVersion) {
  keeps({"1.2.3-1"});
  EXPECT_EQ(inspect()->way_back.how, WayBackHow::repository);
  origin_drops("1.2.3-1");
  const auto back = inspect()->way_back;
  EXPECT_EQ(back.how, WayBackHow::store);
  EXPECT_TRUE(contains(back.text, "https://old.example.com stable/main")) << back.text;
  host.contents.erase(kFolder + "/1/a.deb");
  EXPECT_EQ(inspect()->way_back.how, WayBackHow::none) << "its file is gone";
}

TEST_F(AptStore, WithoutAWayTheTextNamesTheNextStep) {
  origin_drops("1.2.3-1");
  EXPECT_TRUE(contains(inspect()->way_back.text, "`sudo upkeep enable demo` keeps")) << inspect()->way_back.text;
  keeps({});
  host.contents[kFolder + "/problem"] = "no room\n";
  const auto now = inspect();
  EXPECT_TRUE(contains(now->way_back.text, "the package store does not have it (no room)")) << now->way_back.text;
  ASSERT_FALSE(now->warnings.empty());
  EXPECT_TRUE(contains(now->warnings.back(), "does not have demo-agent 1.2.3-1 yet: no room")) << now->warnings.back();
  host.contents[kFolder + "/kept"] = "garbage\n";
  EXPECT_EQ(inspect()->way_back.how, WayBackHow::none);
}

TEST_F(AptStore, CountsForGoingBackOnlyAndAsksNoNetworkThen) {
  keeps({"1.2.3-1", "1.1.0-1", "2.4.0-1"});
  change.to.clear();
  change.target = *sdk::Version::parse("2.4.0");
  EXPECT_EQ(prepare().error().code, Errc::invalid) << "a copy is no offer";
  change.target = *sdk::Version::parse("1.1.0");
  change.downgrade = true;
  host.calls.clear();
  static_cast<void>(prepare());
  EXPECT_EQ(host.called("RefreshCache"), 0);
  EXPECT_GE(host.called("InstallPackages 70 demo-agent;1.1.0-1;all;"), 1);
  EXPECT_EQ(inspect()->former, std::vector<std::string>{"1.1.0"});
}

TEST_F(AptStore, KeepHasWhatIsInstalledKeptOnceAndOnlyWhereThereIsAStore) {
  auto apt = installer();
  ASSERT_TRUE(host.run(apt.keep()));
  EXPECT_EQ(host.called("StartUnit upkeep-store@demo.service"), 0) << "not enabled";
  keeps({"1.1.0-1"});
  ASSERT_TRUE(host.run(apt.keep()));
  EXPECT_EQ(host.called("StartUnit upkeep-store@demo.service"), 1);
  keeps({"1.2.3-1"});
  ASSERT_TRUE(host.run(apt.keep()));
  EXPECT_EQ(host.called("StartUnit upkeep-store@demo.service"), 1) << "it is kept";
}

TEST(Kept, IsReadAsItWasWrittenAndNothingElseIs) {
  const std::string hash(64, 'b');
  const std::vector<sdk::Kept> copies = {{"1:2.3.4-1",
                                          "7",
                                          "https://a b/c",
                                          sdk::TimePoint(std::chrono::hours(1)),
                                          {{"dists/stable/InRelease", 12, hash}, {"pool/a b.deb", 34, hash}}},
                                         {"1.0", "6", "x", sdk::TimePoint(), {{"a", 1, hash}}}};
  const auto text = sdk::kept_text(copies);
  const auto read = sdk::parse_kept(text);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, copies);
  EXPECT_TRUE(sdk::parse_kept("")->empty());
  for (const std::string& bad :
       {"file " + hash + " 1 a\n", std::string("version 1\nfolder ../x\n"), std::string("version a b\n"),
        "version 1\nfolder 1\norigin x\nfile " + hash + " 1 ../a\n", "version 1\nfolder 1\norigin x\nfile " + hash + " 1 /a\n",
        "version 1\nfolder 1\norigin x\nfile " + hash.substr(1) + " 1 a\n", std::string("version 1\nfolder 1\norigin x\n"),
        text + "more\n"})
    EXPECT_FALSE(sdk::parse_kept(bad)) << bad;
}

}  // namespace
}  // namespace upkeep::test
