// SPDX-License-Identifier: Apache-2.0
// What the next document of a channel says, after what was said before and what its publisher asks for.

#include "core/release_edit.h"

#include <gtest/gtest.h>

#include "sdk/text.h"

namespace upkeep::core {
namespace {

using namespace std::chrono_literals;
using sdk::Errc;
using sdk::Version;

const sdk::TimePoint kNoon = sdk::parse_rfc3339("2027-01-05T12:00:00Z").value();

Version v(const char* text) { return Version::parse(text).value(); }

ReleaseEdit edit_to(const char* version, std::optional<bool> critical = false) {
  ReleaseEdit out;
  out.version = v(version);
  out.critical = critical;
  out.issued = kNoon;
  out.expires = kNoon + std::chrono::days(90);
  return out;
}
ReleaseEdit same_version() {
  ReleaseEdit out = edit_to("1.0.0");
  out.version.reset();
  out.critical.reset();
  return out;
}

// Everything that a document can say.
Document full() {
  auto out = edited("stable", std::nullopt, edit_to("1.2.0", true), kNoon).value();
  auto& release = out.release;
  release.serial = 7;
  release.notes_url = "https://example.com/1.2.0";
  release.not_before = kNoon + 1h;
  release.minimum_from = v("1.0.0");
  release.withdrawn = {{v("1.1.0"), v("1.1.1")}};
  release.rollout = {{kNoon, 10}};
  release.schedule = sdk::Config(sdk::Config::Table{{"always", sdk::Config(true)}});
  release.images = {{"registry.example.com/agent", "sha256:" + std::string(64, 'a')}};
  release.packages = {{"agent_1.2.0_amd64.deb", std::string(64, 'b')}};
  out.keys.emplace();
  return out;
}

std::string refusal(const sdk::Result<Document>& result, Errc code) {
  EXPECT_FALSE(result);
  if (result) return "";
  EXPECT_EQ(result.error().code, code);
  return result.error().message;
}

TEST(ReleaseEdit, ANewChannelBeginsWithSerial1) {
  const auto made = edited("stable", std::nullopt, edit_to("1.2.3"), kNoon);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->channel, "stable");
  EXPECT_EQ(made->release.version->str(), "1.2.3");
  EXPECT_EQ(made->release.serial, 1U);
  EXPECT_EQ(made->release.issued, kNoon);
  EXPECT_TRUE(parse_document(write_document(*made)));
  EXPECT_EQ(refusal(edited("stable", std::nullopt, same_version(), kNoon), Errc::invalid),
            "channel \"stable\" is new: name a version, or none");
}

TEST(ReleaseEdit, TheSameAgainIsRenewedAndKeepsAllItSaid) {
  const Document before = full();
  auto edit = same_version();
  edit.issued = kNoon + 24h;
  edit.expires = kNoon + std::chrono::days(120);
  Document wanted = before;
  wanted.release.serial = 8;
  wanted.release.issued = edit.issued;
  wanted.release.expires = edit.expires;
  EXPECT_EQ(write_document(edited("stable", before, edit, edit.issued).value()), write_document(wanted));
  edit.version = v("1.2.0");  // named, it is still the same
  EXPECT_EQ(write_document(edited("stable", before, edit, edit.issued).value()), write_document(wanted));
}

TEST(ReleaseEdit, WithTheVersionGoesWhatWasSaidOfIt) {
  const auto after = edited("stable", full(), edit_to("1.3.0"), kNoon).value();
  const auto& release = after.release;
  EXPECT_FALSE(release.critical);
  EXPECT_EQ(release.notes_url, "");
  EXPECT_FALSE(release.not_before);
  EXPECT_TRUE(release.rollout.empty() && release.images.empty() && release.packages.empty());
  EXPECT_EQ(release.minimum_from->str(), "1.0.0");
  EXPECT_EQ(release.withdrawn.size(), 1U);
  EXPECT_TRUE(release.schedule.has_value());
  EXPECT_TRUE(after.keys.has_value());
  EXPECT_EQ(release.serial, 8U);
}

TEST(ReleaseEdit, WhatIsAskedForIsSaidAndNothingTakesItAway) {
  auto edit = same_version();
  edit.critical = false;
  edit.notes_url = "";
  edit.not_before.emplace();
  edit.minimum_from.emplace();
  edit.rollout.emplace();
  edit.schedule.emplace();
  edit.images.emplace();
  edit.packages.emplace();
  const auto after = edited("stable", full(), edit, kNoon).value();
  EXPECT_EQ(after.release.withdrawn.size(), 1U);
  Document bare = full();
  bare.release = edited("stable", std::nullopt, edit_to("1.2.0"), kNoon)->release;
  bare.release.serial = 8;
  bare.release.withdrawn = full().release.withdrawn;
  EXPECT_EQ(write_document(after), write_document(bare));
}

TEST(ReleaseEdit, ANewVersionMustBeSaidToBeCriticalOrNot) {
  EXPECT_EQ(refusal(edited("stable", full(), edit_to("1.3.0", std::nullopt), kNoon), Errc::invalid),
            "say whether 1.3.0 is critical: --critical yes or --critical no");
  EXPECT_TRUE(edited("stable", full(), edit_to("1.3.0", true), kNoon)->release.critical);
}

TEST(ReleaseEdit, ALowerVersionIsForThoseWhoSaySo) {
  auto edit = edit_to("1.1.9");
  EXPECT_EQ(refusal(edited("stable", full(), edit, kNoon), Errc::denied),
            "1.1.9 is lower than 1.2.0, which the channel offers; --allow-downgrade if hosts shall go back");
  edit.allow_downgrade = true;
  EXPECT_TRUE(edited("stable", full(), edit, kNoon));
}

TEST(ReleaseEdit, NoneIsNoReleaseAndNeverCritical) {
  auto edit = same_version();
  edit.version.emplace(std::nullopt);
  edit.critical = true;
  const auto after = edited("stable", full(), edit, kNoon).value();
  EXPECT_FALSE(after.release.version);
  EXPECT_FALSE(after.release.critical);
}

TEST(ReleaseEdit, ASerialOnlyRises) {
  auto edit = same_version();
  for (const std::uint64_t serial : {1, 7}) {
    edit.serial = serial;
    EXPECT_EQ(refusal(edited("stable", full(), edit, kNoon), Errc::denied),
              "serial " + std::to_string(serial) + " is not higher than 7, which was published");
  }
  edit.serial = 100;
  EXPECT_EQ(edited("stable", full(), edit, kNoon)->release.serial, 100U);
}

TEST(ReleaseEdit, WhatNobodyCouldFollowIsNotMade) {
  auto edit = edit_to("1.3.0");
  edit.expires = kNoon;
  EXPECT_EQ(refusal(edited("stable", full(), edit, kNoon), Errc::invalid), "it would have expired already: 2027-01-05T12:00:00Z");
  edit = edit_to("1.3.0");
  edit.issued = kNoon + 1s;
  EXPECT_EQ(refusal(edited("stable", full(), edit, kNoon), Errc::invalid),
            "no host would believe it before it was issued: 2027-01-05T12:00:01Z");
  edit = edit_to("1.3.0");
  edit.not_before = edit.expires;
  EXPECT_EQ(refusal(edited("stable", full(), edit, kNoon), Errc::invalid),
            "nobody could upgrade: not before 2027-04-05T12:00:00Z, and it expires 2027-04-05T12:00:00Z");
  edit = edit_to("1.3.0");
  edit.minimum_from = v("1.4.0");
  EXPECT_EQ(refusal(edited("stable", full(), edit, kNoon), Errc::invalid), "only hosts with 1.4.0 could go to 1.3.0, which is lower");
  edit = edit_to("1.1.0");
  edit.allow_downgrade = true;
  EXPECT_EQ(refusal(edited("stable", full(), edit, kNoon), Errc::denied), "1.1.0 was withdrawn; `withdraw --undo` takes that back");
}

TEST(ReleaseEdit, PromotionTakesWhatIsSaidOfTheVersionAndNotWhen) {
  ReleaseEdit edit = same_version();
  take_release(full().release, edit);
  EXPECT_EQ((*edit.version)->str(), "1.2.0");
  EXPECT_EQ(edit.critical, true);
  EXPECT_EQ(edit.notes_url, "https://example.com/1.2.0");
  EXPECT_TRUE(edit.images && edit.packages && edit.minimum_from);
  EXPECT_FALSE(edit.rollout || edit.not_before || edit.schedule || edit.keys);
  edit.critical = false;  // what the publisher says himself counts
  take_release(full().release, edit);
  EXPECT_EQ(edit.critical, false);
}

TEST(ReleaseWithdrawn, TheOfferedVersionIsReplacedByTheOneToGoTo) {
  const auto after = withdrawn("stable", full(), v("1.2.0"), v("1.1.1"), false, same_version(), kNoon).value();
  EXPECT_EQ(after.release.version->str(), "1.1.1");
  EXPECT_FALSE(after.release.critical);
  ASSERT_EQ(after.release.withdrawn.size(), 2U);
  EXPECT_EQ(after.release.withdrawn[1].version.str(), "1.2.0");
  EXPECT_EQ(after.release.withdrawn[1].go_to->str(), "1.1.1");
  EXPECT_TRUE(after.release.packages.empty());
  EXPECT_TRUE(parse_document(write_document(after)));
}

TEST(ReleaseWithdrawn, WhereHostsHadToComeFromIsForgottenWhenTheyGoBelowIt) {
  EXPECT_EQ(withdrawn("stable", full(), v("1.2.0"), v("1.1.1"), false, same_version(), kNoon)->release.minimum_from->str(), "1.0.0");
  EXPECT_FALSE(withdrawn("stable", full(), v("1.2.0"), v("0.9.0"), false, same_version(), kNoon).value().release.minimum_from);
}

TEST(ReleaseWithdrawn, WithoutOneThereIsNoRelease) {
  const auto after = withdrawn("stable", full(), v("1.2.0"), std::nullopt, false, same_version(), kNoon).value();
  EXPECT_FALSE(after.release.version);
  EXPECT_FALSE(after.release.withdrawn[1].go_to);
}

TEST(ReleaseWithdrawn, AnotherVersionLeavesTheOfferAlone) {
  const auto after = withdrawn("stable", full(), v("1.1.5"), v("1.2.0"), false, same_version(), kNoon).value();
  EXPECT_EQ(after.release.version->str(), "1.2.0");
  EXPECT_TRUE(after.release.critical);
  EXPECT_EQ(after.release.packages.size(), 1U);
}

TEST(ReleaseWithdrawn, NobodyIsSentToWhatIsWithdrawn) {
  const Document before = full();  // leaves 1.1.0 for 1.1.1
  EXPECT_EQ(refusal(withdrawn("stable", before, v("1.2.0"), v("1.2.0"), false, same_version(), kNoon), Errc::invalid),
            "hosts cannot go to 1.2.0, which they leave");
  EXPECT_EQ(refusal(withdrawn("stable", before, v("1.2.0"), v("1.1.0"), false, same_version(), kNoon), Errc::invalid),
            "hosts cannot go to 1.1.0, which was withdrawn itself");
  const auto after = withdrawn("stable", before, v("1.1.1"), v("1.1.2"), false, same_version(), kNoon).value();
  EXPECT_EQ(after.release.withdrawn[0].version.str(), "1.1.0");
  EXPECT_EQ(after.release.withdrawn[0].go_to->str(), "1.1.2");
}

TEST(ReleaseWithdrawn, CanBeTakenBack) {
  const auto after = withdrawn("stable", full(), v("1.1.0"), std::nullopt, true, same_version(), kNoon).value();
  EXPECT_TRUE(after.release.withdrawn.empty());
  EXPECT_EQ(refusal(withdrawn("stable", full(), v("1.1.9"), std::nullopt, true, same_version(), kNoon), Errc::invalid),
            "1.1.9 was not withdrawn");
}

TEST(ReleaseEdit, WhatTwoPlainFilesCannotSayIsKnown) {
  EXPECT_TRUE(says_more(full()));
  EXPECT_FALSE(says_more(edited("stable", std::nullopt, edit_to("1.2.0", true), kNoon).value()));
  Document one = edited("stable", std::nullopt, edit_to("1.2.0"), kNoon).value();
  one.release.withdrawn = {{v("1.0.0"), std::nullopt}};
  EXPECT_TRUE(says_more(one));
}

TEST(ParseRollout, ReadsStagesThatRise) {
  const auto stages = parse_rollout("10%@2027-01-05T02:00:00Z, 100%@2027-01-06T02:00:00+01:00").value();
  ASSERT_EQ(stages.size(), 2U);
  EXPECT_EQ(stages[0].percent, 10);
  EXPECT_EQ(sdk::rfc3339(stages[1].starts), "2027-01-06T01:00:00Z");
  EXPECT_TRUE(parse_rollout("none")->empty());
  for (const char* bad : {"", "10", "10%", "10%@", "%@2027-01-05T02:00:00Z", "0%@2027-01-05T02:00:00Z", "101%@2027-01-05T02:00:00Z",
                          "10%@2027-01-05T02:00:00Z,", "10%@2027-01-05T02:00:00Z,10%@2027-01-06T02:00:00Z",
                          "10%@2027-01-05T02:00:00Z,20%@2027-01-05T02:00:00Z", "-1%@2027-01-05T02:00:00Z"})
    EXPECT_EQ(parse_rollout(bad).error().code, Errc::invalid) << bad;
}

TEST(ReleaseEdit, AfterAWithdrawalNothingLowerIsOfferedUnlessThatIsSaid) {
  const auto offered = edited("stable", std::nullopt, edit_to("2.0.0"), kNoon).value();
  const auto none = withdrawn("stable", offered, v("2.0.0"), std::nullopt, false, same_version(), kNoon).value();
  ASSERT_FALSE(none.release.version);
  EXPECT_EQ(refusal(edited("stable", none, edit_to("1.9.0"), kNoon), Errc::denied),
            "1.9.0 is lower than 2.0.0, which the channel has withdrawn and hosts may have; --allow-downgrade if hosts shall go back");
  EXPECT_TRUE(edited("stable", none, edit_to("2.0.1"), kNoon));
  auto back = edit_to("1.9.0");
  back.allow_downgrade = true;
  const auto lower = edited("stable", none, back, kNoon);
  ASSERT_TRUE(lower);
  EXPECT_TRUE(edited("stable", *lower, edit_to("1.9.1"), kNoon)) << "it was said once";

  const auto sent = withdrawn("stable", offered, v("2.0.0"), v("1.8.0"), false, same_version(), kNoon).value();
  EXPECT_TRUE(edited("stable", sent, edit_to("1.9.0"), kNoon)) << "hosts that had it are at 1.8.0";
}

TEST(ReleaseEdit, ASerialThatIsFarAboveIsAskedForByName) {
  auto before = full();
  auto edit = same_version();
  edit.serial = 7 + kFarthestSerial;
  EXPECT_TRUE(edited("stable", before, edit, kNoon));
  ++*edit.serial;
  EXPECT_EQ(refusal(edited("stable", before, edit, kNoon), Errc::denied),
            "serial 1000008 is far above 7, and there is no way back; --allow-serial-jump if that is meant");
  edit.allow_serial_jump = true;
  EXPECT_TRUE(edited("stable", before, edit, kNoon));
  auto first = edit_to("1.0.0");
  first.serial = std::uint64_t{9'007'199'254'740'990};
  EXPECT_FALSE(edited("stable", std::nullopt, first, kNoon));
}

}  // namespace
}  // namespace upkeep::core
