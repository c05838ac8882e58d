// SPDX-License-Identifier: Apache-2.0
// What a request may not do: leave HTTPS, smuggle lines, follow where it should not, trust what is not there.

#include <gtest/gtest.h>

#include "io/curl_loop.h"
#include "io/http.h"
#include "io/http_exchange.h"
#include "io/trust.h"
#include "support/real_loop.h"
#include "support/temp_dir.h"
#include "support/tiny_server.h"

namespace upkeep::io {
namespace {

using namespace std::chrono_literals;
using sdk::Errc;
using sdk::HttpRequest;
using sdk::PlainHttp;

bool allowed(const std::string& url, PlainHttp plain, const std::string& unix_socket = "") {
  HttpRequest request(url);
  request.plain = plain;
  request.unix_socket = unix_socket;
  const auto address = parse_address(url);
  return address && may_use(*address, request).has_value();
}

TEST(IoHttpRules, HttpsMayGoAnywherePlainHttpOnlyWhereTheRequestSaysSo) {
  EXPECT_TRUE(allowed("https://updates.example.com/v1", PlainHttp::never));
  EXPECT_TRUE(allowed("HTTPS://updates.example.com/v1", PlainHttp::link_local));
  for (const char* url : {"http://127.0.0.1/", "http://127.8.8.8:80/", "http://[::1]/", "http://localhost/"}) {
    EXPECT_FALSE(allowed(url, PlainHttp::never)) << url;
    EXPECT_TRUE(allowed(url, PlainHttp::loopback)) << url;
    EXPECT_FALSE(allowed(url, PlainHttp::link_local)) << url;
  }
  for (const char* url : {"http://169.254.169.254/latest", "http://[fd00:ec2::254]/", "http://[fe80::1]/"}) {
    EXPECT_TRUE(allowed(url, PlainHttp::link_local)) << url;
    EXPECT_FALSE(allowed(url, PlainHttp::loopback)) << url;
  }
  for (const char* url :
       {"http://updates.example.com/", "http://127.0.0.1.example.com/", "http://127.0.0.1@example.com/", "http://10.0.0.1/",
        "http://[fd00::1]/", "http://localhost.example.com/", "ftp://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1/"})
    for (const PlainHttp plain : {PlainHttp::never, PlainHttp::loopback, PlainHttp::link_local}) EXPECT_FALSE(allowed(url, plain)) << url;
  EXPECT_TRUE(allowed("http://docker/info", PlainHttp::loopback, "/run/docker.sock"));
  EXPECT_FALSE(allowed("http://docker/info", PlainHttp::never, "/run/docker.sock"));
}

TEST(IoHttpRules, MessagesShowNeitherCredentialsNorQuery) {
  EXPECT_EQ(parse_address("https://user:pw@host.example:8443/a/b?token=x#y")->shown, "https://host.example:8443/a/b");
  for (const std::string& url : {std::string(), std::string("no url"), std::string("https://"), std::string("https://ho st/secret"),
                                 std::string("https://host:port/secret"), std::string("https://host/sec\0ret", 20)}) {
    const auto address = parse_address(url);
    ASSERT_FALSE(address) << url;
    EXPECT_EQ(address.error().code, Errc::invalid);
    EXPECT_EQ(address.error().message.find("secret"), std::string::npos);
  }
}

struct IoHttpLimits : testing::Test {
  test::RealLoop loop;
  test::TinyServer server{loop.context};
  CurlHttp http{loop.executor()};

  [[nodiscard]] HttpRequest get(const std::string& path) const {
    HttpRequest request(server.url(path));
    request.plain = PlainHttp::loopback;
    return request;
  }
  sdk::Result<sdk::HttpResponse> fetch(HttpRequest request) { return loop.run(http.fetch(std::move(request))); }
};

TEST_F(IoHttpLimits, NothingCanBeSmuggledIntoARequest) {
  const std::vector<sdk::HttpHeader> bad = {{"A", "b\r\nC: d"}, {"A", "b\nC: d"}, {"A", std::string("b\0", 2)},
                                            {"A: b\r\nC", "d"}, {"", "x"},        {"A B", "x"}};
  for (const auto& header : bad) {
    auto request = get("/a");
    request.headers = {header};
    const auto refused = fetch(std::move(request));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::invalid);
  }
  auto request = get("/a");
  request.method = "GET /b HTTP/1.1\r\nX:";
  EXPECT_EQ(fetch(std::move(request)).error().code, Errc::invalid);
  EXPECT_EQ(server.connections, 0);
}

TEST_F(IoHttpLimits, ARedirectIsAnAnswerUnlessItMayBeFollowed) {
  server.answer("/moved", "302 Found\r\nLocation: https://127.0.0.1:1/new");
  EXPECT_EQ(fetch(get("/moved"))->status, 302);
  auto post = get("/moved");
  post.method = "POST";
  post.max_redirects = 5;
  EXPECT_EQ(fetch(std::move(post))->status, 302);
  server.answer("/nowhere", "302 Found");
  auto nowhere = get("/nowhere");
  nowhere.max_redirects = 5;
  EXPECT_EQ(fetch(std::move(nowhere))->status, 302);
}

TEST_F(IoHttpLimits, ARedirectLeadsToHttpsOnly) {
  server.answer("/plain", "301 Moved\r\nLocation: /new?secret");
  auto request = get("/plain");
  request.max_redirects = 5;
  const auto refused = fetch(request);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::invalid);
  EXPECT_EQ(refused.error().message, server.url("/plain") + ": redirected to " + server.url("/new") + ", but only https is followed");
  server.answer("/file", "301 Moved\r\nLocation: file:///etc/passwd");
  request.url = server.url("/file");
  EXPECT_EQ(fetch(request).error().code, Errc::invalid);
  server.answer("/tls", "301 Moved\r\nLocation: https://127.0.0.1:1/new");
  request.url = server.url("/tls");
  EXPECT_EQ(fetch(request).error().code, Errc::transient);  // followed; nobody listens there
}

TEST_F(IoHttpLimits, NoRedirectLeadsToALinkLocalAddress) {
  for (const char* there : {"169.254.169.254", "0xa9fea9fe", "[::ffff:169.254.169.254]", "[fe80::1]", "[fd00:ec2::254]"}) {
    server.answer("/link", "302 Found\r\nLocation: https://" + std::string(there) + "/latest/meta-data?secret");
    auto request = get("/link");
    request.max_redirects = 5;
    const auto refused = fetch(std::move(request));
    ASSERT_FALSE(refused) << there;
    EXPECT_EQ(refused.error().code, Errc::invalid);
    EXPECT_NE(refused.error().message.find("/latest/meta-data, a link-local address"), std::string::npos) << refused.error().message;
  }
}

TEST_F(IoHttpLimits, OneKnownEncodingIsDecodedAndNoMore) {
  for (const char* headers : {"Content-Encoding: gzip, gzip", "Content-Encoding: gzip\r\nContent-Encoding: gzip", "Content-Encoding: br",
                              "Content-Encoding: zstd", "Content-Encoding: "}) {
    server.answer("/encoded", std::string("200 OK\r\n") + headers, "1.2.3");
    const auto refused = fetch(get("/encoded"));
    ASSERT_FALSE(refused) << headers;
    EXPECT_EQ(refused.error().code, Errc::invalid) << headers;
    EXPECT_EQ(refused.error().message, server.url("/encoded") + ": the body is encoded in a way that was not asked for")
        << "a server could repeat a credential there";
  }
  server.answer("/encoded", "200 OK\r\nContent-Encoding: IDENTITY", "1.2.3");
  EXPECT_EQ(fetch(get("/encoded"))->body, "1.2.3");
}

TEST_F(IoHttpLimits, TwoLengthsOfOneBodyAreRefused) {
  server.replies["/two"].bytes = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nContent-Length: 5\r\n\r\n1.2.30";
  const auto refused = fetch(get("/two"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::invalid);
  EXPECT_EQ(refused.error().message, server.url("/two") + ": two headers say two lengths of the body");
}

TEST_F(IoHttpLimits, AnotherOriginGetsNoHeaderThatCouldBeACredential) {
  server.answer("/a", "200 OK");
  auto request = get("/a");
  request.headers = {{"Authorization", "secret"},
                     {"Cookie", "secret"},
                     {"X-Amz-Security-Token", "secret"},
                     {"If-None-Match", "\"etag\""},
                     {"ACCEPT", "text/plain"}};
  const auto address = parse_address(request.url);
  const auto curl = std::make_shared<CurlLoop>(loop.executor());
  HttpExchange exchange(request, *address, true, "", 10s, nullptr);
  EXPECT_EQ(loop.run(CurlLoop::perform(curl, exchange.easy())), CURLE_OK);
  const std::string& sent = server.requests.at(0);
  EXPECT_EQ(sent.find("secret"), std::string::npos) << sent;
  EXPECT_NE(sent.find("If-None-Match: \"etag\""), std::string::npos);
  EXPECT_NE(sent.find("ACCEPT: text/plain"), std::string::npos);
}

TEST(IoHttpRules, AnOriginIsSchemeHostAndPort) {
  const auto here = parse_address("https://host.example/a").value();
  EXPECT_TRUE(parse_address("https://HOST.example:443/b")->same_origin(here) ||
              parse_address("https://host.example:443/b")->same_origin(here));
  for (const char* other : {"https://host.example:444/a", "https://www.host.example/a", "http://host.example:443/a"})
    EXPECT_FALSE(parse_address(other)->same_origin(here)) << other;
}

TEST_F(IoHttpLimits, ACaFileWithoutCertificatesIsNamed) {
  // The server speaks no TLS, but libcurl reads the file before it finds out.
  test::TempDir dir;
  dir.write("garbage.pem", "not a certificate");
  for (const std::string& file : {dir.path("garbage.pem"), dir.path("missing.pem")}) {
    HttpRequest request("https" + server.url("/a").substr(4));
    request.ca_file = file;
    const auto refused = fetch(std::move(request));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::invalid) << refused.error().message;
    EXPECT_NE(refused.error().message.find("no certificates can be read from " + file), std::string::npos) << refused.error().message;
  }
}

TEST(IoTrust, TheSystemsBundleIsFoundOrTheOneThatTheEnvironmentNames) {
  setenv("SSL_CERT_FILE", "/somewhere/ca.pem", 1);
  EXPECT_EQ(system_ca_file(), "/somewhere/ca.pem");
  unsetenv("SSL_CERT_FILE");
  const std::string found = system_ca_file();
  EXPECT_TRUE(found.empty() || std::filesystem::exists(found));
}

TEST(IoTrust, AParsedBundleIsNeverKeptForLongerThanTheFileIsUnchanged) {
  test::TempDir dir;
  dir.write("ca.pem", "x");
  EXPECT_EQ(ca_cache_seconds(dir.path("ca.pem")), 0);
  EXPECT_EQ(ca_cache_seconds(dir.path("missing")), 0);
  EXPECT_EQ(ca_cache_seconds("/proc/version_signature_that_is_not_there"), 0);
  const std::string old = "/etc/debian_version";
  ASSERT_GT(ca_cache_seconds(old), 0);
  ASSERT_EQ(::symlink(old.c_str(), dir.path("link.pem").c_str()), 0);
  EXPECT_EQ(ca_cache_seconds(dir.path("link.pem")), 0) << "a link that was turned to an old file just now";
}

TEST(IoTrust, AFolderOnTheWayThatWasTurnedToAnOldOneEndsItToo) {
  test::TempDir dir;
  ASSERT_GT(ca_cache_seconds("/etc/debian_version"), 0);
  ASSERT_EQ(::symlink("/etc", dir.path("current").c_str()), 0);
  EXPECT_EQ(ca_cache_seconds(dir.path("current/debian_version")), 0);
  // As a volume of a pod is: ca.pem -> ..data/ca.pem, ..data -> a folder.
  ASSERT_EQ(::symlink("current/debian_version", dir.path("ca.pem").c_str()), 0);
  EXPECT_EQ(ca_cache_seconds(dir.path("ca.pem")), 0);
  ASSERT_EQ(::symlink("round", dir.path("round").c_str()), 0);
  EXPECT_EQ(ca_cache_seconds(dir.path("round/ca.pem")), 0);
}

}  // namespace
}  // namespace upkeep::io
