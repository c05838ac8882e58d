// SPDX-License-Identifier: Apache-2.0
// Names of images: what docker and the kubelet take is read as they read it, all else is refused with the reason.

#include <gtest/gtest.h>

#include <string>

#include "shared/oci/reference.h"

namespace upkeep::test {
namespace {

using oci::parse_reference;
using oci::Reference;

const std::string kHex(64, 'a');

std::string parts_of_reference(const std::string& text) {
  const auto out = parse_reference(text);
  if (!out) return out.error().message;
  EXPECT_EQ(out->text(), text);
  return out->registry + " " + out->repository + " " + out->tag + " " + out->digest;
}

TEST(OciReference, PartsAreTheOnesThatTheRegistryKnows) {
  EXPECT_EQ(parts_of_reference("nginx"), "docker.io library/nginx  ");
  EXPECT_EQ(parts_of_reference("nginx:1.27"), "docker.io library/nginx 1.27 ");
  EXPECT_EQ(parts_of_reference("org/app:v2"), "docker.io org/app v2 ");
  EXPECT_EQ(parts_of_reference("docker.io/nginx"), "docker.io library/nginx  ");
  EXPECT_EQ(parts_of_reference("index.docker.io/org/app"), "docker.io org/app  ");
  EXPECT_EQ(parts_of_reference("localhost/app:1"), "localhost app 1 ");
  EXPECT_EQ(parts_of_reference("localhost:5000/app"), "localhost:5000 app  ");
  EXPECT_EQ(parts_of_reference("10.0.0.1:5000/a/b/c:1_x"), "10.0.0.1:5000 a/b/c 1_x ");
  EXPECT_EQ(parts_of_reference("[::1]:5000/app:1"), "[::1]:5000 app 1 ");
  EXPECT_EQ(parts_of_reference("[2001:DB8::1]/app"), "[2001:db8::1] app  ");
  EXPECT_EQ(parts_of_reference("R.Example.COM/app"), "r.example.com app  ") << "hosts are the same in any case";
  EXPECT_EQ(parts_of_reference("Uppercase/app"), "uppercase app  ") << "no docker.io repository can be called so: a host";
  EXPECT_EQ(parts_of_reference("r.example.com/a.b_c__d--e/f:14.3.33@sha256:" + kHex), "r.example.com a.b_c__d--e/f 14.3.33 sha256:" + kHex);
  EXPECT_EQ(parts_of_reference("app@sha256:" + kHex), "docker.io library/app  sha256:" + kHex);
  EXPECT_EQ(parts_of_reference("app@sha512:" + kHex + kHex), "docker.io library/app  sha512:" + kHex + kHex);
  EXPECT_EQ(parts_of_reference("app:" + kHex + kHex), "docker.io library/app " + kHex + kHex + " ");
}

TEST(OciReference, ATagAndADigestCanBeGivenToIt) {
  auto image = parse_reference("org/app").value();
  image.tag = "1.2.3";
  EXPECT_EQ(image.text(), "org/app:1.2.3");
  image.digest = "sha256:" + kHex;
  EXPECT_EQ(image.text(), "org/app:1.2.3@sha256:" + kHex);
}

TEST(OciReference, OneRepositoryHasManyNames) {
  const auto same = [](const char* one, const char* other) {
    return parse_reference(one)->same_repository(parse_reference(other).value());
  };
  EXPECT_TRUE(same("nginx:1", "docker.io/library/nginx@sha256:0000000000000000000000000000000000000000000000000000000000000000"));
  EXPECT_TRUE(same("R.example.com/a", "r.example.com/a"));
  EXPECT_FALSE(same("r.example.com/a", "r.example.com:5000/a"));
  EXPECT_FALSE(same("nginx", "r.example.com/library/nginx"));
}

std::string reference_problem(const std::string& text) {
  const auto out = parse_reference(text);
  if (out) return "read as " + out->text();
  EXPECT_EQ(out.error().code, sdk::Errc::invalid);
  const auto at = out.error().message.find(" is no name of an image: ");
  return at == std::string::npos ? out.error().message : out.error().message.substr(at + 25);
}

TEST(OciReference, WhatIsNoNameIsRefusedWithTheReason) {
  const std::string parts = "a repository's parts are a-z and 0-9, with single . _ or - between them";
  EXPECT_EQ(reference_problem(""), "it is empty");
  EXPECT_EQ(reference_problem(std::string(1001, 'a')), "it has more than 1000 characters");
  EXPECT_EQ(reference_problem(std::string(256, 'a')), "its repository has more than 255 characters");
  EXPECT_EQ(reference_problem(kHex), "it looks like the id of one");
  EXPECT_EQ(reference_problem("App"), "a repository has no upper case letters");
  for (const char* bad : {"/", "a/", "/a", "a//b", "-a", "a-", "a..b", "a___b", "a._b", "a b", "a\n", "a%2f", "../a", "a/../b", "a?x",
                          "a#x", "é", "https://r.example.com/a"})
    EXPECT_NE(reference_problem(bad).substr(0, 7), "read as") << bad;
  EXPECT_EQ(reference_problem("a..b"), parts);
  EXPECT_EQ(reference_problem("https://r/a"), "its registry \"https:\" is no host with or without a port");
  for (const char* host : {"r_x.example.com", "r..example.com", "-r.example.com", "r.example.com:", "r.example.com:0",
                           "r.example.com:65536", "r.example.com:1x", "[::1", "[]", "[:81]:5000", "[::]:5000", "[fe80::1%eth0]:5000",
                           "[::1]x", "[g::1]:5000", "user@r.example.com", "u:p@r.example.com"})
    EXPECT_NE(reference_problem(std::string(host) + "/app").substr(0, 7), "read as") << host;
  EXPECT_NE(reference_problem(std::string("[::1\0]:5000/app", 15)).substr(0, 7), "read as");
  EXPECT_EQ(reference_problem("app:"), "what follows its last : is no tag");
  EXPECT_EQ(reference_problem("app:-1"), "what follows its last : is no tag");
  EXPECT_EQ(reference_problem("app:1.0+build"), "what follows its last : is no tag");
  EXPECT_EQ(reference_problem("app:" + std::string(129, '1')), "what follows its last : is no tag");
  for (const std::string& bad : {std::string("app@"), "app@sha256:" + kHex + "a", "app@sha256:" + std::string(64, 'A'), "app@md5:" + kHex,
                                 "app@sha256:" + kHex + "@sha256:" + kHex, "app@sha256:" + kHex + ":1"})
    EXPECT_EQ(reference_problem(bad), "what follows @ is not sha256: and 64 hexadecimal digits") << bad;
}

TEST(OciReference, WhatIsQuotedOfItIsShortAndPrintable) {
  const auto message = parse_reference("a\x1b[31m\n" + std::string(500, 'x')).error().message;
  EXPECT_LT(message.size(), 300U);
  EXPECT_EQ(message.find_first_of("\x1b\n"), std::string::npos);
}

}  // namespace
}  // namespace upkeep::test
