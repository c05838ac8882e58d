// SPDX-License-Identifier: Apache-2.0
// The https source against a scripted server: which requests it makes, and what it makes of the answers.

#include <gtest/gtest.h>

#include "source/https/plugin.h"
#include "support/plugin_host.h"
#include "support/toml.h"

namespace upkeep::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const std::string kBase = "https://updates.example.com/v1/stable/cloud";
const std::string kVersion = kBase + "/version", kCritical = kBase + "/critical";

class HttpsSource : public ::testing::Test {
 protected:
  void configure(const std::string& more = "") {
    const std::string text = "url = 'https://updates.example.com/v1/'\nchannel = 'stable/cloud'\n" + more;
    EXPECT_EQ(problems(plugins::https::kDescriptor, text), std::vector<std::string>());
    source = std::get<sdk::Factory<sdk::Source>>(plugins::https::kDescriptor.make)(host, toml(text)).value();
  }
  sdk::Result<std::optional<sdk::Offer>> poll(const sdk::Offer* last = nullptr) {
    if (!source) configure();
    host.web.requests.clear();
    return run_task(source->poll(last, {}));
  }
  static sdk::PlainOffer plain(const sdk::Offer& offer) { return std::get<sdk::PlainOffer>(offer.body); }

  PluginHost host;
  std::unique_ptr<sdk::Source> source;
};

TEST_F(HttpsSource, reads_version_and_critical_below_url_and_channel) {
  host.web.answer(kVersion, 200, "1.2.3\n");
  host.web.answer(kCritical, 200, "no\n");
  const auto offer = poll();
  ASSERT_TRUE(offer && *offer);
  EXPECT_EQ((*offer)->origin, kBase);
  EXPECT_EQ(source->origin(), kBase);
  EXPECT_EQ(plain(**offer), (sdk::PlainOffer{"1.2.3\n", "no\n", ""}));
}

TEST_F(HttpsSource, asks_within_its_bounds) {
  host.web.answer(kVersion, 200, "1.2.3");
  ASSERT_TRUE(poll());
  ASSERT_EQ(host.web.requests.size(), 2U);
  for (const sdk::HttpRequest& request : host.web.requests) {
    EXPECT_EQ(request.method, "GET");
    EXPECT_EQ(request.max_redirects, 5);
    EXPECT_EQ(request.plain, sdk::PlainHttp::never);
    EXPECT_EQ(request.timeout, seconds(10));
    EXPECT_EQ(request.max_body, 64U * 1024U);
    EXPECT_EQ(request.ca_file, "");
    EXPECT_EQ(request.proxy, std::nullopt) << "the environment's";
    EXPECT_TRUE(request.headers.empty());
  }
}

TEST_F(HttpsSource, passes_on_what_is_configured) {
  configure("ca_file = '/etc/upkeep/ca.pem'\nproxy = 'http://proxy.example.com:3128'\ntimeout = '30s'\n");
  host.web.answer(kVersion, 200, "1.2.3");
  ASSERT_TRUE(poll());
  EXPECT_EQ(host.web.requests[0].ca_file, "/etc/upkeep/ca.pem");
  EXPECT_EQ(host.web.requests[0].proxy, "http://proxy.example.com:3128");
  EXPECT_EQ(host.web.requests[0].timeout, seconds(30));
  configure("proxy = ''\n");
  ASSERT_TRUE(poll());
  EXPECT_EQ(host.web.requests[0].proxy, "") << "none at all";
}

TEST_F(HttpsSource, both_files_share_one_deadline) {
  host.web.answer(kVersion, 200, "1.2.3");
  host.web.on_request = [&] { host.boot += milliseconds(9990); };
  ASSERT_TRUE(poll());
  ASSERT_EQ(host.web.requests.size(), 2U);
  EXPECT_EQ(host.web.requests[1].timeout, milliseconds(10));
}

TEST_F(HttpsSource, a_version_that_took_all_the_time_leaves_critical_unread) {
  host.web.answer(kVersion, 200, "1.2.3");
  host.web.answer(kCritical, 200, "yes");
  host.web.on_request = [&] { host.boot += seconds(10); };
  const auto offer = poll();
  ASSERT_TRUE(offer && *offer);
  EXPECT_EQ(host.web.requests.size(), 1U);
  EXPECT_EQ(plain(**offer), (sdk::PlainOffer{"1.2.3", std::nullopt, kCritical + ": no time was left of 10s"}));
}

TEST_F(HttpsSource, sends_the_etag_back_and_takes_304_as_unchanged) {
  host.web.answer(kVersion, 200, "1.2.3", {{"etag", "\"v-1\""}, {"last-modified", "Sun, 06 Nov 1994 08:49:37 GMT"}});
  host.web.answer(kVersion, 304);
  host.web.answer(kCritical, 200, "no", {{"etag", "W/\"c-1\""}});
  host.web.answer(kCritical, 304);
  const auto first = poll();
  ASSERT_TRUE(first && *first);
  EXPECT_EQ(poll(&**first).value(), std::nullopt);
  ASSERT_EQ(host.web.requests.size(), 2U);
  EXPECT_EQ(sent_header(host.web.requests[0], "If-None-Match"), "\"v-1\"");
  EXPECT_EQ(sent_header(host.web.requests[0], "If-Modified-Since"), "") << "the ETag says more";
  EXPECT_EQ(sent_header(host.web.requests[1], "If-None-Match"), "W/\"c-1\"");
}

TEST_F(HttpsSource, uses_last_modified_where_there_is_no_etag) {
  host.web.answer(kVersion, 200, "1.2.3", {{"last-modified", "Sun, 06 Nov 1994 08:49:37 GMT"}});
  host.web.answer(kVersion, 304);
  host.web.answer(kCritical, 200, "no");
  const auto first = poll();
  EXPECT_EQ(poll(&**first).value(), std::nullopt);
  EXPECT_EQ(sent_header(host.web.requests[0], "If-Modified-Since"), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_TRUE(host.web.requests[1].headers.empty());
}

TEST_F(HttpsSource, a_304_that_nobody_asked_for_is_an_error) {
  host.web.answer(kVersion, 304);
  const auto offer = poll();
  ASSERT_FALSE(offer);
  EXPECT_EQ(offer.error().code, sdk::Errc::internal);
}

TEST_F(HttpsSource, a_status_says_how_to_go_on) {
  const struct {
    int status;
    sdk::Errc code;
    std::string message;
  } cases[] = {{404, sdk::Errc::invalid, kVersion + " does not exist"},
               {410, sdk::Errc::invalid, kVersion + " does not exist"},
               {401, sdk::Errc::denied, kVersion + ": the server answered with status 401"},
               {403, sdk::Errc::denied, kVersion + ": the server answered with status 403"},
               {204, sdk::Errc::invalid, kVersion + ": the server answered with status 204"},
               {206, sdk::Errc::invalid, kVersion + ": the server answered with status 206"},
               {302, sdk::Errc::invalid, kVersion + ": the server answered with status 302"},
               {500, sdk::Errc::transient, kVersion + ": the server answered with status 500"}};
  for (const auto& c : cases) {
    host.web.forget(kVersion);
    host.web.answer(kVersion, c.status, "1.2.3");
    const auto offer = poll();
    ASSERT_FALSE(offer) << c.status;
    EXPECT_EQ(offer.error().code, c.code) << c.status;
    EXPECT_EQ(offer.error().message, c.message);
  }
}

TEST_F(HttpsSource, hands_on_when_the_server_asks_to_come_back) {
  host.web.answer(kVersion, 503, "<html>", {{"retry-after", "120"}});
  const auto offer = poll();
  ASSERT_FALSE(offer);
  EXPECT_EQ(offer.error().retry_after, seconds(120));
}

TEST_F(HttpsSource, hands_on_errors_of_the_transport) {
  host.web.fail(kVersion, sdk::Errc::denied, kVersion + ": certificate has expired");
  const auto offer = poll();
  ASSERT_FALSE(offer);
  EXPECT_EQ(offer.error().code, sdk::Errc::denied);
  EXPECT_EQ(offer.error().message, kVersion + ": certificate has expired");
}

TEST_F(HttpsSource, a_body_may_have_4096_bytes) {
  host.web.answer(kVersion, 200, std::string(4097, '1'));
  const auto offer = poll();
  ASSERT_FALSE(offer);
  EXPECT_EQ(offer.error().message, kVersion + " is longer than 4096 bytes");
}

TEST_F(HttpsSource, a_missing_critical_file_is_not_critical_with_a_note) {
  host.web.answer(kVersion, 200, "1.2.3");
  const auto offer = poll();
  ASSERT_TRUE(offer && *offer);
  EXPECT_EQ(plain(**offer), (sdk::PlainOffer{"1.2.3", std::nullopt, kCritical + " does not exist"}));
}

TEST(HttpsConfig, what_is_wrong_is_said_with_its_line) {
  const auto wrong = [](const std::string& text) { return problems(plugins::https::kDescriptor, text); };
  using Lines = std::vector<std::string>;
  EXPECT_EQ(wrong("channel = 'current'\nurl = 'http://updates.example.com'"),
            (Lines{"2 url: must begin with https://; what plain http brings, anybody on the way can change"}));
  EXPECT_EQ(wrong("url = 'https://user:secret@example.com'\nchannel = 'current'"), (Lines{"1 url: must not contain a user or a password"}));
  EXPECT_EQ(wrong("url = 'https://example.com'\nchannel = '../current'"), (Lines{"2 channel: must not contain . or .. as a part"}));
  EXPECT_EQ(wrong("url = 'https://example.com'\nchannel = 'current?token=1'"),
            (Lines{"2 channel: may consist of letters, digits, - . _ ~ + @ and, between parts, /"}));
  EXPECT_EQ(wrong("url = 'https://example.com'\nchannel = 'current'\nca_file = 'ca.pem'\nproxy = 'proxy:3128'\ntimeout = '3m'"),
            (Lines{"3 ca_file: must be an absolute path", "4 proxy: must begin with http://, https:// or socks5h://, or be empty",
                   "5 timeout: must be from 1s to 2m"}));
  EXPECT_EQ(wrong("timeout = '10s'").size(), 2U) << "url and channel are required";
}

}  // namespace
}  // namespace upkeep::test
