// SPDX-License-Identifier: Apache-2.0
// The metadata service of an EC2 instance: version 2 and nothing else, and who is asked how.
#include <gtest/gtest.h>

#include "source/s3/link.h"
#include "support/plugin_host.h"

namespace upkeep::plugins::s3 {
namespace {

using test::run_task;
using test::sent_header;

const std::string kBase = "http://169.254.169.254/latest/", kToken = kBase + "api/token",
                  kRoles = kBase + "meta-data/iam/security-credentials/";

class S3Instance : public testing::Test {
 protected:
  test::PluginHost host;

  S3Instance() {
    host.web.answer(kToken, 200, "the-token");
    host.web.answer(kRoles, 200, "fleet+role\n");
    host.web.answer(kRoles + "fleet%2Brole", 200,
                    R"({"Code":"Success","AccessKeyId":"ASIAEC2","SecretAccessKey":"s","Token":"t","Expiration":"2026-11-30T18:00:00Z"})");
  }
  void instead(const std::string& url, int status, const std::string& body = "") {
    host.web.forget(url);
    host.web.answer(url, status, body);
  }
  std::string said(sdk::Millis left = std::chrono::seconds(10)) {
    host.web.requests.clear();
    const auto link = instance_link(host);
    const auto answer = run_task(link->get(host.boot + left));
    if (!answer) return std::string(name(answer.error().code)) + ": " + answer.error().message;
    return answer->session ? answer->session->keys.id : "nothing: " + answer->nothing;
  }
};

TEST_F(S3Instance, AsksForATokenTheRoleAndItsCredentials) {
  EXPECT_EQ(said(), "ASIAEC2");
  ASSERT_EQ(host.web.requests.size(), 3U);
  EXPECT_EQ(host.web.requests[0].method, "PUT");
  EXPECT_EQ(sent_header(host.web.requests[0], "X-aws-ec2-metadata-token-ttl-seconds"), "21600");
  EXPECT_EQ(host.web.requests[1].method, "GET");
  for (const auto& request : host.web.requests) {
    EXPECT_EQ(request.proxy, "") << "metadata goes through no proxy";
    EXPECT_EQ(request.plain, sdk::PlainHttp::link_local);
    EXPECT_EQ(request.max_redirects, 0);
    EXPECT_EQ(request.timeout, std::chrono::seconds(1));
    EXPECT_EQ(request.max_body, 16U * 1024U);
    EXPECT_EQ(sent_header(request, "X-aws-ec2-metadata-token"), request.method == "GET" ? "the-token" : "");
  }
}

TEST_F(S3Instance, HasNothingWhereThereIsNoService) {
  for (const auto code : {sdk::Errc::timeout, sdk::Errc::transient}) {
    host.web.forget(kToken);
    host.web.fail(kToken, code, "unreachable");
    EXPECT_EQ(said(), "nothing: no instance metadata service answers (to a container it does only with a hop limit above 1)");
    EXPECT_EQ(host.web.requests.size(), 1U) << "and version 1 is not tried";
    EXPECT_EQ(run_task(instance_link(host)->get(host.boot + std::chrono::seconds(10))).value().code, code) << "it may the next time";
  }
  instead(kToken, 403);
  EXPECT_EQ(said(), "nothing: the instance metadata service is turned off");
  instead(kToken, 200, "the-token");
  instead(kRoles, 404);
  EXPECT_EQ(said(), "nothing: the instance has no role");
  host.variables["AWS_EC2_METADATA_DISABLED"] = "True";
  EXPECT_EQ(said(), "nothing: AWS_EC2_METADATA_DISABLED is true");
  EXPECT_TRUE(host.web.requests.empty());
}

TEST_F(S3Instance, ATokenThatIsTakenNoMoreIsReplacedOnce) {
  host.web.forget(kRoles + "fleet%2Brole");
  host.web.answer(kRoles + "fleet%2Brole", 401);
  host.web.answer(kRoles + "fleet%2Brole", 200, R"({"AccessKeyId":"ASIANEW","SecretAccessKey":"s","Expiration":"2026-11-30T18:00:00Z"})");
  EXPECT_EQ(said(), "ASIANEW");
  EXPECT_EQ(host.web.requests.size(), 6U);
  instead(kRoles, 401);
  EXPECT_EQ(said(), "denied: " + kRoles + ": the server answered with status 401");
  EXPECT_EQ(host.web.requests.size(), 4U);
}

TEST_F(S3Instance, AServiceThatIsThereButBrokenIsAnError) {
  instead(kToken, 400);
  EXPECT_EQ(said(), "invalid: " + kToken + ": the server answered with status 400");
  instead(kToken, 500);
  EXPECT_EQ(said(), "transient: " + kToken + ": the server answered with status 500");
  instead(kToken, 200);
  EXPECT_EQ(said(), "internal: " + kToken + ": the answer is not what it should be");
  instead(kToken, 200, "the-token");
  for (const std::string role :
       {"", "<html>", "the-token", "../../evil", "a b", "0123456789012345678901234567890123456789012345678901234567890123x"}) {
    instead(kRoles, 200, role);
    EXPECT_EQ(said(), "internal: " + kRoles + ": the answer is not what it should be") << role;
  }
  instead(kRoles, 200, "r");
  instead(kRoles + "r", 200, R"({"Code":"Failed","Message":"m"})");
  EXPECT_EQ(said(), "denied: " + kRoles + "r: the service answers Failed");
  instead(kRoles + "r", 200, R"({"Code":"Failed ASIASECRET"})");
  EXPECT_EQ(said(), "denied: " + kRoles + "r: the service refuses");
  host.web.forget(kRoles);
  host.web.fail(kRoles, sdk::Errc::transient, "a header: the-token");
  EXPECT_EQ(said(), "invalid: " + kRoles + ": the answer repeats a credential");
  instead(kRoles, 200, "r");
  instead(kRoles + "r", 404);
  EXPECT_EQ(said(), "invalid: " + kRoles + "r: the server answered with status 404");
}

TEST_F(S3Instance, CanBeElsewhereButOnlyNear) {
  host.variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = "http://127.0.0.1:1338/";
  host.web.fail("http://127.0.0.1:1338/latest/api/token", sdk::Errc::transient, "refused");
  EXPECT_TRUE(said().starts_with("nothing: "));
  EXPECT_EQ(host.web.requests.at(0).plain, sdk::PlainHttp::loopback);
  host.variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = "ftp://x";
  EXPECT_EQ(said(), "invalid: AWS_EC2_METADATA_SERVICE_ENDPOINT: must begin with http:// or https://");
  host.variables = {{"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv6"}};
  said();
  EXPECT_EQ(host.web.requests.at(0).url, "http://[fd00:ec2::254]/latest/api/token");
}

TEST_F(S3Instance, TheDeadlineBoundsIt) {
  said(std::chrono::milliseconds(300));
  EXPECT_EQ(host.web.requests.at(0).timeout, std::chrono::milliseconds(300));
  EXPECT_EQ(said(sdk::Millis(0)), "timeout: no time was left to ask for credentials");
}

}  // namespace
}  // namespace upkeep::plugins::s3
