// SPDX-License-Identifier: Apache-2.0
// HTTP requests against a server in the same loop. What needs TLS (trust, redirects that are followed) is tested in
// tests/system with a real web server.

#include <gtest/gtest.h>

#include "io/http.h"
#include "support/real_loop.h"
#include "support/tiny_server.h"

namespace upkeep::io {
namespace {

using namespace std::chrono_literals;
using sdk::Errc;
using sdk::HttpRequest;

struct IoHttp : testing::Test {
  test::RealLoop loop;
  test::TinyServer server{loop.context};
  std::unique_ptr<CurlHttp> http = std::make_unique<CurlHttp>(loop.executor());

  [[nodiscard]] HttpRequest get(const std::string& path) const {
    HttpRequest request(server.url(path));
    request.plain = sdk::PlainHttp::loopback;
    return request;
  }
  sdk::Result<sdk::HttpResponse> fetch(HttpRequest request) { return loop.run(http->fetch(std::move(request))); }
  sdk::Error error(HttpRequest request) {
    const auto answer = fetch(std::move(request));
    return answer ? sdk::Error(Errc::internal, "an answer with status " + std::to_string(answer->status)) : answer.error();
  }
};

TEST_F(IoHttp, GivesStatusHeadersAndBody) {
  server.answer("/version", "200 OK\r\nETag: \"abc\"\r\nX-Two:  spaces and: colons \r\nX-Two: second", "1.2.3\n");
  const auto answer = fetch(get("/version"));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "1.2.3\n");
  EXPECT_EQ(answer->header("etag"), "\"abc\"");
  EXPECT_EQ(answer->header("x-two"), "spaces and: colons");
  EXPECT_EQ(fetch(get("/missing"))->status, 404);
}

TEST_F(IoHttp, SendsMethodHeadersAndBodyAsTheyAreGiven) {
  server.answer("/post", "201 Created");
  auto request = get("/post");
  request.method = "PUT";
  request.headers = {{"X-Empty", ""}, {"Content-Type", "application/json"}, {"Authorization", "Bearer abc"}};
  request.body = std::string("{\"a\":\0}", 7);
  EXPECT_EQ(fetch(std::move(request))->status, 201);
  const std::string& sent = server.requests.at(0);
  EXPECT_EQ(sent.substr(0, sent.find("\r\n")), "PUT /post HTTP/1.1");
  for (const char* header : {"\r\nX-Empty:\r\n", "\r\nContent-Type: application/json\r\n", "\r\nAuthorization: Bearer abc\r\n",
                             "\r\nUser-Agent: upkeep/", "\r\nAccept-Encoding: "})
    EXPECT_NE(sent.find(header), std::string::npos) << header << " in " << sent;
  EXPECT_EQ(sent.find("Expect"), std::string::npos);
  EXPECT_TRUE(sent.ends_with(std::string("\r\n\r\n{\"a\":\0}", 11)));
}

TEST_F(IoHttp, KeepsOneConnectionForRequestsThatFollow) {
  server.answer("/a", "200 OK", "a");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(fetch(get("/a"))->body, "a");
  EXPECT_EQ(server.connections, 1);
}

TEST_F(IoHttp, ManyRequestsRunAtOnce) {
  std::vector<std::shared_ptr<test::Started<sdk::Result<sdk::HttpResponse>>>> all;
  for (int i = 0; i < 30; ++i) {
    server.answer("/" + std::to_string(i), "200 OK", std::to_string(i));
    all.push_back(loop.start(http->fetch(get("/" + std::to_string(i)))));
  }
  for (int i = 0; i < 30; ++i) {
    const auto& one = all[static_cast<std::size_t>(i)];
    loop.until([&] { return one->done; });
    EXPECT_EQ((*one->value)->body, std::to_string(i));
  }
}

TEST_F(IoHttp, ABodyThatIsTooLongIsRefusedWhateverItsLengthSays) {
  server.answer("/long", "200 OK", std::string(101, 'x'));
  server.replies["/chunked"].bytes =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n" + std::string(0x65, 'x') + "\r\n0\r\n\r\n";
  for (const char* path : {"/long", "/chunked"}) {
    auto request = get(path);
    request.max_body = 100;
    const auto refused = error(request);
    EXPECT_EQ(refused.code, Errc::invalid);
    EXPECT_EQ(refused.message, server.url(path) + ": the body is longer than 100 bytes");
    request.max_body = 101;
    EXPECT_EQ(fetch(request)->body.size(), 101U);
  }
}

TEST_F(IoHttp, LengthCountsAfterDecoding) {
  // 132 bytes of gzip, which are 100,000 zero bytes.
  const std::string gzip =
      std::string("\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xed\xc1\x31\x01\x00\x00\x00\xc2\xa0\xf5\x4f\x6d\x0d\x0f\xa0", 25) +
      std::string(96, '\0') + std::string("\x80\x57\x03\x7d\x95\x11\xd4\xa0\x86\x01\x00", 11);
  server.answer("/bomb", "200 OK\r\nContent-Encoding: gzip", gzip);
  auto request = get("/bomb");
  request.max_body = 100'000;
  EXPECT_EQ(fetch(request)->body, std::string(100'000, '\0'));
  request.max_body = 4096;
  const auto refused = error(request);
  EXPECT_EQ(refused.code, Errc::invalid) << refused.message;
  EXPECT_NE(refused.message.find("longer than 4096 bytes"), std::string::npos) << refused.message;
}

TEST_F(IoHttp, HeadersAreBoundedInAll) {
  std::string headers = "200 OK";
  for (int i = 0; i < 80; ++i) headers += "\r\nX-" + std::to_string(i) + ": " + std::string(1000, 'x');
  server.answer("/headers", headers);
  EXPECT_EQ(error(get("/headers")).code, Errc::invalid);
  EXPECT_NE(error(get("/headers")).message.find("headers are longer than 65536 bytes"), std::string::npos);
}

TEST_F(IoHttp, OnlyTheLastAnswerCounts) {
  server.replies["/hints"].bytes =
      "HTTP/1.1 103 Early Hints\r\nX-A: early\r\n\r\nHTTP/1.1 200 OK\r\nX-B: late\r\nContent-Length: 0\r\n\r\n";
  const auto answer = fetch(get("/hints"));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->header("x-a"), "");
  EXPECT_EQ(answer->header("x-b"), "late");
}

TEST_F(IoHttp, OneThatSaysNothingIsATimeout) {
  server.replies["/silent"].never = true;
  auto request = get("/silent?token=secret");
  server.replies["/silent?token=secret"].never = true;
  request.timeout = 50ms;
  const auto before = std::chrono::steady_clock::now();
  const auto late = error(request);
  EXPECT_LT(std::chrono::steady_clock::now() - before, 4s);
  EXPECT_EQ(late.code, Errc::timeout);
  EXPECT_TRUE(late.message.starts_with(server.url("/silent") + ": ")) << late.message;
}

TEST_F(IoHttp, ACutOffAnswerIsTransient) {
  server.replies["/cut"] = {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", true};
  EXPECT_EQ(error(get("/cut")).code, Errc::transient);
  server.replies["/nothing"] = {"", true};
  EXPECT_EQ(error(get("/nothing")).code, Errc::transient);
}

TEST_F(IoHttp, NobodyListeningIsTransientAndTheMessageNamesTheHostButNoSecret) {
  HttpRequest request("http://user:secret@127.0.0.1:1/path?X-Amz-Signature=secret#secret");
  request.plain = sdk::PlainHttp::loopback;
  const auto refused = error(request);
  EXPECT_EQ(refused.code, Errc::transient);
  EXPECT_TRUE(refused.message.starts_with("http://127.0.0.1:1/path: ")) << refused.message;
  EXPECT_EQ(refused.message.find("secret"), std::string::npos) << refused.message;
}

TEST_F(IoHttp, ACancelledRequestLeavesTheOthersAlone) {
  server.replies["/silent"].never = true;
  server.answer("/a", "200 OK", "a");
  const auto silent = loop.start(http->fetch(get("/silent")));
  loop.until([&] { return server.requests.size() == 1; });
  silent->cancel();
  loop.until([&] { return silent->done; });
  EXPECT_EQ(fetch(get("/a"))->body, "a");
}

TEST(IoHttpLifetime, ARequestMayOutliveTheClientAndTheLoop) {
  test::RealLoop loop;
  test::TinyServer server(loop.context);
  server.replies["/silent"].never = true;
  {
    CurlHttp http(loop.executor());
    HttpRequest request(server.url("/silent"));
    request.plain = sdk::PlainHttp::loopback;
    loop.start(http.fetch(std::move(request)));
    loop.until([&] { return server.requests.size() == 1; });
  }
  loop.settle();
}

}  // namespace
}  // namespace upkeep::io
