// SPDX-License-Identifier: Apache-2.0
// Where a bucket is: hosts, paths, and what may stand in them.
#include <gtest/gtest.h>

#include "shared/object_store/place.h"

namespace upkeep::shared::object_store {
namespace {

std::string url(const std::string& endpoint, const std::string& bucket, const std::string& region, Style style, const std::string& key) {
  return object_url({endpoint, bucket, region, style}, key);
}

TEST(ObjectPlace, AtAmazonTheBucketIsInTheHostNameUnlessItHasADot) {
  const auto automatic = Style::automatic;
  EXPECT_EQ(url("", "bucket", "eu-west-1", automatic, "a/b"), "https://bucket.s3.eu-west-1.amazonaws.com/a/b");
  EXPECT_EQ(url("", "my.bucket", "eu-west-1", automatic, "a"), "https://s3.eu-west-1.amazonaws.com/my.bucket/a");
  EXPECT_EQ(url("", "bucket", "eu-west-1", Style::path, "a"), "https://s3.eu-west-1.amazonaws.com/bucket/a");
  EXPECT_EQ(url("", "my.bucket", "eu-west-1", Style::virtual_host, "a"), "https://my.bucket.s3.eu-west-1.amazonaws.com/a");
}

TEST(ObjectPlace, AtOthersItIsInThePathUnlessTheConfigurationSaysOtherwise) {
  const std::string endpoint = "https://minio.example.com:9000";
  EXPECT_EQ(url(endpoint, "bucket", "", Style::automatic, "a"), endpoint + "/bucket/a");
  EXPECT_EQ(url(endpoint, "bucket", "", Style::path, "a"), endpoint + "/bucket/a");
  EXPECT_EQ(url(endpoint, "bucket", "", Style::virtual_host, "a"), "https://bucket.minio.example.com:9000/a");
}

TEST(ObjectPlace, ARegionBelongsToAPartOfAmazon) {
  EXPECT_EQ(amazon_endpoint("s3", "us-east-1"), "https://s3.us-east-1.amazonaws.com");
  EXPECT_EQ(amazon_endpoint("sts", "cn-north-1"), "https://sts.cn-north-1.amazonaws.com.cn");
  EXPECT_EQ(amazon_endpoint("s3", "us-gov-west-1"), "https://s3.us-gov-west-1.amazonaws.com");
  EXPECT_EQ(amazon_endpoint("s3", "us-iso-east-1"), "https://s3.us-iso-east-1.c2s.ic.gov");
  EXPECT_EQ(amazon_endpoint("s3", "us-isob-east-1"), "https://s3.us-isob-east-1.sc2s.sgov.gov");
  EXPECT_EQ(amazon_endpoint("s3", "us-isof-south-1"), "https://s3.us-isof-south-1.csp.hci.ic.gov");
  EXPECT_EQ(amazon_endpoint("s3", "eu-isoe-west-1"), "https://s3.eu-isoe-west-1.cloud.adc-e.uk");
  EXPECT_EQ(amazon_endpoint("s3", "eusc-de-east-1"), "https://s3.eusc-de-east-1.amazonaws.eu");
}

TEST(ObjectPlace, AKeyIsEncodedByteByByte) {
  EXPECT_EQ(percent_encoded("a/b", true), "a/b");
  EXPECT_EQ(percent_encoded("a/b", false), "a%2Fb");
  EXPECT_EQ(percent_encoded("-._~AZaz09", false), "-._~AZaz09");
  EXPECT_EQ(percent_encoded(" +%&=?#;:@,$!'()*", true), "%20%2B%25%26%3D%3F%23%3B%3A%40%2C%24%21%27%28%29%2A");
  EXPECT_EQ(percent_encoded("grün\x01\xff", true), "gr%C3%BCn%01%FF");
  EXPECT_EQ(url("https://x", "bucket", "", Style::path, "a b/+1"), "https://x/bucket/a%20b/%2B1");
}

TEST(ObjectPlace, IsShownAsPeopleWriteIt) {
  EXPECT_EQ(shown({"", "bucket", "eu-west-1", Style::automatic}, "a b/current"), "s3://bucket/a b/current");
  EXPECT_EQ(shown({"https://x:9000", "bucket", "", Style::automatic}, "a b/current"), "https://x:9000/bucket/a%20b/current");
}

TEST(ObjectPlace, NamesAreChecked) {
  for (const std::string good : {"abc", "a-b.c", "0a9", "a23456789012345678901234567890123456789012345678901234567890123"})
    EXPECT_EQ(bucket_problem(good), "") << good;
  for (const std::string bad : {"", "ab", "Abc", "a_bc", "-abc", "abc-", "a..b", ".abc", "a/bc", "a@b", "a b", "abc\n",
                                "a234567890123456789012345678901234567890123456789012345678901234"})
    EXPECT_NE(bucket_problem(bad), "") << bad;
  EXPECT_EQ(region_problem("eu-west-1"), "");
  for (const std::string bad : {"", "EU", "eu_west", "eu.west.evil", "eu/1", "eu 1", "eu-west-1-eu-west-1-eu-west-1-eu-west-1-e"})
    EXPECT_NE(region_problem(bad), "") << bad;
}

TEST(ObjectPlace, AnEndpointIsAHostAndPort) {
  for (const char* good : {"https://minio.example.com", "https://127.0.0.1:9000", "https://[::1]:9000"})
    EXPECT_EQ(endpoint_problem(good), "");
  for (const char* bad : {"", "http://x", "https://x/", "https://x/base", "https://user@x", "https://x?q", "minio:9000"})
    EXPECT_NE(endpoint_problem(bad), "") << bad;
}

TEST(ObjectPlace, APrefixHasPartsThatNobodyReadsAsAWayUp) {
  for (const char* good : {"a", "a/b", "a b/+1/grün/..x", "100%"}) EXPECT_EQ(prefix_problem(good), "") << good;
  for (const char* bad : {"", "/a", "a/", "a//b", "a/../b", ".", "a\nb", "a\x7f", "\xff"}) EXPECT_NE(prefix_problem(bad), "") << bad;
  EXPECT_EQ(prefix_problem(std::string(500, 'a')), "");
  EXPECT_EQ(prefix_problem(std::string(501, 'a')), "is longer than 500 bytes");
}

}  // namespace
}  // namespace upkeep::shared::object_store
