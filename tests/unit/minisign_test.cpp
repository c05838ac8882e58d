// SPDX-License-Identifier: Apache-2.0
// Keys and signatures that Debian's minisign 0.11 made, and what hostile hands make of them.

#include "core/minisign.h"

#include <gtest/gtest.h>

#include "sdk/base64.h"

namespace upkeep::core {
namespace {

const std::string kKey = "RWS8kBRNAx0A5lKkMFzj6/zB/gVofvp8YLdqZfed1R0I8rX3fG+0215f";
const std::string kKeyFile = "untrusted comment: minisign public key E6001D034D1490BC\n" + kKey + "\n";
const std::string kOtherKey = "RWTWB8G81J4/mjrOmJOGUHrqVqvCGcTA/Yq7KBGPqPXtIs/CCKsVJQBf";

// Both of "hello".
const std::string kPrehashed =
    "untrusted comment: signature from minisign secret key\n"
    "RUS8kBRNAx0A5oL+HFJyFLZUEb4llPH5mvDQUAIXrczMlDkT+QtBhFJ0rFQ35GDwI7UJa2VgWBJILcy0occBLUJg+DjyCDYRSQs=\n"
    "trusted comment: stable 12\n"
    "WngJnQJxpVMp9w53utPu81yHC/iQponHlOW6THqJSREZh3H4Y2AN9MoaNYXJIuG8IJN5DKrWLsUI2b4lXeBbBw==\n";
const std::string kLegacy =
    "untrusted comment: signature from minisign secret key\n"
    "RWS8kBRNAx0A5j2snfxisGTC0lKW7thfMk3YVpjB5a1FG++TkyM5rkIySqGFP6XAzS1ceahtXLbAX0LxM8eVYTFqTc/qYmo3Nwk=\n"
    "trusted comment: stable 12\n"
    "iFf86SmRtz56MTEwzkjHzd/LwvTG0x0UJQ6FtRFHe6Q4P0LHGKy3ZyJ8jjM1LApS8zVd/oEui+OixIr6KOsAAw==\n";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

// "" when the signature is that of the message.
std::string judged(const std::string& key, const std::string& message, const std::string& signature) {
  const auto read = parse_minisign_signature(signature);
  if (!read) return read.error().message;
  const auto done = verify(parse_minisign_key(key).value(), message, *read);
  EXPECT_TRUE(done || done.error().code == sdk::Errc::denied);
  return done ? "" : done.error().message;
}

TEST(Minisign, AcceptsWhatMinisignMade) {
  EXPECT_EQ(judged(kKey, "hello", kPrehashed), "");
  EXPECT_EQ(judged(kKeyFile, "hello", kLegacy), "");
  EXPECT_TRUE(parse_minisign_signature(kPrehashed)->prehashed);
  EXPECT_FALSE(parse_minisign_signature(kLegacy)->prehashed);
  EXPECT_EQ(parse_minisign_signature(kLegacy)->trusted_comment, "stable 12");
}

TEST(Minisign, ReadsAKeyWithOrWithoutItsFileAndWritesTheSameLine) {
  const auto key = parse_minisign_key(kKeyFile);
  ASSERT_TRUE(key);
  EXPECT_EQ(key->id, "E6001D034D1490BC");
  EXPECT_EQ(to_text(*key), kKey);
  for (const std::string& same : {kKey, kKey + "\n", kKey + "\r\n", replaced(kKeyFile, "\n", "\r\n")})
    EXPECT_EQ(parse_minisign_key(same), *key);
}

TEST(Minisign, LinesMayEndAsOnWindowsOrNotAtAll) {
  std::string with_cr;
  for (const char c : kPrehashed) with_cr += c == '\n' ? "\r\n" : std::string(1, c);
  EXPECT_EQ(judged(kKey, "hello", with_cr), "");
  EXPECT_EQ(judged(kKey, "hello", kPrehashed.substr(0, kPrehashed.size() - 1)), "");
}

TEST(Minisign, RefusesChangedBytes) {
  for (const std::string& signature : {kPrehashed, kLegacy})
    for (const char* other : {"", "hello\n", "hellp", "Hello"})
      EXPECT_EQ(judged(kKey, other, signature), "the signature with key E6001D034D1490BC is not one of these bytes") << other;
}

TEST(Minisign, RefusesAChangedTrustedComment) {
  for (const std::string& signature : {kPrehashed, kLegacy})
    for (const char* other : {"stable 13", "stable 12 ", "", "stable 12\x01"})
      EXPECT_EQ(judged(kKey, "hello", replaced(signature, "stable 12", other)),
                "the trusted comment is not the one that was signed with key E6001D034D1490BC");
}

TEST(Minisign, TheUntrustedCommentIsWorthNothing) {
  EXPECT_EQ(judged(kKey, "hello", replaced(kPrehashed, "signature from minisign secret key", "anything")), "");
}

TEST(Minisign, RefusesAnotherKey) {
  EXPECT_EQ(judged(kOtherKey, "hello", kPrehashed), "it is signed with key \"E6001D034D1490BC\", not with 9A3F9ED4BCC107D6");
  // Another key under the same id.
  auto posing = parse_minisign_key(kOtherKey).value();
  posing.id = "E6001D034D1490BC";
  EXPECT_EQ(judged(to_text(posing), "hello", kPrehashed), "the signature with key E6001D034D1490BC is not one of these bytes");
}

// One form's signature must not pass as the other's: the algorithm is not signed.
TEST(Minisign, TheTwoFormsAreNotExchangeable) {
  EXPECT_NE(judged(kKey, "hello", replaced(kPrehashed, "RUS8", "RWS8")), "");
  EXPECT_NE(judged(kKey, "hello", replaced(kLegacy, "RWS8", "RUS8")), "");
}

TEST(Minisign, EveryChangedCharacterOfASignatureIsNoticed) {
  const std::size_t first = kPrehashed.find("RUS8");
  for (std::size_t at = first; at < kPrehashed.size() - 1; ++at) {
    std::string changed = kPrehashed;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    EXPECT_NE(judged(kKey, "hello", changed), "") << "at " << at;
  }
}

TEST(Minisign, HostileSignaturesAreRefusedByWhatIsWrong) {
  const auto message = [](const std::string& text) {
    const auto read = parse_minisign_signature(text);
    EXPECT_TRUE(!read && read.error().code == sdk::Errc::invalid);
    return read ? "" : read.error().message;
  };
  const std::string is_none = "this is no signature of minisign: ";
  EXPECT_EQ(message(""), is_none + "it has 0 lines instead of 4");
  EXPECT_EQ(message(kPrehashed + "more\n"), is_none + "it has 5 lines instead of 4");
  EXPECT_EQ(message(replaced(kPrehashed, "untrusted comment: ", "comment: ")), is_none + "line 1 is no untrusted comment");
  EXPECT_EQ(message(replaced(kPrehashed, "\ntrusted comment: ", "\ncomment: ")), is_none + "line 3 is no trusted comment");
  EXPECT_EQ(message(replaced(kPrehashed, "RUS8", " RUS8")), is_none + "line 2 is not 74 bytes in base64");
  EXPECT_EQ(message(replaced(kPrehashed, "RUS8", "RUS")), is_none + "line 2 is not 74 bytes in base64");
  EXPECT_EQ(message(replaced(kPrehashed, "RUS8", "RkS8")), is_none + "its algorithm is neither ED nor Ed");
  EXPECT_EQ(message(replaced(kPrehashed, "WngJ", "WngJWngJ")), is_none + "line 4 is not 64 bytes in base64");
  EXPECT_EQ(message(replaced(kPrehashed, "Bw==", "Bx==")), is_none + "line 4 is not 64 bytes in base64");  // spare bits
  EXPECT_EQ(message(replaced(kPrehashed, "stable 12", std::string(4096, 'x'))), is_none + "it has more than 4096 bytes");
  EXPECT_EQ(message(std::string(200, '\0')), is_none + "it has 1 lines instead of 4");
}

TEST(Minisign, HostileKeysAreRefused) {
  for (const std::string& bad :
       {std::string(), std::string("RW"), kKey + kKey, kKey + "\n" + kKey, "untrusted comment: x\n\n" + kKey, "\n" + kKey, kKey + "=",
        replaced(kKey, "RWS8", "RUS8"), replaced(kKey, "/", "_"), std::string(5000, 'A'), std::string(56, '\0'), kPrehashed})
    EXPECT_EQ(parse_minisign_key(bad).error().code, sdk::Errc::invalid) << bad;
}

// A placeholder of zeros in a configuration would trust everybody.
TEST(Minisign, AKeyThatAnybodyCouldSignForIsNoKey) {
  for (const unsigned char first : {0x00, 0x01}) {
    std::string bytes = "Ed" + std::string(40, '\0');
    bytes[10] = static_cast<char>(first);
    for (const unsigned char sign : {0x00, 0x80}) {
      bytes[41] = static_cast<char>(sign);
      const auto key = parse_minisign_key(sdk::to_base64(bytes));
      ASSERT_FALSE(key);
      EXPECT_EQ(key.error().message, "this is a key that anybody could sign for");
    }
  }
}

TEST(Base64, IsStrict) {
  for (const std::string& bytes : {std::string(), std::string("a"), std::string("ab"), std::string("abc"), std::string("\0\xff\x10", 3)})
    EXPECT_EQ(sdk::from_base64(sdk::to_base64(bytes)), bytes);
  EXPECT_EQ(sdk::to_base64("light work"), "bGlnaHQgd29yaw==");
  for (const char* bad : {"a", "ab==c", "YWJj\n", " YWJ", "YQ==YQ==", "YR==", "====", "=AAA", "YW-j", "YWJjY"})
    EXPECT_FALSE(sdk::from_base64(bad)) << bad;
}

}  // namespace
}  // namespace upkeep::core
