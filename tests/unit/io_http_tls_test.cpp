// SPDX-License-Identifier: Apache-2.0
// Certificates that are given as bytes, to a server that asks for one. Files of them are tested in tests/system with a real web server.

#include <gtest/gtest.h>

#include "io/http.h"
#include "support/real_loop.h"
#include "support/tls_server.h"

namespace upkeep::io {
namespace {

using sdk::Errc;
using sdk::HttpRequest;

struct IoHttpTls : testing::Test {
  test::RealLoop loop;
  test::Authority authority{"authority"}, other{"other authority"};
  test::Certificate first = authority.issue("first"), second = authority.issue("second");
  test::TlsServer server{loop.context, authority.issue("server"), authority.pem};
  CurlHttp http{loop.executor()};

  [[nodiscard]] HttpRequest as(const test::Certificate& client) const {
    HttpRequest request(server.url());
    request.proxy = "";
    request.ca_pem = authority.pem;
    request.client_cert_pem = client.pem;
    request.client_key_pem = client.key_pem;
    return request;
  }
  std::string answer(HttpRequest request) {
    const auto answer = loop.run(http.fetch(std::move(request)));
    return answer ? answer->body : answer.error().message;
  }
  sdk::Error error(HttpRequest request) {
    const auto answer = loop.run(http.fetch(std::move(request)));
    return answer ? sdk::Error(Errc::internal, "an answer: " + answer->body) : answer.error();
  }
};

TEST_F(IoHttpTls, BytesAreBelievedAndShownLikeFiles) {
  EXPECT_EQ(answer(as(first)), "first");
  auto both = as(first);  // a key may come after its certificate
  both.client_cert_pem += std::exchange(both.client_key_pem, "");
  EXPECT_EQ(answer(std::move(both)), "first");
  auto nobody = as(first);
  nobody.client_cert_pem = nobody.client_key_pem = "";
  EXPECT_NE(error(std::move(nobody)).code, Errc::internal);
  auto stranger = as(first);
  stranger.ca_pem = other.pem;
  const auto denied = error(std::move(stranger));
  EXPECT_EQ(denied.code, Errc::denied);
  EXPECT_TRUE(denied.message.ends_with("(trusting the bytes given)")) << denied.message;
}

TEST_F(IoHttpTls, RotatedBytesAreNotServedFromAnOldConnection) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(answer(as(first)), "first");
  EXPECT_EQ(server.connections, 1);
  EXPECT_EQ(answer(as(second)), "second");
  EXPECT_EQ(server.connections, 2) << "nor is its session taken up again";
  auto untrusting = as(second);
  untrusting.ca_pem = other.pem;
  EXPECT_EQ(error(std::move(untrusting)).code, Errc::denied);
}

TEST_F(IoHttpTls, AFileAndBytesOfOneThingAreRefusedWithoutARequest) {
  const std::pair<std::string HttpRequest::*, std::string> files[] = {
      {&HttpRequest::ca_file, "ca"}, {&HttpRequest::client_cert, "client_cert"}, {&HttpRequest::client_key, "client_key"}};
  for (const auto& [member, what] : files) {
    auto request = as(first);
    request.*member = "/etc/some.pem";
    const auto refused = error(std::move(request));
    EXPECT_EQ(refused.code, Errc::invalid);
    EXPECT_EQ(refused.message, server.url() + ": " + what + " is given as a file and as bytes");
  }
  EXPECT_EQ(server.connections, 0);
}

TEST_F(IoHttpTls, BytesThatCannotBeUsedAreSaidWithoutThem) {
  auto no_authority = as(first);
  no_authority.ca_pem = "secret";
  EXPECT_EQ(error(std::move(no_authority)).message, server.url() + ": no certificates can be read from the bytes given");
  auto no_certificate = as(first), wrong_key = as(first);
  no_certificate.client_cert_pem = "secret";
  wrong_key.client_key_pem = second.key_pem;
  for (auto& request : {no_certificate, wrong_key}) {
    const auto refused = error(request);
    EXPECT_EQ(refused.code, Errc::invalid) << refused.message;
    EXPECT_TRUE(refused.message.ends_with("(client certificate given as bytes)")) << refused.message;
    EXPECT_EQ(refused.message.find("secret"), std::string::npos) << refused.message;
    EXPECT_EQ(refused.message.find(request.client_key_pem.substr(40, 20)), std::string::npos) << refused.message;
  }
}

}  // namespace
}  // namespace upkeep::io
