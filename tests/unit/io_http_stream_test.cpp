// SPDX-License-Identifier: Apache-2.0
// A streamed body comes line by line, however it is cut into packets.

#include <gtest/gtest.h>

#include "io/http.h"
#include "support/real_loop.h"
#include "support/tiny_server.h"

namespace upkeep::io {
namespace {

using namespace std::chrono_literals;
using sdk::Errc;
using Lines = std::vector<std::string>;

struct Collector : sdk::LineSink {
  Lines lines;
  std::size_t enough = 1000;
  bool line(std::string_view one) override {
    lines.emplace_back(one);
    return lines.size() < enough;
  }
};

struct IoHttpStream : testing::Test {
  test::RealLoop loop;
  test::TinyServer server{loop.context};
  CurlHttp http{loop.executor()};
  Collector sink;

  sdk::Result<sdk::HttpResponse> stream(const std::string& path, std::size_t max_line = 100) {
    sdk::HttpRequest request(server.url(path));
    request.plain = sdk::PlainHttp::loopback;
    request.max_body = max_line;
    return loop.run(http.stream(std::move(request), sink));
  }
  // Each piece is a chunk of its own.
  void chunks(const std::string& path, const Lines& pieces, bool whole = true) {
    std::string body;
    for (const auto& piece : pieces) {
      char size[20];
      std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
      body += size + piece + "\r\n";
    }
    server.replies[path] = {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body + (whole ? "0\r\n\r\n" : ""), !whole};
  }
};

TEST_F(IoHttpStream, HandsOverCompleteLines) {
  chunks("/watch", {"{\"a\":1}\n{\"b\"", ":2}\n\n", "cr\r\n", "no line end"});
  const auto answer = stream("/watch");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "");
  EXPECT_EQ(sink.lines, (Lines{"{\"a\":1}", "{\"b\":2}", "", "cr\r"}));
}

TEST_F(IoHttpStream, EndsWhenTheSinkHasEnough) {
  chunks("/watch", {"1\n2\n3\n4\n"}, false);
  sink.enough = 2;
  const auto answer = stream("/watch");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(sink.lines, (Lines{"1", "2"}));
}

TEST_F(IoHttpStream, ALineIsBoundedTheBodyIsNot) {
  Lines pieces(500, std::string(99, 'x') + "\n");
  chunks("/watch", pieces);
  ASSERT_TRUE(stream("/watch", 99));
  EXPECT_EQ(sink.lines.size(), 500U);
  const auto refused = stream("/watch", 98);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::invalid);
  EXPECT_EQ(refused.error().message, server.url("/watch") + ": a line is longer than 98 bytes");
}

TEST_F(IoHttpStream, LinesThatCameBeforeTheConnectionBrokeAreHandedOver) {
  chunks("/watch", {"1\n2\n"}, false);
  const auto broken = stream("/watch");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, Errc::transient);
  EXPECT_EQ(sink.lines, (Lines{"1", "2"}));
}

TEST_F(IoHttpStream, AnAnswerThatIsNoSuccessIsABodyAndNoLines) {
  server.answer("/gone", "410 Gone", "{\"code\":410}\n");
  const auto answer = stream("/gone");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 410);
  EXPECT_EQ(answer->body, "{\"code\":410}\n");
  EXPECT_TRUE(sink.lines.empty());
}

}  // namespace
}  // namespace upkeep::io
