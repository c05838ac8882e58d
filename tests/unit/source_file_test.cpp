// SPDX-License-Identifier: Apache-2.0
// The file source: a folder in the layout of a version server.

#include <gtest/gtest.h>

#include "source/file/plugin.h"
#include "support/plugin_host.h"
#include "support/toml.h"

namespace upkeep::test {
namespace {

class FileSource : public ::testing::Test {
 protected:
  FileSource() {
    const auto make = std::get<sdk::Factory<sdk::Source>>(plugins::file::kDescriptor.make);
    source = make(host, toml("path = '/srv/channels/'\nchannel = 'stable/cloud'")).value();
  }
  sdk::Result<std::optional<sdk::Offer>> poll(const sdk::Offer* last = nullptr) { return run_task(source->poll(last, {})); }
  static sdk::PlainOffer plain(const sdk::Offer& offer) { return std::get<sdk::PlainOffer>(offer.body); }
  void put(const std::string& name, sdk::Result<std::string> bytes) {
    host.contents.insert_or_assign("/srv/channels/stable/cloud/" + name, std::move(bytes));
  }

  PluginHost host;
  std::unique_ptr<sdk::Source> source;
};

TEST_F(FileSource, reads_both_files) {
  put("version", "1.2.3\n");
  put("critical", "yes\n");
  const auto offer = poll();
  ASSERT_TRUE(offer && *offer);
  EXPECT_EQ((*offer)->origin, "/srv/channels/stable/cloud");
  EXPECT_EQ(source->origin(), "/srv/channels/stable/cloud");
  EXPECT_EQ(plain(**offer), (sdk::PlainOffer{"1.2.3\n", "yes\n", ""}));
}

TEST_F(FileSource, offers_again_only_what_has_changed) {
  put("version", "1.2.3\n");
  put("critical", "no\n");
  const auto first = poll();
  EXPECT_EQ(poll(&**first).value(), std::nullopt);
  put("version", "2.3.4\n");
  const auto second = poll(&**first);
  ASSERT_TRUE(second && *second);
  EXPECT_EQ(plain(**second).version, "2.3.4\n");
}

TEST_F(FileSource, a_missing_version_is_an_error_and_a_missing_critical_a_note) {
  const auto missing = poll();
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message, "/srv/channels/stable/cloud/version does not exist");
  EXPECT_EQ(missing.error().code, sdk::Errc::invalid);
  put("version", "1.2.3");
  EXPECT_EQ(plain(poll().value().value()), (sdk::PlainOffer{"1.2.3", std::nullopt, "/srv/channels/stable/cloud/critical does not exist"}));
}

TEST_F(FileSource, files_that_cannot_be_read_keep_their_error) {
  put("version", sdk::fail(sdk::Errc::denied, "/srv/channels/stable/cloud/version: permission denied"));
  EXPECT_EQ(poll().error().code, sdk::Errc::denied);
  put("version", std::string(4097, 'x'));
  EXPECT_EQ(poll().error().code, sdk::Errc::invalid);
}

TEST(FileConfig, what_is_wrong_is_said_with_its_line) {
  const auto wrong = [](const std::string& text) { return problems(plugins::file::kDescriptor, text); };
  using Lines = std::vector<std::string>;
  EXPECT_EQ(wrong("path = '/srv/channels'\nchannel = 'stable/cloud'"), Lines{});
  EXPECT_EQ(wrong("path = 'channels'\nchannel = '/etc'"),
            (Lines{"1 path: must be an absolute path", "2 channel: must not begin or end with / nor have two of them together"}));
  EXPECT_EQ(wrong("path = '/srv'\nchannel = '..'"), (Lines{"2 channel: must not contain . or .. as a part"}));
}

}  // namespace
}  // namespace upkeep::test
