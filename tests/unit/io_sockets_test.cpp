// SPDX-License-Identifier: Apache-2.0
// Only addresses of this host: connections that say nothing, and HTTP that connects elsewhere than to the URL's host.
#include "io/sockets.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <asio/ip/udp.hpp>

#include "io/fd.h"
#include "io/http.h"
#include "io/this_host.h"
#include "support/real_loop.h"
#include "support/temp_dir.h"
#include "support/tiny_server.h"

namespace upkeep::io {
namespace {

using namespace std::chrono_literals;
using sdk::Errc;

struct IoSockets : testing::Test {
  test::RealLoop loop;
  test::TinyServer server{loop.context};
  RealSockets sockets{loop.executor()};
  CurlHttp http{loop.executor()};
  std::string port = server.url("").substr(server.url("").rfind(':') + 1);

  sdk::Result<void> knock(const std::string& address) { return loop.run(sockets.knock(address, 5s)); }
  sdk::HttpRequest here(const std::string& url) {
    sdk::HttpRequest request(url);
    request.plain = sdk::PlainHttp::loopback;
    request.this_host = true;
    request.timeout = 5s;
    return request;
  }
  Errc code(sdk::HttpRequest request) {
    const auto answer = loop.run(http.fetch(std::move(request)));
    return answer ? Errc::internal : answer.error().code;
  }
};

TEST_F(IoSockets, WhoListensIsReachedByAddressAndByName) {
  EXPECT_TRUE(knock("127.0.0.1:" + port));
  EXPECT_TRUE(knock("localhost:" + port));
  EXPECT_TRUE(knock("127.0.0.5:1").error().code == Errc::transient);
  const auto nobody = knock("127.0.0.1:1");
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().code, Errc::transient);
  EXPECT_EQ(nobody.error().message, "127.0.0.1:1: Connection refused");
}

TEST_F(IoSockets, ItHangsUpAndTheServerSeesNoRequest) {
  EXPECT_TRUE(knock("127.0.0.1:" + port));
  loop.until([&] { return server.connections == 1; });
  loop.settle();
  EXPECT_TRUE(server.requests.empty());
}

TEST_F(IoSockets, WhoNeverAcceptsIsLate) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(fd, 0), 0);
  ASSERT_EQ(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const auto full = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  std::vector<Fd> waiting;  // they fill the queue
  for (int i = 0; i < 2; ++i) {
    waiting.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
    (void)::connect(waiting.back().get(), reinterpret_cast<sockaddr*>(&address), size);
  }
  for (const auto& to : {full, "localhost" + full.substr(full.rfind(':'))}) {
    const auto began = std::chrono::steady_clock::now();
    const auto late = loop.run(sockets.knock(to, 100ms));
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, Errc::timeout);
    EXPECT_GE(std::chrono::steady_clock::now() - began, 100ms);
  }
  ::close(fd);
}

// What listens on ::1 alone is reached as localhost; where it cannot listen, there is nothing to test.
TEST_F(IoSockets, LocalhostIsBothOfItsAddresses) {
  const Fd fd(::socket(AF_INET6, SOCK_STREAM, 0));
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  socklen_t size = sizeof address;
  if (fd.get() < 0 || ::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size) != 0) GTEST_SKIP() << "no IPv6 here";
  ASSERT_EQ(::listen(fd.get(), 8), 0);
  ASSERT_EQ(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  const auto own = std::to_string(ntohs(address.sin6_port));
  EXPECT_TRUE(knock("[::1]:" + own));
  EXPECT_TRUE(knock("localhost:" + own));
}

TEST_F(IoSockets, AUnixSocketIsReachedByItsPath) {
  const test::TempDir folder;
  const auto path = folder.path() + "/s";
  EXPECT_EQ(knock(path).error().code, Errc::transient);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(fd, 8), 0);
  EXPECT_TRUE(knock(path));
  ::close(fd);
  EXPECT_EQ(knock("/" + std::string(200, 'x')).error().code, Errc::invalid);
}

TEST_F(IoSockets, OtherHostsAreNotReached) {
  for (const char* other : {"192.0.2.1:80", "[2001:db8::1]:80", "example.com:80"}) {
    const auto refused = knock(other);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::unsupported) << other;
  }
  EXPECT_TRUE(is_this_host("127.3.4.5"));
  EXPECT_TRUE(is_this_host("::1"));
  for (const char* other : {"192.0.2.1", "2001:db8::1", "0.0.0.0", "224.0.0.1", "example.com", ""})
    EXPECT_FALSE(is_this_host(other)) << other;
}

TEST_F(IoSockets, AnAddressOfItsOwnIsThisHosts) {
  asio::ip::udp::socket route(loop.context);
  asio::error_code none;
  route.connect({asio::ip::make_address("192.0.2.1"), 9}, none);  // sends nothing
  if (none) GTEST_SKIP() << "no address but loopback here";
  EXPECT_TRUE(is_this_host(route.local_endpoint().address().to_string()));
}

TEST_F(IoSockets, HttpConnectsWhereItIsToldAndAsksForTheUrlsHost) {
  server.answer("/ready", "200 OK", "yes");
  auto request = here("http://agent.example.com:8080/ready");
  request.connect_to = "127.0.0.1:" + port;
  const auto answer = loop.run(http.fetch(request));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body, "yes");
  EXPECT_NE(server.requests.at(0).find("\r\nHost: agent.example.com:8080\r\n"), std::string::npos);
  EXPECT_TRUE(loop.run(http.fetch(request)));
  EXPECT_EQ(server.connections, 2) << "an old connection does not tell whether somebody listens";
}

TEST_F(IoSockets, HttpForThisHostGoesNowhereElse) {
  EXPECT_EQ(code(here("https://192.0.2.1/")), Errc::unsupported);
  EXPECT_EQ(code(here("https://example.com/")), Errc::unsupported);
  auto request = here("https://localhost/");
  request.connect_to = "192.0.2.1:443";
  EXPECT_EQ(code(request), Errc::unsupported);
  EXPECT_EQ(code(here("http://example.com/")), Errc::unsupported);
  auto plain = here("http://localhost/");
  plain.this_host = false;
  plain.connect_to = "192.0.2.1:80";
  EXPECT_EQ(code(plain), Errc::invalid) << "plain text, and not to loopback";
}

}  // namespace
}  // namespace upkeep::io
