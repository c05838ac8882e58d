// SPDX-License-Identifier: Apache-2.0
// The life of a PackageKit transaction, in the order of signals that a real packagekitd 1.2.6 sends.
#include <gtest/gtest.h>

#include "shared/packagekit/roles.h"
#include "support/fake_packagekit.h"

namespace upkeep::shared::packagekit {
namespace {

using namespace std::chrono_literals;
using namespace upkeep::test;
using sdk::Errc;

constexpr const char* kId = "demo-agent;2.3.4-1;all;demo";

class PkTransaction : public testing::Test {
 protected:
  FakePackageKit host;

  sdk::Result<Outcome> play(std::vector<PkStep> steps) {
    host.plays["InstallPackages"].push_back(std::move(steps));
    return host.run(install_once());
  }
  sdk::Task<sdk::Result<Outcome>> install_once() {
    auto transaction = co_await Transaction::create(host);
    if (!transaction) co_return sdk::fail(transaction.error());
    std::vector<std::string> ids = {kId};
    auto request = install(kOnlyTrusted, std::move(ids), 30min);
    co_return co_await (*transaction)->run(std::move(request));
  }
  sdk::Task<sdk::Result<Listed>> look_up() {
    std::vector<std::string> names = {"demo-agent"};
    co_return co_await resolve(host, std::move(names), 30min);
  }
  sdk::Task<sdk::Result<Outcome>> attach_and_wait(std::string path) {
    auto transaction = co_await Transaction::attach(host, std::move(path));
    if (!transaction) co_return sdk::fail(transaction.error());
    if (!*transaction) co_return sdk::fail(Errc::unsupported, "it has ended");
    co_return co_await (*transaction)->wait(30min);
  }
};

TEST_F(PkTransaction, CollectsWhatIsSaidUntilFinished) {
  const auto outcome =
      play({pk_progress(31, 101), pk_progress(8, 10), pk_package(10, kId), pk_package(12, kId), pk_package(12, kId), pk_progress(9, 80),
            pk_restart(2, kId), pk_restart(4, kId), pk_progress(18, 100), pk_finished(1), pk_destroy()});
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->exit, Exit::success);
  EXPECT_EQ(outcome->packages, (std::vector<PackageLine>{{10, kId}, {12, kId}})) << "each line once";
  EXPECT_EQ(outcome->restarts, (std::vector<std::string>{"asks for a restart of the application: " + std::string(kId),
                                                         "asks for a restart of the system: " + std::string(kId)}));
  EXPECT_FALSE(failure(*outcome, "demo"));
  EXPECT_EQ(host.progressed, (std::vector<std::string>{"waiting for permission", "10 downloading", "80 installing"}));
}

// Found by fuzzing: cut to 32 bits it would be a success.
TEST_F(PkTransaction, AnEndWithANumberThatIsTooLargeIsNoSuccess) {
  test::PkStep end;
  end.member = "Finished";
  end.arguments.emplace_back(std::uint64_t{(1ULL << 32) + 1});
  const auto outcome = play({end, pk_destroy()});
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->exit, Exit::failed);
}

TEST_F(PkTransaction, AsksForNoQuestionsTheForegroundAndTextsThatCanBeRead) {
  ASSERT_TRUE(play({pk_finished(1)}));
  EXPECT_EQ(host.calls, (std::vector<std::string>{"CreateTransaction", "SetHints interactive=false background=false locale=C.UTF-8",
                                                  "InstallPackages 2 demo-agent;2.3.4-1;all;demo"}));
}

TEST_F(PkTransaction, TheErrorComesBeforeTheEndAndTheFirstOneCounts) {
  const auto outcome = play({pk_error(50, "not\nsigned"), pk_error(16, "follows"), pk_finished(8), pk_destroy()});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->exit, Exit::need_untrusted);
  EXPECT_EQ(outcome->error, 50U);
  EXPECT_EQ(outcome->error_text, "not signed");
}

TEST_F(PkTransaction, DestroyWithoutFinishedIsALostTransaction) {
  const auto outcome = play({pk_progress(9, 40), pk_destroy()});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Errc::internal);
  EXPECT_EQ(outcome.error().message, "PackageKit dropped its transaction /1_abcd without saying how it ended (last seen installing, 40 %)");
}

TEST_F(PkTransaction, PackagekitdDyingInTheMiddleIsSeenAtOnce) {
  const auto before = host.boot_now();
  const auto outcome = play({pk_progress(9, 40), pk_dies()});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Errc::transient);
  EXPECT_EQ(outcome.error().message, "packagekitd went away during its transaction /1_abcd (last seen installing, 40 %)");
  EXPECT_EQ(host.boot_now(), before) << "no waiting for the deadline";
}

TEST_F(PkTransaction, ThatAnotherPackagekitdQuitEarlierIsNoneOfItsConcern) {
  const auto outcome =
      play({pk_effect([this] { host.emit_owner_change(":1.3", ""); }), pk_effect([this] { host.emit_owner_change("", ":1.7"); })});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Errc::timeout) << "it went on waiting: " << outcome.error().message;
}

TEST_F(PkTransaction, AHangingTransactionEndsAtTheDeadlineAndIsNotCancelled) {
  const auto before = host.boot_now();
  const auto outcome = play({pk_progress(9, 40)});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Errc::timeout);
  EXPECT_EQ(host.boot_now() - before, 30min);
  EXPECT_NE(outcome.error().message.find("/1_abcd has not ended after 30m (last seen installing, 40 %)"), std::string::npos)
      << outcome.error().message;
  EXPECT_NE(outcome.error().message.find("systemctl status packagekit"), std::string::npos);
  EXPECT_EQ(host.called("Cancel"), 0);
}

TEST_F(PkTransaction, ALostBusIsTransient) {
  const auto outcome = play({{"lost", {}, nullptr}});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Errc::transient);
}

TEST_F(PkTransaction, ARefusedCallTellsWhoMayAllowIt) {
  host.refusals.emplace("InstallPackages", sdk::Error(Errc::denied, "org.freedesktop.PackageKit.Transaction.RefusedByPolicy: no"));
  const auto outcome = host.run(install_once());
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Errc::denied);
  EXPECT_EQ(outcome.error().message,
            "PackageKit refused InstallPackages: org.freedesktop.PackageKit.Transaction.RefusedByPolicy: no; `sudo upkeep enable demo` "
            "allows it");
}

TEST_F(PkTransaction, ACallThatThisBackendDoesNotKnowIsUnsupportedAndSilenceIsTransient) {
  host.refusals.emplace("InstallPackages", sdk::Error(Errc::invalid, "org.freedesktop.PackageKit.Transaction.NotSupported: no"));
  EXPECT_EQ(host.run(install_once()).error().code, Errc::unsupported);
  host.refusals.at("InstallPackages") = sdk::Error(Errc::timeout, "org.freedesktop.DBus.Error.NoReply: gone");
  EXPECT_EQ(host.run(install_once()).error().code, Errc::transient);
}

// As on a dnf host whose store had just been filled.
TEST_F(PkTransaction, ATransactionThatSomebodyHasEndedBeforeItsCallIsTransient) {
  host.refusals.emplace("InstallPackages", sdk::Error(Errc::invalid,
                                                      "org.freedesktop.PackageKit.Transaction.InvalidState: cannot call "
                                                      "InstallPackages on transaction /61_bbaecace: already in state finished"));
  EXPECT_EQ(host.run(install_once()).error().code, Errc::transient);
}

// Whoever tells packagekitd to quit ends what waits: our own package store does, and so may anybody.
TEST_F(PkTransaction, OneThatWasEndedBeforeItHadBegunIsFollowedByAnother) {
  host.refusals.emplace("Resolve",
                        sdk::Error(Errc::invalid, "org.freedesktop.PackageKit.Transaction.InvalidState: already in state finished"));
  host.refused_times["Resolve"] = 2;
  const auto found = host.run(look_up());
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(host.called("CreateTransaction"), 3);

  host.refused_times["Resolve"] = 3;
  EXPECT_EQ(host.run(look_up()).error().code, Errc::transient) << "three times are enough";
  host.refusals.clear();

  for (const auto& end : {std::vector<PkStep>{pk_error(17, "told to quit"), pk_finished(3), pk_destroy()},
                          std::vector<PkStep>{pk_progress(1, 0), pk_finished(3), pk_destroy()}, std::vector<PkStep>{pk_destroy()}}) {
    host.plays["Resolve"] = {end};
    EXPECT_TRUE(host.run(look_up()));
  }
}

TEST_F(PkTransaction, OneThatSomebodyCancelledInTheMiddleIsNotBegunAgain) {
  host.plays["Resolve"] = {{pk_progress(13, 0), pk_finished(3), pk_destroy()}};
  EXPECT_EQ(host.run(look_up()).error().code, Errc::cancelled);
  EXPECT_EQ(host.called("CreateTransaction"), 1);
}

TEST_F(PkTransaction, APackagekitdThatCannotBeStartedIsTransientAndSaysWhatToLookAt) {
  for (const char* name : {"org.freedesktop.DBus.Error.ServiceUnknown", "org.freedesktop.DBus.Error.Spawn.ChildExited",
                           "org.freedesktop.systemd1.UnitMasked"}) {
    host.refusals.clear();
    for (const char* method : {"CreateTransaction", "GetTimeSinceAction"})
      host.refusals.emplace(method, sdk::Error(Errc::invalid, std::string(name) + ": no"));
    for (const auto& error : {host.run(install_once()).error(), host.run(age_of_lists(host)).error()}) {
      EXPECT_EQ(error.code, Errc::transient) << error.message;
      EXPECT_NE(error.message.find("is the package packagekit installed"), std::string::npos) << error.message;
    }
  }
}

TEST_F(PkTransaction, GarbageOfAnyKindDoesNotStopIt) {
  const PkStep odd[] = {{"Package", {}, nullptr},           {"Package", {"text", 5}, nullptr},      {"ErrorCode", {}, nullptr},
                        {"Packages", {"no list"}, nullptr}, {"PropertiesChanged", {1, 2}, nullptr}, {"Surprise", {true}, nullptr}};
  for (const auto& step : odd) {
    EXPECT_TRUE(play({step, pk_finished(1)})) << step.member;
  }
  sdk::BusArray short_line(1, sdk::BusValue(11));
  sdk::BusArray arguments(1, sdk::BusValue(sdk::BusArray(1, sdk::BusValue(short_line))));
  const auto outcome = play({{"Packages", arguments, nullptr}, pk_finished(1)});
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(outcome->packages.empty());
}

TEST_F(PkTransaction, MorePackagesThanAnybodyCanJudgeAreNotKept) {
  std::vector<PkStep> steps;
  for (int i = 0; i < 5000; ++i) steps.push_back(pk_package(12, "p" + std::to_string(i) + ";1;all;demo"));
  steps.push_back(pk_finished(1));
  const auto outcome = play(std::move(steps));
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(outcome->incomplete);
  EXPECT_EQ(outcome->packages.size(), 4096U);
}

TEST_F(PkTransaction, PluralSignalsCountAsWell) {
  sdk::BusArray line;
  for (const sdk::BusValue& part : {sdk::BusValue(11), sdk::BusValue(kId), sdk::BusValue("summary")}) line.push_back(part);
  sdk::BusArray lines;
  lines.emplace_back(line);
  sdk::BusArray arguments;
  arguments.emplace_back(lines);
  const auto outcome = play({{"Packages", arguments, nullptr}, pk_finished(1)});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->packages, (std::vector<PackageLine>{{11, kId}}));
}

TEST_F(PkTransaction, OneThatRunsIsFoundAgainAndItsEndAwaited) {
  host.running["/7_beef"] = {pk_progress(9, 90), pk_finished(1), pk_destroy()};
  const auto outcome = host.run(attach_and_wait("/7_beef"));
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->exit, Exit::success);
}

TEST_F(PkTransaction, OneThatEndedIsNotFoundAndPackagekitdIsNotStartedToAskForIt) {
  host.running["/7_beef"] = {};
  EXPECT_EQ(host.run(attach_and_wait("/8_beef")).error().message, "it has ended");
  host.packagekitd_runs = false;
  EXPECT_EQ(host.run(attach_and_wait("/7_beef")).error().message, "it has ended");
  EXPECT_EQ(host.called("GetTransactionList"), 1);
}

TEST_F(PkTransaction, ADamagedNoteIsNoPath) {
  for (const std::string path : {"", "/", "7_beef", "/7/beef", "/7_beef;", "/7\n"}) {
    EXPECT_EQ(host.run(attach_and_wait(path)).error().code, Errc::internal) << path;
  }
  EXPECT_EQ(host.run(attach_and_wait("/" + std::string(200, 'a'))).error().code, Errc::internal);
  EXPECT_TRUE(host.calls.empty());
}

TEST_F(PkTransaction, TheAgeOfTheListsIsPackageKitsAnswerAndNeverIsVeryLongAgo) {
  host.refreshed_ago = 90s;
  EXPECT_EQ(*host.run(age_of_lists(host)), 90s);
  host.refreshed_ago = std::chrono::seconds(UINT32_MAX);
  EXPECT_GT(*host.run(age_of_lists(host)), std::chrono::hours(24 * 3650));
}

TEST_F(PkTransaction, ARefreshThatFailsSaysWhatFailed) {
  host.plays["RefreshCache"].push_back({pk_error(2, "offline"), pk_finished(2), pk_destroy()});
  const auto done = host.run(refresh(host, true, 30min));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::transient);
  EXPECT_EQ(done.error().message, "reading the package lists: PackageKit says no_network (2): offline");
}

}  // namespace
}  // namespace upkeep::shared::packagekit
