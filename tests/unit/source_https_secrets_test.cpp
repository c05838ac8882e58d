// SPDX-License-Identifier: Apache-2.0
// What a token file and a headers file may hold, what is said when they hold something else, and that a poll sends it.

#include <gtest/gtest.h>

#include <random>

#include "io/http_address.h"
#include "source/https/plugin.h"
#include "source/https/secret_files.h"
#include "support/plugin_host.h"
#include "support/toml.h"

namespace upkeep::test {
namespace {

using plugins::https::parse_headers;
using plugins::https::parse_token;
using Headers = std::vector<sdk::HttpHeader>;

const std::string kVersionUrl = "https://updates.example.com/v1/current/version";

std::string token_problem(const std::string& text) {
  const auto token = parse_token(text);
  return token ? "" : token.error().message;
}
std::string headers_problem(const std::string& text) {
  const auto headers = parse_headers(text);
  return headers ? "" : headers.error().message;
}

TEST(TokenFile, HoldsOneTokenWhateverWhiteSpaceIsAroundIt) {
  for (const char* text : {"abc.def-_~+/=", "abc.def-_~+/=\n", " \tabc.def-_~+/= \r\n\n"})
    EXPECT_EQ(parse_token(text).value(), "abc.def-_~+/=");
  EXPECT_EQ(parse_token(std::string(8192, 'x'))->size(), 8192U);
}

TEST(TokenFile, WhatIsWrongIsSaidWithoutTheToken) {
  const std::string odd = "must hold one token of printable ASCII without white space in it";
  for (const char* empty : {"", "\n", " \t\r\n"}) EXPECT_EQ(token_problem(empty), "is empty");
  EXPECT_EQ(token_problem(std::string(8193, 'x')), "is longer than 8192 bytes");
  EXPECT_EQ(token_problem("two tokens"), odd);
  EXPECT_EQ(token_problem("two\ntokens\n"), odd);
  EXPECT_EQ(token_problem(std::string("nul\0l", 5)), odd);
  EXPECT_EQ(token_problem("\xef\xbb\xbftoken"), odd) << "a byte order mark";
  EXPECT_EQ(token_problem("tok\x7f"), odd);
  EXPECT_EQ(token_problem("t\xc3\xb6ken"), odd);
}

TEST(HeadersFile, IsLinesOfNamesAndValues) {
  EXPECT_EQ(parse_headers("# for the gateway\n\nX-Api-Key: abc: def\r\n  Cookie:a=b; c=d  \nAUTHORIZATION:\tBasic eDp5\n").value(),
            (Headers{{"X-Api-Key", "abc: def"}, {"Cookie", "a=b; c=d"}, {"AUTHORIZATION", "Basic eDp5"}}));
  EXPECT_TRUE(parse_headers("")->empty());
  EXPECT_TRUE(parse_headers("# nothing")->empty());
}

TEST(HeadersFile, WhatIsWrongIsSaidWithItsLineAndWithoutTheValue) {
  const std::string no_line = "line 2: must be Name: value, with a name of letters, digits and -";
  for (const std::string line : {"secret", ": secret", "X Y: secret", "X-\xc3\xb6: secret", "X\x01: secret", "(X): secret"})
    EXPECT_EQ(headers_problem("A: b\n" + line), no_line) << line;
  EXPECT_EQ(headers_problem("#\n\nX-Key:\n"), "line 3: X-Key has no value");
  const std::string odd = "line 1: X-Key has a value with characters other than printable ASCII";
  EXPECT_EQ(headers_problem("X-Key: secret\xc3\xb6"), odd);
  EXPECT_EQ(headers_problem("X-Key: secret\rHost: other"), odd);
  EXPECT_EQ(headers_problem(std::string("X-Key: sec\0ret", 14)), odd);
}

TEST(HeadersFile, HeadersOfTheConnectionAreRefused) {
  for (const char* name : {"Host", "Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive", "TE", "Trailer", "Upgrade", "Expect",
                           "Proxy-Authorization", "Proxy-Connection", "HTTP2-Settings"})
    EXPECT_EQ(headers_problem(std::string(name) + ": secret"),
              "line 1: " + std::string(name) + " belongs to the connection and cannot be set");
}

TEST(HeadersFile, NoHeaderThatWouldFollowARedirectElsewhereCanBeSet) {
  for (const char* name : {"Accept", "Accept-Encoding", "ACCEPT-LANGUAGE", "cache-control", "If-Match", "If-Modified-Since",
                           "If-None-Match", "If-Range", "If-Unmodified-Since", "Range"})
    EXPECT_EQ(headers_problem(std::string(name) + ": secret"), "line 1: " + std::string(name) + " is Upkeep's own to set");
  for (const char* name : {"Authorization", "Cookie", "X-Api-Key", "User-Agent", "Referer", "Origin"}) {
    EXPECT_EQ(headers_problem(std::string(name) + ": x"), "");
    EXPECT_FALSE(io::harmless_elsewhere(name)) << name << " stays at home";
  }
}

TEST(HeadersFile, IsBounded) {
  std::string many;
  for (int i = 0; i < 32; ++i) many += "X-" + std::to_string(i) + ": x\n";
  EXPECT_EQ(parse_headers(many)->size(), 32U);
  EXPECT_EQ(headers_problem(many + "X-32: x"), "line 33: is one header more than 32");
  EXPECT_EQ(headers_problem("X: " + std::string(16 * 1024, 'x')), "is longer than 16384 bytes");
}

// A fuzzer's little brother: whatever comes out fits into a request and into no other one.
TEST(HeadersFile, WhateverIsReadCanBeSentAndNothingIsSmuggled) {
  std::minstd_rand random(7);  // NOLINT(cert-msc51-cpp): the same bytes each time
  constexpr char kAlphabet[] = "aX-:: \t\r\n#\0\x80\x7f/,";
  const std::string_view alphabet(kAlphabet, sizeof(kAlphabet) - 1);
  int read = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string text;
    for (auto n = random() % 24; n > 0; --n) text += alphabet[random() % alphabet.size()];
    const auto headers = parse_headers(text);
    if (!headers) continue;
    for (const auto& [name, value] : *headers) {
      ++read;
      ASSERT_FALSE(name.empty() || value.empty());
      ASSERT_EQ((name + value).find_first_of(std::string_view("\r\n\0\x80\x7f", 5)), std::string::npos);
      ASSERT_EQ(name.find_first_of(": \t/,"), std::string::npos);
    }
  }
  EXPECT_GT(read, 500) << "the loop sees headers at all";
}

class HttpsCredentials : public ::testing::Test {
 protected:
  HttpsCredentials() { host.web.answer(kVersionUrl, 200, "1.2.3"); }
  sdk::Result<std::optional<sdk::Offer>> poll(const std::string& more) {
    const std::string text = "url = 'https://updates.example.com/v1'\nchannel = 'current'\n" + more;
    EXPECT_EQ(problems(plugins::https::kDescriptor, text), std::vector<std::string>());
    host.web.requests.clear();
    if (!source) source = std::get<sdk::Factory<sdk::Source>>(plugins::https::kDescriptor.make)(host, toml(text)).value();
    return run_task(source->poll(nullptr, {}));
  }
  std::string problem(const std::string& more) {
    source.reset();
    const auto offer = poll(more);
    EXPECT_TRUE(host.web.requests.empty()) << "nobody was asked";
    EXPECT_TRUE(offer || offer.error().code == sdk::Errc::invalid);
    return offer ? "" : offer.error().message;
  }
  PluginHost host;
  std::unique_ptr<sdk::Source> source;
};

TEST_F(HttpsCredentials, ATokenIsReadAnewForEachPollAndSentForBothFiles) {
  host.contents.insert_or_assign("/t", std::string("first\n"));
  ASSERT_TRUE(poll("token_file = '/t'"));
  ASSERT_EQ(host.web.requests.size(), 2U);
  for (const auto& request : host.web.requests) EXPECT_EQ(sent_header(request, "Authorization"), "Bearer first");
  host.contents.insert_or_assign("/t", std::string("second"));
  ASSERT_TRUE(poll("token_file = '/t'"));
  EXPECT_EQ(sent_header(host.web.requests.at(1), "Authorization"), "Bearer second");
}

TEST_F(HttpsCredentials, HeadersAndCertificateGoAlong) {
  host.contents.insert_or_assign("/h", std::string("X-Api-Key: abc\n"));
  host.contents.insert_or_assign("/c", std::string("-----BEGIN CERTIFICATE-----\n"));
  host.contents.insert_or_assign("/k", std::string("-----BEGIN EC PRIVATE KEY-----\n"));
  ASSERT_TRUE(poll("headers_file = '/h'\nclient_cert = '/c'\nclient_key = '/k'"));
  ASSERT_EQ(host.web.requests.size(), 2U);
  for (const auto& request : host.web.requests) {
    EXPECT_EQ(sent_header(request, "X-Api-Key"), "abc");
    EXPECT_EQ(request.client_cert, "/c");
    EXPECT_EQ(request.client_key, "/k");
  }
}

TEST_F(HttpsCredentials, AServerThatSaysThemBackIsNotQuoted) {
  host.contents.insert_or_assign("/t", std::string("a-long-secret"));
  host.contents.insert_or_assign("/h", std::string("X-Region: 1.2\n"));
  const std::string refused = kVersionUrl + ": the answer repeats a credential";
  const auto error = [&] {
    const auto offer = poll("token_file = '/t'\nheaders_file = '/h'");
    return offer ? "" : offer.error().message;
  };
  EXPECT_EQ(error(), "") << "1.2 is no secret";
  host.web.forget(kVersionUrl);
  host.web.answer(kVersionUrl, 200, "1.2.3-a-long-secret");
  host.web.answer(kVersionUrl, 200, "1.2.3", {{"etag", "a-long-secret"}});
  host.web.fail(kVersionUrl, sdk::Errc::transient, "redirected to https://other/a-long-secret");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(error(), refused);
}

TEST_F(HttpsCredentials, AHeaderThatTheAddressHoldsAnywayHidesNoError) {
  host.contents.insert_or_assign("/h", std::string("X-Host: updates.example.com\nX-Key: a-long-secret\n"));
  host.web.forget(kVersionUrl);
  host.web.fail(kVersionUrl, sdk::Errc::transient, kVersionUrl + ": connection refused");
  EXPECT_EQ(poll("headers_file = '/h'").error().message, kVersionUrl + ": connection refused");
  host.web.forget(kVersionUrl);
  host.web.fail(kVersionUrl, sdk::Errc::transient, kVersionUrl + ": redirected to https://other/a-long-secret");
  EXPECT_EQ(poll("headers_file = '/h'").error().message, kVersionUrl + ": the answer repeats a credential");
}

TEST_F(HttpsCredentials, AFileThatIsMissingOrWrongIsNamedAndNobodyIsAsked) {
  const auto put = [&](const char* path, const std::string& content) { host.contents.insert_or_assign(path, content); };
  EXPECT_EQ(problem("token_file = '/t'"), "token_file: /t does not exist");
  put("/t", "");
  EXPECT_EQ(problem("token_file = '/t'"), "token_file /t: is empty");
  put("/t", std::string(9000, 'x'));
  EXPECT_EQ(problem("token_file = '/t'"), "token_file: /t is too long");
  put("/t", "good");
  EXPECT_EQ(problem("token_file = '/t'\nheaders_file = '/h'"), "headers_file: /h does not exist");
  put("/h", "X-Key: good\nHost: secret");
  EXPECT_EQ(problem("headers_file = '/h'"), "headers_file /h: line 2: Host belongs to the connection and cannot be set");
  put("/h", "authorization: Basic secret");
  EXPECT_EQ(problem("token_file = '/t'\nheaders_file = '/h'"), "headers_file /h: sets Authorization, and so does token_file");
}

TEST_F(HttpsCredentials, ACertificateWithoutAKeyThatCanBeUsedIsNamed) {
  const auto put = [&](const char* path, const std::string& content) { host.contents.insert_or_assign(path, content); };
  EXPECT_EQ(problem("client_cert = '/c'"), "client_cert: /c does not exist");
  put("/c", "secret");
  EXPECT_EQ(problem("client_cert = '/c'"), "client_cert /c: holds no certificate in PEM");
  put("/c", "-----BEGIN CERTIFICATE-----\n");
  EXPECT_EQ(problem("client_cert = '/c'"), "client_cert /c: holds no private key in PEM, and there is no client_key");
  EXPECT_EQ(problem("client_cert = '/c'\nclient_key = '/k'"), "client_key: /k does not exist");
  put("/k", "-----BEGIN CERTIFICATE-----\n");
  EXPECT_EQ(problem("client_cert = '/c'\nclient_key = '/k'"), "client_key /k: holds no private key in PEM");
  put("/k", "-----BEGIN ENCRYPTED PRIVATE KEY-----\n");
  EXPECT_EQ(problem("client_cert = '/c'\nclient_key = '/k'"), "client_key /k: its key wants a passphrase, which nobody is there to type");
  put("/c", "-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\n");
  source.reset();
  EXPECT_TRUE(poll("client_cert = '/c'")) << "both in one file";
  EXPECT_EQ(host.web.requests.at(0).client_key, "");
}

TEST(HttpsCredentialsConfig, PathsAreAbsoluteAndAKeyNeedsItsCertificate) {
  const std::string place = "url = 'https://example.com'\nchannel = 'current'\n";
  using Lines = std::vector<std::string>;
  EXPECT_EQ(problems(plugins::https::kDescriptor, place + "client_key = '/k'"), (Lines{"3 client_key: is of no use without client_cert"}));
  EXPECT_EQ(problems(plugins::https::kDescriptor, place + "client_cert = 'c'\nclient_key = 'k'\ntoken_file = 'secret'\nheaders_file = ''"),
            (Lines{"3 client_cert: must be an absolute path", "4 client_key: must be an absolute path",
                   "5 token_file: must be an absolute path", "6 headers_file: must be an absolute path"}));
}

}  // namespace
}  // namespace upkeep::test
