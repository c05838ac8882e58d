// SPDX-License-Identifier: Apache-2.0
// In which order a channel's files are written: whoever reads in between must never see a release as critical that is not.

#include "core/channel_files.h"

#include <gtest/gtest.h>

namespace upkeep::core {
namespace {

sdk::Release release(const char* version, bool critical) {
  sdk::Release out;
  if (*version != '\0') out.version = sdk::Version::parse(version).value();
  out.critical = critical;
  return out;
}

std::vector<std::string> names(const std::vector<ChannelFile>& files) {
  std::vector<std::string> out;
  for (const auto& file : files) out.push_back(file.name);
  return out;
}

MinisignKey key(const char* id) { return {.id = id}; }

TEST(ChannelFiles, CriticalIsWrittenFirstWhenItBecomesNoAndLastWhenItBecomesYes) {
  EXPECT_EQ(plain_files(release("1.2.3", false)), (std::vector<ChannelFile>{{"critical", "no\n"}, {"version", "1.2.3\n"}}));
  EXPECT_EQ(plain_files(release("1.2.3", true)), (std::vector<ChannelFile>{{"version", "1.2.3\n"}, {"critical", "yes\n"}}));
  EXPECT_EQ(plain_files(release("", false)).back().bytes, "none\n");
}

// Every state in between, of every change: the old version is critical only if it was, the new one only if it is.
TEST(ChannelFiles, NoReaderInBetweenSeesACriticalReleaseThatIsNone) {
  for (const bool was : {false, true})
    for (const bool is : {false, true}) {
      std::map<std::string, std::string> seen;
      for (const auto& file : plain_files(release("1.0.0", was))) seen[file.name] = file.bytes;
      for (const auto& file : plain_files(release("2.0.0", is))) {
        seen[file.name] = file.bytes;
        const bool critical = seen["critical"] == "yes\n";
        // A host that sees the new version with the old flag reads again before it counts; the other way round nothing would save it.
        EXPECT_TRUE(!critical || (seen["version"] == "2.0.0\n" ? is || was : was)) << was << is;
        EXPECT_TRUE(is || !critical || seen["version"] != "2.0.0\n") << was;
      }
    }
}

TEST(ChannelFiles, WhoSignedFirstDoesNotMatter) {
  const std::vector<MinisignKey> keys = {key("AAAAAAAAAAAAAAAA"), key("BBBBBBBBBBBBBBBB"), key("CCCCCCCCCCCCCCCC")};
  EXPECT_EQ(signature_files(keys, {{"BBBBBBBBBBBBBBBB", "b"}}), (std::vector<ChannelFile>{{"release.json.minisig", "b"}}));
  EXPECT_EQ(signature_files(keys, {{"CCCCCCCCCCCCCCCC", "c"}, {"AAAAAAAAAAAAAAAA", "a"}, {"DDDDDDDDDDDDDDDD", "d"}}),
            (std::vector<ChannelFile>{{"release.json.minisig", "a"}, {"release.json.CCCCCCCCCCCCCCCC.minisig", "c"}}));
}

TEST(ChannelFiles, TheDocumentComesAfterItsSignaturesAndBeforeThePlainFiles) {
  const Document document{.channel = "stable", .release = release("1.2.3", true)};
  EXPECT_EQ(names(signed_files(document, "{}", {key("AAAAAAAAAAAAAAAA")}, {{"AAAAAAAAAAAAAAAA", "a"}})),
            (std::vector<std::string>{"release.json.minisig", "release.json", "version", "critical"}));
}

TEST(ChannelFiles, ItsSignaturesAreKnownByTheirNames) {
  EXPECT_TRUE(is_signature_file("release.json.minisig") && is_signature_file("release.json.AAAAAAAAAAAAAAAA.minisig"));
  EXPECT_FALSE(is_signature_file("release.json") || is_signature_file("other.minisig") || is_signature_file("version"));
}

}  // namespace
}  // namespace upkeep::core
