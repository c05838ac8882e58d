// SPDX-License-Identifier: Apache-2.0
// Where the server listens.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/stat.h>

#include <fstream>

#include "control/listen.h"
#include "support/control_world.h"

namespace upkeep::control_test {
namespace {

class ControlSocket : public World, public testing::Test {};

TEST_F(ControlSocket, EverybodyMayConnectAndItGoesWithTheServer) {
  ASSERT_TRUE(start());
  struct stat there {};
  ASSERT_EQ(stat(options.socket.c_str(), &there), 0);
  EXPECT_EQ(there.st_mode & 0777, 0666u);
  server.reset();
  EXPECT_NE(stat(options.socket.c_str(), &there), 0);
}

TEST_F(ControlSocket, WhatADeadDaemonLeftIsReplaced) {
  close(control::listen_unix(options.socket).value());
  ASSERT_TRUE(start());
  EXPECT_EQ(ask("GET", "/healthz").status, 200);
}

TEST_F(ControlSocket, ALivingDaemonsSocketIsLeftAlone) {
  ASSERT_TRUE(start());
  const auto second = control::listen_unix(options.socket);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message, "control socket " + options.socket + ": another daemon listens there");
  EXPECT_EQ(ask("GET", "/healthz").status, 200);
}

TEST_F(ControlSocket, ADaemonThatIsTooBusyToAcceptIsAlive) {
  const int busy = control::listen_unix(options.socket).value();
  ASSERT_EQ(listen(busy, 0), 0);  // room for one who waits
  const auto waiting = connect();
  const auto second = control::listen_unix(options.socket);
  close(busy);
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find("another daemon"), std::string::npos) << second.error().message;
}

TEST_F(ControlSocket, AFileThatIsNoSocketIsLeftAlone) {
  std::ofstream(options.socket) << "precious";
  const auto started = start();
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().message.find(options.socket), std::string::npos);
  server.reset();
  EXPECT_TRUE(std::filesystem::is_regular_file(options.socket));
}

TEST_F(ControlSocket, APathThatIsTooLongOrHasNoFolderIsNamed) {
  EXPECT_NE(control::listen_unix(std::string(108, 'x')).error().message.find("1 to 107 bytes"), std::string::npos);
  EXPECT_FALSE(control::listen_unix(""));
  EXPECT_NE(control::listen_unix("/no/such/folder/s").error().message.find("/no/such/folder/s"), std::string::npos);
}

TEST_F(ControlSocket, AddressesForTcpAreNumericWithAPort) {
  for (const char* address : {"localhost:9464", "127.0.0.1", ":9464", "127.0.0.1:http", "127.0.0.1:99999", "9464", "127.0.0.1:9464/x"}) {
    const auto made = control::listen_tcp(address);
    EXPECT_FALSE(made) << address;
    if (!made) {
      EXPECT_NE(made.error().message.find(address), std::string::npos) << made.error().message;
    }
  }
}

class Tcp {
 public:
  explicit Tcp(bool listening)
      : fd(listening ? control::listen_tcp("127.0.0.1:0").value() : socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  ~Tcp() {
    if (fd >= 0) close(fd);
  }
  [[nodiscard]] int port() const {
    sockaddr_in address{};
    socklen_t length = sizeof address;
    getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length);
    return ntohs(address.sin_port);
  }
  int fd;
};

TEST_F(ControlSocket, OverTcpThereIsHealthAndMetricsAndNothingElse) {
  const int port = Tcp(true).port();  // free a moment ago
  options.listen = "127.0.0.1:" + std::to_string(port);
  const auto started = start();
  ASSERT_TRUE(started) << started.error().message;
  const auto get = [&](const std::string& method, const std::string& path) {
    Tcp client(false);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(client.fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    RawClient raw(std::exchange(client.fd, -1));
    return ask_on(raw, method, path);
  };
  EXPECT_EQ(get("GET", "/healthz").status, 200);
  EXPECT_EQ(get("GET", "/readyz").status, 200);
  EXPECT_EQ(get("GET", "/metrics").status, 200);
  EXPECT_EQ(get("GET", "/v1/agents").status, 404);
  EXPECT_EQ(get("GET", "/v1/events").status, 404);
  EXPECT_EQ(get("POST", "/v1/agents/web/run").status, 404);
  EXPECT_TRUE(face.commands.empty());
}

TEST_F(ControlSocket, ATcpAddressThatIsTakenIsAnError) {
  const Tcp taken(true);
  options.listen = "127.0.0.1:" + std::to_string(taken.port());
  const auto started = start();
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().message.find(options.listen), std::string::npos) << started.error().message;
}

}  // namespace
}  // namespace upkeep::control_test
