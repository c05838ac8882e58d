// SPDX-License-Identifier: Apache-2.0
// The s3 source from its configuration to its requests.
#include <gtest/gtest.h>

#include "source/s3/plugin.h"
#include "support/plugin_host.h"
#include "support/toml.h"

namespace upkeep::test {
namespace {

class SourceS3 : public testing::Test {
 protected:
  PluginHost host;
  std::unique_ptr<sdk::Source> source;

  SourceS3() { host.wall = *sdk::parse_rfc3339("2026-11-30T12:00:00Z"); }

  void configure(const std::string& more) {
    const std::string text = "bucket = 'updates'\nchannel = 'stable/cloud'\n" + more;
    EXPECT_EQ(problems(plugins::s3::kDescriptor, text), std::vector<std::string>());
    source = std::get<sdk::Factory<sdk::Source>>(plugins::s3::kDescriptor.make)(host, toml(text)).value();
  }
  sdk::Result<std::optional<sdk::Offer>> poll(const sdk::Offer* last = nullptr) {
    host.web.requests.clear();
    return run_task(source->poll(last, {}));
  }
  static std::string problem(const sdk::Result<std::optional<sdk::Offer>>& offer) {
    return offer ? "none, but perhaps no offer" : offer.error().message;
  }
  void serve(const std::string& base) {
    host.web.answer(base + "/version", 200, "1.2.3\n", {{"etag", "\"v\""}});
    host.web.answer(base + "/critical", 200, "no\n", {{"etag", "\"c\""}});
  }
};

const std::string kAmazon = "https://updates.s3.us-east-1.amazonaws.com";

TEST_F(SourceS3, ReadsAPublicBucketWithoutSigning) {
  configure("prefix = 'v 1/'\ncredentials = 'anonymous'");
  serve(kAmazon + "/v%201/stable/cloud");
  host.variables = {{"AWS_ACCESS_KEY_ID", "AKIAENV"}, {"AWS_SECRET_ACCESS_KEY", "secret"}};
  const auto offer = poll();
  ASSERT_TRUE(offer && *offer) << problem(offer);
  EXPECT_EQ((*offer)->origin, "s3://updates/v 1/stable/cloud");
  EXPECT_EQ(source->origin(), (*offer)->origin);
  EXPECT_EQ(std::get<sdk::PlainOffer>((*offer)->body), (sdk::PlainOffer{"1.2.3\n", "no\n", ""}));
  for (const auto& request : host.web.requests) EXPECT_TRUE(request.headers.empty());
}

TEST_F(SourceS3, SignsWithWhatTheEnvironmentHasAndSendsItsCursor) {
  configure("endpoint = 'https://minio:9000'\nregion = 'home-1'\nca_file = '/ca.pem'\nproxy = ''\ntimeout = '7s'");
  serve("https://minio:9000/updates/stable/cloud");
  host.variables = {{"AWS_ACCESS_KEY_ID", "AKIAENV"}, {"AWS_SECRET_ACCESS_KEY", "secret"}, {"AWS_REGION", "not-this-1"}};
  const auto offer = poll();
  ASSERT_TRUE(offer && *offer) << problem(offer);
  EXPECT_EQ((*offer)->origin, "https://minio:9000/updates/stable/cloud");
  ASSERT_EQ(host.web.requests.size(), 2U);
  for (const auto& request : host.web.requests) {
    EXPECT_NE(sent_header(request, "Authorization").find("Credential=AKIAENV/20261130/home-1/s3/aws4_request"), std::string::npos);
    EXPECT_EQ(request.ca_file, "/ca.pem");
    EXPECT_EQ(request.proxy, "");
    EXPECT_EQ(request.timeout, std::chrono::seconds(7));
  }
  const auto stored = **offer;
  ASSERT_TRUE(poll(&stored));
  EXPECT_EQ(sent_header(host.web.requests.at(0), "If-None-Match"), "\"v\"");
}

TEST_F(SourceS3, TheRegionOfTheEnvironmentCountsWhereNoneIsConfigured) {
  host.variables = {{"AWS_REGION", "eu-west-1"}};
  configure("credentials = 'anonymous'");
  serve("https://updates.s3.eu-west-1.amazonaws.com/stable/cloud");
  EXPECT_TRUE(poll());
}

// Where STS was asked, and by whose word it was trusted.
TEST_F(SourceS3, StsIsThatOfTheHostsRegionNotOfTheBuckets) {
  host.contents.insert_or_assign("/token", "jwt");
  const auto asked = [&](const std::string& more) {
    configure("role_arn = 'arn'\nweb_identity_token_file = '/token'\ncredentials = 'web-identity'\n" + more);
    (void)poll();
    return host.web.requests.at(0).url + " " + host.web.requests.at(0).ca_file;
  };
  EXPECT_EQ(asked("region = 'eu-west-1'"), "https://sts.eu-west-1.amazonaws.com/ ");
  host.variables = {{"AWS_REGION", "us-west-2"}};
  EXPECT_EQ(asked("region = 'eu-west-1'"), "https://sts.us-west-2.amazonaws.com/ ");
  EXPECT_EQ(asked("ca_file = '/ca.pem'"), "https://sts.us-west-2.amazonaws.com/ /ca.pem") << "both are Amazon's";
  EXPECT_EQ(asked("ca_file = '/ca.pem'\nendpoint = 'https://minio:9000'"), "https://sts.us-west-2.amazonaws.com/ ")
      << "whoever vouches for a server of one's own does not vouch for Amazon";
  EXPECT_EQ(asked("ca_file = '/ca.pem'\nendpoint = 'https://minio:9000'\nsts_endpoint = 'https://minio:9000'"),
            "https://minio:9000/ /ca.pem");
}

TEST_F(SourceS3, TheNamedLinkIsTheOnlyOne) {
  configure("credentials = 'files'\ncredentials_file = '/keys'");
  serve(kAmazon + "/stable/cloud");
  host.variables = {{"AWS_ACCESS_KEY_ID", "AKIAENV"}, {"AWS_SECRET_ACCESS_KEY", "secret"}};
  EXPECT_EQ(problem(poll()), "s3://updates/stable/cloud/version: credentials from files: /keys does not exist");
  host.contents.insert_or_assign("/keys", "[default]\naws_access_key_id=AKIAFILE\naws_secret_access_key=s\n");
  EXPECT_TRUE(poll());
  EXPECT_NE(sent_header(host.web.requests.at(0), "Authorization").find("Credential=AKIAFILE/"), std::string::npos);
}

TEST_F(SourceS3, PutsAFileOfTheChannel) {
  configure("style = 'path'\ncredentials = 'environment'");
  host.variables = {{"AWS_ACCESS_KEY_ID", "AKIAENV"}, {"AWS_SECRET_ACCESS_KEY", "secret"}};
  host.web.answer("https://s3.us-east-1.amazonaws.com/updates/stable/cloud/critical", 200);
  EXPECT_TRUE(run_task(source->put({"critical", "yes\n", "text/plain; charset=utf-8", "max-age=60"})));
  EXPECT_EQ(host.web.requests.at(0).method, "PUT");
  EXPECT_EQ(host.web.requests.at(0).body, "yes\n");
}

TEST(S3Config, WhatIsWrongIsSaidWithItsLine) {
  using Lines = std::vector<std::string>;
  const auto wrong = [](const std::string& more) {
    return problems(plugins::s3::kDescriptor, "bucket = 'updates'\nchannel = 'current'\n" + more);
  };
  EXPECT_EQ(wrong(""), Lines());
  EXPECT_EQ(problems(plugins::s3::kDescriptor, "").size(), 2U) << "bucket and channel are required";
  EXPECT_EQ(problems(plugins::s3::kDescriptor, "bucket = 'Up'\nchannel = '../x'").size(), 2U);
  EXPECT_EQ(
      wrong("prefix = '/a'\nregion = 'eu west'\nendpoint = 'http://minio'\nstyle = 'dns'\ncredentials = 'aws'\nca_file = 'ca.pem'\n"
            "proxy = 'proxy:3128'\ntimeout = '3m'"),
      (Lines{"3 prefix: must not begin or end with / nor have two of them together", "4 region: must be a region's name, like eu-west-1",
             "5 endpoint: must begin with https://; what plain http brings, anybody on the way can change",
             "6 style: must be auto, path or virtual",
             "7 credentials: must be chain, anonymous, environment, web-identity, files, container or instance",
             "8 ca_file: must be an absolute path", "9 proxy: must begin with http://, https:// or socks5h://, or be empty",
             "10 timeout: must be from 1s to 2m"}));
  EXPECT_EQ(wrong("profile = 'fleet'\nrole_arn = 'arn:x'"), (Lines{"3 profile: is of no use without credentials = \"files\"",
                                                                   "4 role_arn: is of no use without credentials = \"web-identity\""}));
  EXPECT_EQ(wrong("credentials = 'web-identity'\nrole_arn = 'a b'\nweb_identity_token_file = 'token'\nsts_endpoint = 'https://x/sts'"),
            (Lines{"6 sts_endpoint: must end with the host or its port: no path, and no /",
                   "4 role_arn: must be one word of printable ASCII", "5 web_identity_token_file: must be an absolute path"}));
}

}  // namespace
}  // namespace upkeep::test
