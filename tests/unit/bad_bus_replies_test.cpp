// SPDX-License-Identifier: Apache-2.0
// Answers that no sane packagekitd gives, on a real bus, to each installer.
#include "shared/packagekit/roles.h"
#include "support/bad_bus.h"

namespace upkeep::test {
namespace {

using namespace std::chrono_literals;
using OddReply = WireHost::OddReply;

struct BadReply {
  const char* name;
  const char* method;
  OddReply reply;
  // What is said of it; "": it succeeds.
  const char* prepare;
  const char* apply;
};

constexpr const char* kNoPath = "PackageKit's new transaction has no sound path: \"";
const std::string kRefusal = "org.freedesktop.PackageKit.Transaction.";

const std::vector<BadReply>& bad_replies() {
  static const std::string kLongReason = "no\n\x1b[31m" + std::string(std::size_t{1} << 20, 'x');
  static const std::vector<BadReply> kRows = {
      {"TheManagersPath", "CreateTransaction", {"o", {"/org/freedesktop/PackageKit"}}, kNoPath, kNoPath},
      {"TheRoot", "CreateTransaction", {"o", {"/"}}, kNoPath, kNoPath},
      {"NoPath", "CreateTransaction", {"s", {"../1 && reboot"}}, "has no sound path: \"../1 && reboot\"", "../1 && reboot"},
      {"ANumber", "CreateTransaction", {"u", {5}}, kNoPath, kNoPath},
      {"Nothing", "CreateTransaction", {"", {}}, kNoPath, kNoPath},
      {"ALongPath", "CreateTransaction", {"o", {"/" + std::string(60000, 'x')}}, kNoPath, kNoPath},
      {"AMebibyteOfAReason",
       "CreateTransaction",
       {kRefusal + "RefusedByPolicy", {kLongReason}},
       "RefusedByPolicy: no",
       "RefusedByPolicy: no"},
      {"Silence",
       "CreateTransaction",
       {"org.freedesktop.DBus.Error.NoReply", {"it died"}},
       "PackageKit did not answer CreateTransaction",
       "PackageKit did not answer CreateTransaction"},
      {"NoHints", "SetHints", {kRefusal + "NotSupported", {kLongReason}}, "PackageKit refused SetHints", "PackageKit refused SetHints"},
      {"ARefusedRole",
       "InstallPackages",
       {kRefusal + "PackageIdInvalid", {kLongReason}},
       "PackageKit refused InstallPackages",
       "PackageKit refused InstallPackages"},
      {"AnErrorWithoutWords",
       "InstallPackages",
       {kRefusal + "InvalidState", {""}},
       "PackageKit refused InstallPackages",
       "PackageKit refused InstallPackages"},
      {"AnAgeInWords", "GetTimeSinceAction", {"s", {"yesterday"}}, "", ""},
      {"AnAgeOfForever", "GetTimeSinceAction", {"t", {std::uint64_t{UINT64_MAX}}}, "", ""},
      {"NoAge", "GetTimeSinceAction", {kRefusal + "Failed", {kLongReason}}, "PackageKit refused GetTimeSinceAction", ""},
      {"ABackendInNumbers", "Get", {"v", {7}}, "", ""},
      {"ABackendThatIsAList", "Get", {"as", {sdk::BusArray{}}}, "", ""},
  };
  return kRows;
}

class BadBusReplies : public BadBusTest, public testing::WithParamInterface<std::tuple<BadReply, Family>> {
 protected:
  BadBusReplies() {
    use(std::get<1>(GetParam()));
    host.odd_replies[row.method] = row.reply;
  }
  BadReply row = std::get<0>(GetParam());
};

TEST_P(BadBusReplies, EndWithWhatWasWrong) {
  const auto plan = said(prepare());
  EXPECT_TRUE(says(plan, row.prepare)) << plan;
  const auto seen = inspect();
  ASSERT_TRUE(seen) << said(seen);
  const auto done = said(apply());
  EXPECT_TRUE(says(done, row.apply)) << done;
  EXPECT_TRUE(verify());
}

INSTANTIATE_TEST_SUITE_P(All, BadBusReplies,
                         testing::Combine(testing::ValuesIn(bad_replies()), testing::Values(Family::apt, Family::yum, Family::zypper)),
                         row_name<BadReply>);

class BadBusAlone : public BadBusTest, public testing::WithParamInterface<Family> {
 protected:
  BadBusAlone() { use(GetParam()); }
};

TEST_P(BadBusAlone, AnAgeThatCannotBeReadIsNoFreshness) {
  for (const OddReply& odd : {OddReply{"s", {"yesterday"}}, OddReply{"t", {std::uint64_t{UINT64_MAX}}}, OddReply{"x", {-5}}}) {
    host.odd_replies["GetTimeSinceAction"] = odd;
    host.calls.clear();
    EXPECT_TRUE(prepare());
    EXPECT_EQ(host.called("RefreshCache"), 1) << odd.signature;
  }
}

TEST_P(BadBusAlone, ABackendThatIsNoTextIsNamed) {
  const auto backend = [&](OddReply odd) {
    host.odd_replies["Get"] = std::move(odd);
    return host.run(shared::packagekit::backend_name(host));
  };
  for (const OddReply& odd : {OddReply{"v", {7}}, OddReply{"u", {7}}, OddReply{"", {}}, OddReply{"v", {true}}})
    EXPECT_EQ(said(backend(odd)), "PackageKit does not say which backend it has");
  host.odd_replies["Get"] = {"v", {"dummy\n\x1b" + std::string(std::size_t{1} << 20, 'x')}};
  const auto seen = inspect();
  ASSERT_FALSE(seen);
  EXPECT_EQ(seen.error().code, sdk::Errc::unsupported);
  EXPECT_TRUE(says(said(seen), "this host's PackageKit works with dummy")) << said(seen);
}

// The transaction of a former life; while nobody can tell whether it runs, nothing is begun beside it.
TEST_P(BadBusAlone, AListOfTransactionsThatIsNoneStopsWhoeverWaitsForOne) {
  for (const OddReply& odd : {OddReply{"s", {"/7_beef"}}, OddReply{"u", {1}}, OddReply{"", {}}}) {
    host.odd_replies["GetTransactionList"] = odd;
    const auto done = apply("/7_beef");
    EXPECT_TRUE(says(said(done), "PackageKit does not say which transactions it has")) << said(done);
  }
  host.odd_replies["GetTransactionList"] = {"as", {sdk::BusArray{"/8_cafe", "no path"}}};
  EXPECT_TRUE(apply("/7_beef")) << "others' are none of its concern";
}

TEST_P(BadBusAlone, ARefreshThatNeverEndsIsGivenUpAndTheListsOfBeforeUsed) {
  host.refreshed_ago = 7h;
  host.misplay = [](const sdk::BusCall& call, std::vector<PkStep>& steps) {
    if (call.member == "RefreshCache") steps.clear();
  };
  const auto plan = prepare();
  EXPECT_TRUE(plan) << said(plan);
  EXPECT_TRUE(!host.logged.empty() && says(host.logged.back(), "has not ended after 30m")) << "the log says so";
}

TEST_P(BadBusAlone, WhoDiesInEveryTransactionIsNotWaitedForAgainAndAgain) {
  host.misplay = [](const sdk::BusCall&, std::vector<PkStep>& steps) { steps = {pk_dies()}; };
  const auto done = apply();
  EXPECT_EQ(done.error().code, sdk::Errc::transient) << said(done);
  EXPECT_EQ(host.called("InstallPackages"), GetParam() == Family::apt ? 1 : 0) << "the dry run, or the list before it";
}

TEST_P(BadBusAlone, WhoSaysThatItIsThereAndInstalledNothingIsNotBelieved) {
  host.misplay = [](const sdk::BusCall& call, std::vector<PkStep>& steps) {
    if (stage_of(call) == Stage::change) steps = {pk_package(12, "demo-agent;2.3.4-1;noarch;demo"), pk_finished(1), pk_destroy()};
  };
  const auto done = apply();
  EXPECT_TRUE(says(said(done), std::string("but ") + (GetParam() == Family::apt ? "dpkg" : "rpm") + " has 1.2.3-1 (installed)"))
      << said(done);
  EXPECT_EQ(verify()->standing, sdk::Standing::baseline);
}

INSTANTIATE_TEST_SUITE_P(All, BadBusAlone, testing::Values(Family::apt, Family::yum, Family::zypper), &family_name);

class BadBusRpm : public BadBusAlone {};

// The reinstallation that would tell whether the installed version can be had again answers for something else.
TEST_P(BadBusRpm, AnotherPackageIsNoWayBack) {
  host.misplay = [](const sdk::BusCall& call, std::vector<PkStep>& steps) {
    if (call.member == "InstallPackages") steps = {pk_package(12, "other;1-1;noarch;demo"), pk_finished(1), pk_destroy()};
  };
  const auto seen = inspect();
  ASSERT_TRUE(seen) << said(seen);
  EXPECT_EQ(seen->way_back.how, sdk::WayBackHow::none) << seen->way_back.text;
}

// Each repository that is named is asked for the installed version, one after the other.
TEST_P(BadBusRpm, ThousandsOfRepositoriesAreNotAskedOneByOne) {
  host.misplay = [](const sdk::BusCall& call, std::vector<PkStep>& steps) {
    if (call.member != "Resolve") return;
    for (int i = 0; i < 1000; ++i) steps.insert(steps.begin(), pk_package(2, "demo-agent;2.3.4-1;noarch;repo" + std::to_string(i)));
  };
  const auto seen = inspect();
  ASSERT_TRUE(seen) << said(seen);
  EXPECT_LT(host.called("InstallPackages"), 100);
  EXPECT_TRUE(says(seen->way_back.text, "PackageKit names more repositories for demo-agent than can be asked")) << seen->way_back.text;
}

TEST_P(BadBusRpm, AllRepositoriesTogetherHaveOneDeadline) {
  for (int i = 0; i < 10; ++i) host.ids.push_back("demo-agent;2.0.0-1;noarch;repo" + std::to_string(i));
  host.misplay = [this](const sdk::BusCall& call, std::vector<PkStep>& steps) {
    if (call.member == "InstallPackages") steps = {pk_effect([this] { host.pass(14min); }), pk_error(8, "no"), pk_finished(2)};
  };
  const auto begun = host.boot_now();
  const auto seen = inspect();
  ASSERT_TRUE(seen) << said(seen);
  EXPECT_LE(host.boot_now() - begun, settings.deadline + 15min) << "the one that has begun is waited for";
  EXPECT_TRUE(says(seen->way_back.text, "has not ended after")) << seen->way_back.text;
}

INSTANTIATE_TEST_SUITE_P(All, BadBusRpm, testing::Values(Family::yum, Family::zypper), &family_name);

}  // namespace
}  // namespace upkeep::test
