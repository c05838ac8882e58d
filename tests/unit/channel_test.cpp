// SPDX-License-Identifier: Apache-2.0
// What the bytes of a channel mean.

#include "core/channel.h"

#include <gtest/gtest.h>

namespace upkeep::core {
namespace {

sdk::Offer offer(std::string version, std::optional<std::string> critical = "no") {
  return {"https://updates.example.com/v1/current", "", sdk::PlainOffer{std::move(version), std::move(critical), ""}};
}

std::string version_in(std::string body) {
  auto checked = check_offer(offer(std::move(body)));
  if (!checked) return "error: " + checked.error().message;
  return checked->release.version ? checked->release.version->str() : "none";
}

CheckedRelease with_critical(std::optional<std::string> body, std::string note = "") {
  sdk::Offer made = offer("1.2.3", std::move(body));
  std::get<sdk::PlainOffer>(made.body).critical_note = std::move(note);
  return check_offer(made).value();
}

TEST(PlainChannel, HoldsOneVersionWithOrWithoutVAndWhiteSpace) {
  for (const char* body : {"14.3.33", "v14.3.33", "14.3.33\n", "14.3.33\r\n", " \t v14.3.33 \n\n"})
    EXPECT_EQ(version_in(body), "14.3.33") << body;
  EXPECT_EQ(version_in("2.0.0-rc.1+b7\n"), "2.0.0-rc.1+b7");
}

TEST(PlainChannel, NoneIsNoReleaseAlsoWithANewline) {
  EXPECT_EQ(version_in("none"), "none");
  EXPECT_EQ(version_in("none\n"), "none");
  EXPECT_TRUE(check_offer(offer("none")).has_value());
}

TEST(PlainChannel, IsAtMost4KiBLong) {
  EXPECT_EQ(version_in("1.2.3" + std::string(4091, '\n')), "1.2.3");
  EXPECT_NE(version_in("1.2.3" + std::string(4092, '\n')).find("longer than 4 KiB"), std::string::npos);
}

TEST(PlainChannel, AnythingElseIsAnErrorThatNamesTheFileAndQuotesIt) {
  struct Case {
    std::string body, quoted;
  };
  for (const Case& one : {Case{"<!DOCTYPE html><html><body>404 Not Found</body></html>", "\"<!DOCTYPE html><html>"}, Case{"1.2", "\"1.2\""},
                          Case{"1.2.3 4.5.6", "\"1.2.3 4.5.6\""}, Case{"1.2.3\n1.2.4\n", "\"1.2.3?1.2.4\""},
                          Case{std::string("1.2.3\0", 6), "\"1.2.3?\""}, Case{std::string("\0", 1), "\"?\""},
                          Case{"\xef\xbb\xbf"
                               "1.2.3",
                               "\"???1.2.3\""},
                          Case{"None", "\"None\""}, Case{"vnone", "\"vnone\""}, Case{"\x1b[2J1.2.3", "\"?[2J1.2.3\""}}) {
    auto checked = check_offer(offer(one.body));
    ASSERT_FALSE(checked) << one.body;
    EXPECT_EQ(checked.error().code, sdk::Errc::invalid);
    EXPECT_NE(checked.error().message.find("version file of https://updates.example.com/v1/current"), std::string::npos);
    EXPECT_NE(checked.error().message.find(one.quoted), std::string::npos) << checked.error().message;
  }
}

TEST(PlainChannel, AnEmptyFileSaysSo) {
  EXPECT_NE(version_in("").find("it is empty"), std::string::npos);
  EXPECT_NE(version_in(" \n").find("it is empty"), std::string::npos);
}

TEST(PlainChannel, AnErrorQuotesAtMost60Characters) {
  std::string message = check_offer(offer(std::string(4000, 'x'))).error().message;
  EXPECT_NE(message.find("\"" + std::string(60, 'x') + "\"…"), std::string::npos) << message;
}

TEST(PlainChannel, CriticalIsYesOrTrueOfAnyCase) {
  for (const char* body : {"yes", "YES", "Yes\n", "true", "True", " tRUE\r\n"}) {
    EXPECT_TRUE(with_critical(body).release.critical) << body;
    EXPECT_TRUE(with_critical(body).warnings.empty()) << body;
  }
}

TEST(PlainChannel, NotCriticalIsNoOrFalseOfAnyCase) {
  for (const char* body : {"no", "NO\n", "false", "False", "\tfalse "}) {
    EXPECT_FALSE(with_critical(body).release.critical) << body;
    EXPECT_TRUE(with_critical(body).warnings.empty()) << body;
  }
}

TEST(PlainChannel, ACriticalFlagThatCannotBeReadIsNotCriticalWithAWarning) {
  for (const std::string& body : {std::string(), std::string("1"), std::string("y"), std::string("yes please"), std::string("on"),
                                  std::string("yes\0", 4), std::string("<html>yes</html>"), "yes" + std::string(4094, ' ')}) {
    CheckedRelease checked = with_critical(body);
    EXPECT_FALSE(checked.release.critical) << body;
    ASSERT_EQ(checked.warnings.size(), 1U) << body;
    EXPECT_EQ(checked.release.version->str(), "1.2.3");
  }
}

TEST(PlainChannel, AMissingCriticalFileWarnsWithTheSourcesReason) {
  CheckedRelease checked = with_critical(std::nullopt, "status 404");
  EXPECT_FALSE(checked.release.critical);
  EXPECT_EQ(checked.warnings, std::vector<std::string>{"critical could not be read: status 404"});
  EXPECT_EQ(with_critical(std::nullopt).warnings, std::vector<std::string>{"critical could not be read"});
}

TEST(PlainChannel, TheReleaseKnowsWhereItCameFrom) {
  EXPECT_EQ(check_offer(offer("1.2.3"))->release.origin, "https://updates.example.com/v1/current");
}

TEST(SignedChannel, SaysWhatItsDocumentSaysWhoeverHasSignedIt) {
  const char* document = R"({"channel": "current", "version": "2.3.4", "critical": true, "serial": 3, "issued": "2026-11-29T12:00:00Z",
    "expires": "2027-02-27T12:00:00Z", "ring": 1})";
  const auto checked = check_offer({"https://updates.example.com/v1/current", "", sdk::SignedOffer{document, {}}});
  ASSERT_TRUE(checked) << checked.error().message;
  EXPECT_EQ(checked->release.version->str(), "2.3.4");
  EXPECT_TRUE(checked->release.critical);
  EXPECT_EQ(checked->release.origin, "https://updates.example.com/v1/current");
  EXPECT_EQ(checked->warnings.size(), 1U);
  EXPECT_EQ(check_offer({"https://x/current", "", sdk::SignedOffer{"{}", {}}}).error().message,
            "release.json of https://x/current: channel is missing");
}

}  // namespace
}  // namespace upkeep::core
