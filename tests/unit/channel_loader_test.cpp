// SPDX-License-Identifier: Apache-2.0
// The loader that all channel sources share: two files into an offer, and only what has changed is read again.

#include "shared/channel/loader.h"

#include <gtest/gtest.h>

#include <map>

#include "shared/channel/cursor.h"
#include "shared/channel/location.h"
#include "support/plugin_host.h"

namespace upkeep::shared::channel {
namespace {

using Kind = ObjectAnswer::Kind;

// Files with validators; says not_modified when asked with the validator that it has.
class Shelf : public ObjectReader {
 public:
  struct File {
    std::string bytes, validator;
  };
  std::map<std::string, sdk::Result<File>> files;
  std::vector<std::string> asked;  // "version" or "version if not VALIDATOR"
  bool always_not_modified = false;

  void put(const std::string& name, const std::string& bytes, const std::string& validator) {
    files.insert_or_assign(name, File{bytes, validator});
  }
  void fail(const std::string& name, sdk::Errc code, const std::string& message) {
    files.insert_or_assign(name, sdk::Result<File>(sdk::fail(code, message)));
  }

  sdk::Task<sdk::Result<ObjectAnswer>> read(std::string name, std::string validator) override {
    asked.push_back(name + (validator.empty() ? "" : " if not " + validator));
    ObjectAnswer answer;
    const auto found = files.find(name);
    if (found == files.end()) co_return answer;
    if (!found->second) co_return sdk::fail(found->second.error());
    const bool same = !validator.empty() && validator == found->second->validator;
    answer.kind = same || always_not_modified ? Kind::not_modified : Kind::found;
    if (answer.kind == Kind::found) {
      answer.bytes = found->second->bytes;
      answer.validator = found->second->validator;
    }
    co_return answer;
  }
};

class ChannelLoader : public ::testing::Test {
 protected:
  ChannelLoader() {
    shelf.put("version", "1.2.3\n", "v1");
    shelf.put("critical", "no", "c1");
  }
  sdk::Result<std::optional<sdk::Offer>> load(const sdk::Offer* last = nullptr) {
    shelf.asked.clear();
    return test::run_task(channel::load(shelf, "place/current", last, wanted));
  }
  sdk::Offer load_offer(const sdk::Offer* last = nullptr) { return load(last).value().value(); }
  static const sdk::PlainOffer& plain(const sdk::Offer& offer) { return std::get<sdk::PlainOffer>(offer.body); }

  static const sdk::SignedOffer& signed_offer(const sdk::Offer& offer) { return std::get<sdk::SignedOffer>(offer.body); }
  // Signed: the document, and what two of three keys have written.
  void sign() {
    wanted = {.signed_document = true, .key_ids = {"AAAAAAAAAAAAAAAA", "BBBBBBBBBBBBBBBB"}};
    shelf.put("release.json", "{document}", "d1");
    shelf.put("release.json.minisig", "first", "s1");
    shelf.put("release.json.BBBBBBBBBBBBBBBB.minisig", "second", "s2");
  }

  Shelf shelf;
  sdk::Wanted wanted;
};

TEST_F(ChannelLoader, reads_both_files_as_they_are) {
  const sdk::Offer offer = load_offer();
  EXPECT_EQ(offer.origin, "place/current");
  EXPECT_EQ(plain(offer), (sdk::PlainOffer{"1.2.3\n", "no", ""}));
  EXPECT_EQ(shelf.asked, (std::vector<std::string>{"version", "critical"}));
}

TEST_F(ChannelLoader, asks_next_time_only_for_what_has_changed) {
  const sdk::Offer first = load_offer();
  EXPECT_EQ(load(&first).value(), std::nullopt);
  EXPECT_EQ(shelf.asked, (std::vector<std::string>{"version if not v1", "critical if not c1"}));
  shelf.put("critical", "yes", "c2");
  const sdk::Offer second = load_offer(&first);
  EXPECT_EQ(plain(second), (sdk::PlainOffer{"1.2.3\n", "yes", ""})) << "the version's bytes are those of last time";
  shelf.put("version", "2.3.4", "v2");
  const sdk::Offer third = load_offer(&second);
  EXPECT_EQ(shelf.asked, (std::vector<std::string>{"version if not v1", "critical if not c2"}));
  EXPECT_EQ(plain(third), (sdk::PlainOffer{"2.3.4", "yes", ""}));
}

TEST_F(ChannelLoader, reads_all_again_where_there_are_no_validators_and_still_sees_that_nothing_changed) {
  shelf.put("version", "1.2.3", "");
  shelf.put("critical", "no", "");
  const sdk::Offer first = load_offer();
  EXPECT_EQ(first.etag, "");
  EXPECT_EQ(load(&first).value(), std::nullopt);
  EXPECT_EQ(shelf.asked, (std::vector<std::string>{"version", "critical"}));
}

TEST_F(ChannelLoader, keeps_a_new_cursor_for_the_same_bytes) {
  const sdk::Offer first = load_offer();
  shelf.put("version", "1.2.3\n", "v2");
  const sdk::Offer second = load_offer(&first);
  EXPECT_EQ(second.body, first.body);
  EXPECT_NE(second.etag, first.etag);
}

TEST_F(ChannelLoader, never_takes_bytes_of_another_place) {
  sdk::Offer elsewhere = load_offer();
  elsewhere.origin = "another/current";
  const sdk::Offer offer = load_offer(&elsewhere);
  EXPECT_EQ(shelf.asked, (std::vector<std::string>{"version", "critical"}));
  EXPECT_EQ(offer.origin, "place/current");
}

TEST_F(ChannelLoader, never_takes_bytes_of_a_signed_offer) {
  sdk::Offer last = load_offer();
  last.body = sdk::SignedOffer{"document", {}};
  EXPECT_TRUE(load(&last).value().has_value());
  EXPECT_EQ(shelf.asked, (std::vector<std::string>{"version", "critical"}));
}

TEST_F(ChannelLoader, a_signed_channel_is_its_document_and_the_signatures_of_the_keys_that_are_wanted) {
  sign();
  const sdk::Offer offer = load_offer();
  EXPECT_EQ(signed_offer(offer), (sdk::SignedOffer{"{document}", {"first", "second"}}));
  EXPECT_EQ(shelf.asked, (std::vector<std::string>{"release.json", "release.json.minisig", "release.json.AAAAAAAAAAAAAAAA.minisig",
                                                   "release.json.BBBBBBBBBBBBBBBB.minisig"}))
      << "and none of the plain files";
}

TEST_F(ChannelLoader, signatures_are_read_again_with_a_new_document_only) {
  sign();
  const sdk::Offer first = load_offer();
  EXPECT_EQ(load(&first).value(), std::nullopt);
  EXPECT_EQ(shelf.asked, (std::vector<std::string>{"release.json if not d1"}));
  shelf.put("release.json", "{another}", "d2");
  shelf.put("release.json.minisig", "anew", "s3");
  EXPECT_EQ(signed_offer(load_offer(&first)), (sdk::SignedOffer{"{another}", {"anew", "second"}}));
}

TEST_F(ChannelLoader, a_document_whose_signatures_were_missing_is_asked_for_them_again) {
  sign();
  shelf.files.erase("release.json.minisig");
  shelf.files.erase("release.json.BBBBBBBBBBBBBBBB.minisig");
  const sdk::Offer first = load_offer();
  EXPECT_TRUE(signed_offer(first).signatures.empty());
  shelf.put("release.json.minisig", "late", "s3");
  EXPECT_EQ(signed_offer(load_offer(&first)).signatures, std::vector<std::string>{"late"});
}

TEST_F(ChannelLoader, a_signature_that_may_not_be_read_counts_as_missing_and_one_that_cannot_be_had_ends_the_poll) {
  sign();
  shelf.fail("release.json.AAAAAAAAAAAAAAAA.minisig", sdk::Errc::denied, "403");
  EXPECT_EQ(signed_offer(load_offer()).signatures.size(), 2U);
  shelf.fail("release.json.AAAAAAAAAAAAAAAA.minisig", sdk::Errc::transient, "503");
  EXPECT_EQ(load().error().message, "503");
}

TEST_F(ChannelLoader, without_a_document_there_is_an_error_whatever_else_lies_there) {
  sign();
  shelf.files.erase("release.json");
  EXPECT_EQ(load().error().message, "place/current/release.json does not exist");
}

TEST_F(ChannelLoader, a_document_may_be_64_KiB_long_and_a_signature_4) {
  sign();
  shelf.put("release.json", std::string(64 * 1024, ' '), "d2");
  EXPECT_TRUE(load());
  shelf.put("release.json", std::string(64 * 1024 + 1, ' '), "d3");
  EXPECT_EQ(load().error().message, "place/current/release.json is longer than 65536 bytes");
  sign();
  shelf.put("release.json.minisig", std::string(4097, 'x'), "s3");
  EXPECT_EQ(load().error().message, "place/current/release.json.minisig is longer than 4096 bytes");
}

TEST_F(ChannelLoader, never_takes_the_bytes_of_a_plain_offer_for_a_document) {
  const sdk::Offer last = load_offer();
  sign();
  EXPECT_TRUE(load(&last).value().has_value());
  EXPECT_EQ(shelf.asked.front(), "release.json");
}

TEST_F(ChannelLoader, not_modified_without_having_asked_is_an_error) {
  shelf.always_not_modified = true;
  const auto answer = load();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, sdk::Errc::internal);
  EXPECT_EQ(answer.error().message, "place/current/version: the server says \"not modified\" though nothing was known of it");
}

TEST_F(ChannelLoader, without_a_version_there_is_an_error_that_names_the_file) {
  shelf.files.erase("version");
  EXPECT_EQ(load().error().message, "place/current/version does not exist");
  EXPECT_EQ(load().error().code, sdk::Errc::invalid);
  EXPECT_EQ(shelf.asked, (std::vector<std::string>{"version"})) << "nothing else is read";
  shelf.fail("version", sdk::Errc::transient, "place/current/version: no route");
  EXPECT_EQ(load().error().message, "place/current/version: no route");
  EXPECT_EQ(load().error().code, sdk::Errc::transient);
  shelf.put("version", std::string(4097, ' '), "");
  EXPECT_EQ(load().error().message, "place/current/version is longer than 4096 bytes");
}

TEST_F(ChannelLoader, exactly_4096_bytes_are_not_too_many) {
  shelf.put("version", std::string(4096, ' '), "");
  EXPECT_EQ(plain(load_offer()).version.size(), 4096U);
}

TEST_F(ChannelLoader, a_critical_file_that_cannot_be_read_is_left_out_with_the_cause) {
  const auto offered = [&] { return plain(load_offer()); };
  shelf.files.erase("critical");
  EXPECT_EQ(offered(), (sdk::PlainOffer{"1.2.3\n", std::nullopt, "place/current/critical does not exist"}));
  shelf.fail("critical", sdk::Errc::transient, "reset");
  EXPECT_EQ(offered(), (sdk::PlainOffer{"1.2.3\n", std::nullopt, "reset"}));
  shelf.put("critical", std::string(5000, 'y'), "c");
  EXPECT_EQ(offered(), (sdk::PlainOffer{"1.2.3\n", std::nullopt, "place/current/critical is longer than 4096 bytes"}));
}

TEST_F(ChannelLoader, asks_for_the_whole_critical_file_after_it_could_not_be_read) {
  shelf.fail("critical", sdk::Errc::transient, "reset");
  const sdk::Offer first = load_offer();
  shelf.put("critical", "yes", "c1");
  const sdk::Offer second = load_offer(&first);
  EXPECT_EQ(shelf.asked, (std::vector<std::string>{"version if not v1", "critical"}));
  EXPECT_EQ(plain(second), (sdk::PlainOffer{"1.2.3\n", "yes", ""}));
}

TEST_F(ChannelLoader, a_cancelled_read_of_critical_cancels_it_all) {
  shelf.fail("critical", sdk::Errc::cancelled, "stopping");
  ASSERT_FALSE(load());
  EXPECT_EQ(load().error().code, sdk::Errc::cancelled);
}

TEST(ChannelCursor, is_read_back) {
  for (const Cursor& cursor :
       {Cursor{"etag:\"a\"", "date:Sun, 06 Nov 1994 08:49:37 GMT"}, Cursor{"", "c"}, Cursor{"v", ""}, Cursor{"", ""}}) {
    const Cursor back = decode_cursor(encode(cursor));
    EXPECT_EQ(back.version, cursor.version);
    EXPECT_EQ(back.critical, cursor.critical);
  }
}

TEST(ChannelCursor, has_at_most_1_KiB_and_leaves_out_what_does_not_fit) {
  const std::string longest(500, 'x'), too_long(501, 'x');
  EXPECT_LE(encode({longest, longest}).size(), 1024U);
  EXPECT_EQ(decode_cursor(encode({longest, too_long})).critical, "");
  EXPECT_EQ(decode_cursor(encode({longest, too_long})).version, longest);
  EXPECT_EQ(encode({too_long, ""}), "");
  EXPECT_EQ(encode({"two\nlines", ""}), "") << "it would end up in a header";
}

TEST(ChannelCursor, what_it_did_not_write_is_no_cursor) {
  for (const char* text : {"", "\"abc\"", "1\n", "1\nonly one", "2\na\nb", "1\na\nb\nc", "1\na\r\nb", "{\"version\":\"a\"}"}) {
    EXPECT_EQ(decode_cursor(text).version, "") << text;
    EXPECT_EQ(decode_cursor(text).critical, "") << text;
  }
  EXPECT_EQ(decode_cursor("1\n" + std::string(600, 'a') + "\nb").version, "");
}

TEST_F(ChannelLoader, OneFileAloneIsThereOrNotOrNobodyCanTell) {
  const auto get = [&](const std::string& name) { return test::run_task(load_file(shelf, "place/current", name)); };
  EXPECT_EQ(get("version").value(), "1.2.3\n");
  EXPECT_EQ(get("release.json").value(), std::nullopt);
  shelf.fail("release.json", sdk::Errc::denied, "AccessDenied");
  EXPECT_EQ(get("release.json").error().code, sdk::Errc::denied);
  shelf.put("release.json", std::string(kMostDocumentBytes + 1, 'x'), "");
  EXPECT_EQ(get("release.json").error().message, "place/current/release.json is longer than 65536 bytes");
  shelf.always_not_modified = true;
  EXPECT_EQ(get("version").error().code, sdk::Errc::internal);
}

TEST(ChannelAddress, names_of_channels) {
  for (const char* good : {"current", "stable/cloud", "v14", "a/b/c", "release-1.2_x~y+z@w", "..."})
    EXPECT_EQ(channel_problem(good), "") << good;
  for (const char* bad :
       {"", "/", "/a", "a/", "a//b", ".", "..", "a/../b", "a/..", "a?b", "a#b", "a b", "a%2fb", "a\\b", "\xc3\xb6", "a\nb", "a:b"}) {
    EXPECT_NE(channel_problem(bad), "") << bad;
  }
  EXPECT_NE(channel_problem(std::string(201, 'a')), "");
}

TEST(ChannelAddress, urls) {
  for (const char* good : {"https://example.com", "https://example.com/", "https://example.com:8443/v1", "https://[::1]:8443/a/b",
                           "https://127.0.0.1/x", "https://h/a%20b", "https://EXAMPLE.com/A"}) {
    EXPECT_EQ(https_url_problem(good), "") << good;
  }
  for (const char* bad : {"",
                          "example.com",
                          "ftp://example.com",
                          "https:/example.com",
                          "https://",
                          "https:///v1",
                          "https://:443/",
                          "https://h:0",
                          "https://h:65536",
                          "https://h:x",
                          "https://h:",
                          "https://[::1",
                          "https://[::1]x",
                          "https://[]",
                          "https://user@h/",
                          "https://user:pass@h/",
                          "https://h/?q=1",
                          "https://h/#f",
                          "https://h/a b",
                          "https://h/a\nb",
                          "https://h/\xc3\xb6",
                          "https://h/../a",
                          "https://h/a/./b",
                          "https://h\\@evil/",
                          "https://a,b/",
                          "https://h:443:443/"}) {
    EXPECT_NE(https_url_problem(bad), "") << bad;
  }
  EXPECT_NE(https_url_problem("https://h/" + std::string(2000, 'a')), "");
}

TEST(ChannelAddress, plain_http_is_refused_with_the_cause) {
  EXPECT_EQ(https_url_problem("http://example.com/v1"), "must begin with https://; what plain http brings, anybody on the way can change");
  EXPECT_EQ(https_url_problem("HTTP://example.com/v1"), "must begin with https://; what plain http brings, anybody on the way can change");
}

TEST(ChannelAddress, a_url_with_a_query_is_refused_with_the_cause) {
  EXPECT_EQ(https_url_problem("https://example.com/v1?token=1"), "must end with a path: no ? and no #");
  EXPECT_EQ(https_url_problem("https://example.com/v1#top"), "must end with a path: no ? and no #");
}

TEST(ChannelAddress, base_and_channel_are_joined_with_one_slash) {
  EXPECT_EQ(join("https://h/v1", "stable/cloud"), "https://h/v1/stable/cloud");
  EXPECT_EQ(join("https://h/v1//", "current"), "https://h/v1/current");
  EXPECT_EQ(join("/", "current"), "/current");
}

}  // namespace
}  // namespace upkeep::shared::channel
