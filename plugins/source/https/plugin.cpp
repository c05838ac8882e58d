// SPDX-License-Identifier: Apache-2.0
#include "source/https/plugin.h"

#include "shared/channel/location.h"
#include "source/https/source.h"

namespace upkeep::plugins::https {

using sdk::KeyType;

namespace {

constexpr sdk::Millis kTimeout = std::chrono::seconds(10);

constinit const sdk::KeySpec kKeys[] = {
    {.name = "url", .type = KeyType::text, .required = true, .help = "base of the channels, https only: https://updates.example.com/v1"},
    {.name = "channel", .type = KeyType::text, .required = true, .help = "the channel, a path below url: current, stable/cloud"},
    {.name = "ca_file", .type = KeyType::text, .help = "PEM file of the authorities to trust instead of the system's"},
    {.name = "client_cert", .type = KeyType::text, .help = "PEM file of the certificate to show to this server, and to no other"},
    {.name = "client_key", .type = KeyType::text, .help = "PEM file of its key, when client_cert does not hold it too"},
    {.name = "token_file", .type = KeyType::text, .help = "file of a token, sent to this server alone as Authorization: Bearer"},
    {.name = "headers_file", .type = KeyType::text, .help = "file of lines Name: value, headers sent to this server alone"},
    {.name = "proxy", .type = KeyType::text, .help = "http://host:port; \"\" for none; absent: from the environment", .secret = true},
    {.name = "timeout", .type = KeyType::duration, .fallback = "10s", .help = "longest time of one poll in all, from 1s to 2m"},
};

std::vector<sdk::ConfigIssue> check(const sdk::Config& config) {
  std::vector<sdk::ConfigIssue> issues;
  const auto add = [&](std::string_view key, std::string message) {
    const sdk::Config* at = config.find(key);
    if (at && !message.empty()) issues.push_back({at->place(), std::string(key), std::move(message)});
  };
  add("url", shared::channel::https_url_problem(config.text("url")));
  add("channel", shared::channel::channel_problem(config.text("channel")));
  for (const std::string_view file : {"ca_file", "client_cert", "client_key", "token_file", "headers_file"})
    add(file, config.text(file).starts_with('/') ? "" : "must be an absolute path");
  add("client_key", config.has("client_cert") ? "" : "is of no use without client_cert");
  add("proxy", shared::channel::proxy_problem(config.text("proxy")));
  add("timeout", shared::channel::timeout_problem(config.duration("timeout", kTimeout)));
  return issues;
}

sdk::Result<std::unique_ptr<sdk::Source>> make(sdk::Host& host, const sdk::Config& config) {
  Settings settings;
  settings.base = shared::channel::join(config.text("url"), config.text("channel"));
  settings.ca_file = config.text("ca_file");
  settings.credentials = {config.text("client_cert"), config.text("client_key"), config.text("token_file"), config.text("headers_file")};
  if (config.has("proxy")) settings.proxy = config.text("proxy");
  settings.timeout = config.duration("timeout", kTimeout);
  return std::make_unique<HttpsSource>(host, std::move(settings));
}

}  // namespace

constinit const sdk::Descriptor kDescriptor = {
    .name = "https", .summary = "a channel on a web server, over TLS", .keys = kKeys, .check = &check, .make = &make};

}  // namespace upkeep::plugins::https
