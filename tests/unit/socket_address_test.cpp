// SPDX-License-Identifier: Apache-2.0
// Where something listens, as people write it.
#include "sdk/socket_address.h"

#include <gtest/gtest.h>

#include <string_view>

namespace upkeep::sdk {
namespace {

TEST(SocketAddress, AddressesAndNames) {
  const auto v4 = parse_socket_address("127.0.0.1:3025");
  ASSERT_TRUE(v4);
  EXPECT_EQ(v4->host, "127.0.0.1");
  EXPECT_EQ(v4->port, 3025);
  EXPECT_TRUE(v4->literal && v4->loopback);
  const auto v6 = parse_socket_address("[::1]:80");
  ASSERT_TRUE(v6);
  EXPECT_EQ(v6->host, "::1");
  EXPECT_TRUE(v6->loopback);
  EXPECT_TRUE(parse_socket_address("LOCALHOST:1")->loopback);
  EXPECT_FALSE(parse_socket_address("10.1.2.3:1")->loopback);
  EXPECT_TRUE(parse_socket_address("10.1.2.3:1")->literal);
  EXPECT_FALSE(parse_socket_address("example.com:1")->literal);
  EXPECT_EQ(parse_socket_address("[fe80::1]", 443)->port, 443);
}

TEST(SocketAddress, WhatIsNone) {
  for (const char* bad : {"", ":", ":80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:x", "::1:80", "[::1",
                          "[::1]80", "[127.0.0.1]:80", "0.0.0.0:80", "[::]:80", "224.0.0.1:80", "a b:80", "[fe80::1%eth0]:80", "-:80:"})
    EXPECT_FALSE(parse_socket_address(bad)) << bad;
  EXPECT_FALSE(parse_socket_address(std::string_view("127.0.0.1\0.example.com:80", 25)));
  EXPECT_FALSE(parse_socket_address(std::string_view("[::1\0x]:80", 10)));
}

}  // namespace
}  // namespace upkeep::sdk
