// SPDX-License-Identifier: Apache-2.0
#include "source/gcs/plugin.h"

#include <algorithm>

#include "sdk/text.h"
#include "shared/channel/location.h"
#include "source/gcs/source.h"

namespace upkeep::plugins::gcs {

using sdk::KeyType;

namespace {

constexpr sdk::Millis kTimeout = std::chrono::seconds(10);

constinit const sdk::KeySpec kKeys[] = {
    {.name = "bucket", .type = KeyType::text, .required = true, .help = "the bucket's name: example-channels"},
    {.name = "prefix", .type = KeyType::text, .help = "folder of the channels in the bucket: v1"},
    {.name = "channel", .type = KeyType::text, .required = true, .help = "the channel, a folder below prefix: current, stable/cloud"},
    {.name = "credentials",
     .type = KeyType::text,
     .fallback = "chain",
     .help = "chain (credentials_file, GOOGLE_APPLICATION_CREDENTIALS, what gcloud wrote, the metadata server), metadata, hmac, anonymous"},
    {.name = "credentials_file", .type = KeyType::text, .help = "JSON file of a service account or of a workload identity federation"},
    {.name = "hmac_file",
     .type = KeyType::text,
     .help = "file with gs_access_key_id and gs_secret_access_key; absent: GS_ACCESS_KEY_ID, GS_SECRET_ACCESS_KEY"},
    {.name = "endpoint",
     .type = KeyType::text,
     .fallback = "https://storage.googleapis.com",
     .help = "another endpoint of Google's, https only: a private or regional one"},
    {.name = "ca_file",
     .type = KeyType::text,
     .help = "PEM file of the authorities to trust instead of the system's; for tokens too, unless there is an endpoint"},
    {.name = "proxy", .type = KeyType::text, .help = "http://host:port; \"\" for none; absent: from the environment", .secret = true},
    {.name = "timeout", .type = KeyType::duration, .fallback = "10s", .help = "longest time of one poll in all, from 1s to 2m"},
};

// cloud.google.com/storage/docs/buckets#naming; what Google refuses beyond that (its own name, addresses) does not exist.
std::string bucket_problem(std::string_view bucket) {
  constexpr std::size_t kShortest = 3, kLongest = 63, kLongestDomain = 222;
  const std::size_t most = bucket.find('.') == std::string_view::npos ? kLongest : kLongestDomain;
  const auto alnum = [](char c) { return (c >= 'a' && c <= 'z') || sdk::is_digit(c); };
  const auto good = [&](char c) { return alnum(c) || c == '-' || c == '_' || c == '.'; };
  if (bucket.size() < kShortest || bucket.size() > most) return "must have 3 to 63 characters, or up to 222 when it is a domain's name";
  if (!std::all_of(bucket.begin(), bucket.end(), good) || !alnum(bucket.front()) || !alnum(bucket.back()))
    return "may consist of a-z, 0-9, - _ and ., and begins and ends with a letter or digit";
  return bucket.find("..") == std::string_view::npos ? "" : "must not have two dots together";
}

std::vector<sdk::ConfigIssue> check(const sdk::Config& config) {
  std::vector<sdk::ConfigIssue> issues;
  const auto add = [&](std::string_view key, std::string message) {
    const sdk::Config* at = config.find(key);
    if (at && !message.empty()) issues.push_back({at->place(), std::string(key), std::move(message)});
  };
  add("bucket", bucket_problem(config.text("bucket")));
  const std::string prefix = config.text("prefix");
  add("prefix", prefix.empty() ? "" : shared::object_store::prefix_problem(prefix));
  add("channel", shared::channel::channel_problem(config.text("channel")));
  const std::string credentials = config.text("credentials", "chain");
  const bool known = credentials == "chain" || credentials == "metadata" || credentials == "hmac" || credentials == "anonymous";
  add("credentials", known ? "" : "must be chain, metadata, hmac or anonymous");
  add("endpoint", shared::object_store::endpoint_problem(config.text("endpoint")));
  for (const std::string_view file : {"credentials_file", "hmac_file", "ca_file"})
    add(file, config.text(file).starts_with('/') ? "" : "must be an absolute path");
  add("credentials_file", credentials == "chain" ? "" : "is of no use with credentials = \"" + credentials + "\"");
  add("hmac_file", credentials == "hmac" ? "" : "is of no use without credentials = \"hmac\"");
  add("proxy", shared::channel::proxy_problem(config.text("proxy")));
  add("timeout", shared::channel::timeout_problem(config.duration("timeout", kTimeout)));
  return issues;
}

sdk::Result<std::unique_ptr<sdk::Source>> make(sdk::Host& host, const sdk::Config& config) {
  Settings settings;
  auto& place = settings.bucket.place;
  place.endpoint = config.text("endpoint", "https://storage.googleapis.com");
  place.bucket = config.text("bucket");
  place.region = "auto";  // what Google takes when a request is signed as for S3
  place.style = shared::object_store::Style::path;
  settings.bucket.ca_file = config.text("ca_file");
  if (config.has("proxy")) settings.bucket.proxy = config.text("proxy");
  const std::string prefix = config.text("prefix");
  settings.folder = prefix.empty() ? config.text("channel") : shared::channel::join(prefix, config.text("channel"));
  const std::string credentials = config.text("credentials", "chain");
  if (credentials == "anonymous") settings.credentials = Credentials::anonymous;
  if (credentials == "hmac") settings.credentials = Credentials::hmac;
  settings.hmac_file = config.text("hmac_file");
  // Whoever vouches for an endpoint of one's own does not vouch for Google's servers of tokens.
  settings.tokens.network = {config.has("endpoint") ? "" : settings.bucket.ca_file, settings.bucket.proxy};
  settings.tokens.file = config.text("credentials_file");
  settings.tokens.metadata_only = credentials == "metadata";
  settings.timeout = config.duration("timeout", kTimeout);
  return std::make_unique<GcsSource>(host, std::move(settings));
}

}  // namespace

constinit const sdk::Descriptor kDescriptor = {
    .name = "gcs", .summary = "a channel in a bucket of Google Cloud Storage", .keys = kKeys, .check = &check, .make = &make};

}  // namespace upkeep::plugins::gcs
