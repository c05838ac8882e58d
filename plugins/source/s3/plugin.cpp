// SPDX-License-Identifier: Apache-2.0
#include "source/s3/plugin.h"

#include <algorithm>

#include "sdk/text.h"
#include "shared/channel/location.h"
#include "source/s3/chain.h"
#include "source/s3/files_link.h"
#include "source/s3/source.h"

namespace upkeep::plugins::s3 {

using namespace shared::object_store;
using sdk::KeyType;

namespace {

constexpr sdk::Millis kTimeout = std::chrono::seconds(10);
// Where a request that says nothing better goes: the answer names the bucket's region.
constexpr std::string_view kFirstRegion = "us-east-1";
constexpr std::size_t kMostText = 2048;

constinit const sdk::KeySpec kKeys[] = {
    {.name = "bucket", .type = KeyType::text, .required = true, .help = "name of the bucket"},
    {.name = "prefix", .type = KeyType::text, .help = "what the keys of all channels begin with: updates/v1"},
    {.name = "channel", .type = KeyType::text, .required = true, .help = "the channel, a path below prefix: current, stable/cloud"},
    {.name = "region",
     .type = KeyType::text,
     .help = "the bucket's region; absent: from AWS_REGION or the profile, or the server names it"},
    {.name = "endpoint", .type = KeyType::text, .help = "another server than Amazon's: https://minio.example.com:9000"},
    {.name = "style", .type = KeyType::text, .fallback = "auto", .help = "where URLs name the bucket: path, virtual (in the host) or auto"},
    {.name = "ca_file",
     .type = KeyType::text,
     .help = "PEM file of the authorities to trust instead of the system's; for STS too, unless only endpoint is another server"},
    {.name = "credentials",
     .type = KeyType::text,
     .fallback = "chain",
     .help = "anonymous; environment, web-identity, files, container or instance; chain: the first of these that there is"},
    {.name = "profile",
     .type = KeyType::text,
     .help = "with credentials = \"files\": the profile to use instead of AWS_PROFILE or default"},
    {.name = "credentials_file",
     .type = KeyType::text,
     .help = "with \"files\": used instead of AWS_SHARED_CREDENTIALS_FILE or ~/.aws/credentials"},
    {.name = "web_identity_token_file",
     .type = KeyType::text,
     .help = "with \"web-identity\": used instead of AWS_WEB_IDENTITY_TOKEN_FILE"},
    {.name = "role_arn", .type = KeyType::text, .help = "with \"web-identity\": the role to take on, instead of AWS_ROLE_ARN"},
    {.name = "role_session_name", .type = KeyType::text, .help = "with \"web-identity\": instead of AWS_ROLE_SESSION_NAME or upkeep"},
    {.name = "sts_endpoint", .type = KeyType::text, .help = "with \"web-identity\": another STS than Amazon's of this host's region"},
    {.name = "proxy", .type = KeyType::text, .help = "http://host:port; \"\" for none; absent: from the environment", .secret = true},
    {.name = "timeout", .type = KeyType::duration, .fallback = "10s", .help = "longest time of one poll in all, from 1s to 2m"},
};

// What stands before the channel in a key. The slash at its end, which many write, is left to us.
std::string prefix_of(const sdk::Config& config) {
  std::string prefix = config.text("prefix");
  if (prefix.size() > 1 && prefix.ends_with('/')) prefix.pop_back();
  return prefix;
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

std::string words_problem(std::string_view text) {
  const bool good =
      !text.empty() && text.size() <= kMostText && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
  return good ? "" : "must be one word of printable ASCII";
}

std::vector<sdk::ConfigIssue> check(const sdk::Config& config) {
  std::vector<sdk::ConfigIssue> issues;
  const auto add = [&](std::string_view key, std::string message) {
    const sdk::Config* at = config.find(key);
    if (at && !message.empty()) issues.push_back({at->place(), std::string(key), std::move(message)});
  };
  add("bucket", bucket_problem(config.text("bucket")));
  const std::string prefix = prefix_of(config);
  add("prefix", prefix.empty() ? "" : prefix_problem(prefix));
  add("channel", shared::channel::channel_problem(config.text("channel")));
  add("region", region_problem(config.text("region")));
  add("endpoint", endpoint_problem(config.text("endpoint")));
  add("sts_endpoint", endpoint_problem(config.text("sts_endpoint")));
  const std::string style = config.text("style"), credentials = config.text("credentials", "chain");
  add("style", is_one_of(style, {"auto", "path", "virtual"}) ? "" : "must be auto, path or virtual");
  const bool known = is_one_of(credentials, {"chain", "anonymous", "environment", "web-identity", "files", "container", "instance"});
  add("credentials", known ? "" : "must be chain, anonymous, environment, web-identity, files, container or instance");
  for (const std::string_view key : {"profile", "role_arn", "role_session_name"}) add(key, words_problem(config.text(key)));
  for (const std::string_view file : {"ca_file", "credentials_file", "web_identity_token_file"})
    add(file, config.text(file).starts_with('/') ? "" : "must be an absolute path");
  for (const std::string_view key : {"profile", "credentials_file"})
    add(key, credentials == "files" ? "" : "is of no use without credentials = \"files\"");
  for (const std::string_view key : {"web_identity_token_file", "role_arn", "role_session_name", "sts_endpoint"})
    add(key, credentials == "web-identity" ? "" : "is of no use without credentials = \"web-identity\"");
  add("proxy", shared::channel::proxy_problem(config.text("proxy")));
  add("timeout", shared::channel::timeout_problem(config.duration("timeout", kTimeout)));
  return issues;
}

Style style_of(std::string_view text) {
  if (text == "path") return Style::path;
  return text == "virtual" ? Style::virtual_host : Style::automatic;
}

CredentialSettings credential_settings(sdk::Host& host, const sdk::Config& config) {
  CredentialSettings out;
  out.profile = config.text("profile");
  out.credentials_file = config.text("credentials_file");
  out.web_identity_token_file = config.text("web_identity_token_file");
  out.role_arn = config.text("role_arn");
  out.role_session_name = config.text("role_session_name");
  out.sts_endpoint = config.text("sts_endpoint");
  // Whoever vouches for a server of one's own does not vouch for Amazon's.
  if (!config.has("endpoint") || config.has("sts_endpoint")) out.ca_file = config.text("ca_file");
  if (config.has("proxy")) out.proxy = config.text("proxy");
  out.region = default_region(host, out);  // where this host is; the bucket may be far away
  if (out.region.empty()) out.region = config.text("region");
  if (out.region.empty()) out.region = kFirstRegion;
  return out;
}

sdk::Result<std::unique_ptr<sdk::Source>> make(sdk::Host& host, const sdk::Config& config) {
  const CredentialSettings credentials = credential_settings(host, config);
  BucketSettings settings;
  settings.place = {config.text("endpoint"), config.text("bucket"), config.text("region", credentials.region),
                    style_of(config.text("style"))};
  settings.ca_file = config.text("ca_file");
  settings.proxy = credentials.proxy;
  const std::string use = config.text("credentials", "chain"), prefix = prefix_of(config), channel = config.text("channel");
  std::unique_ptr<Authorizer> authorizer;
  if (use != "anonymous")
    authorizer = std::make_unique<SigningAuthorizer>(host, std::make_unique<Chain>(host, links(host, use, credentials)));
  return std::make_unique<S3Source>(host, std::move(settings), std::move(authorizer), prefix.empty() ? channel : prefix + "/" + channel,
                                    config.duration("timeout", kTimeout));
}

}  // namespace

constinit const sdk::Descriptor kDescriptor = {.name = "s3",
                                               .summary = "a channel in a bucket, at Amazon or any server that speaks S3",
                                               .keys = kKeys,
                                               .check = &check,
                                               .make = &make};

}  // namespace upkeep::plugins::s3
