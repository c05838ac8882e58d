// SPDX-License-Identifier: Apache-2.0
#include "source/s3/metadata_address.h"

#include <algorithm>
#include <array>

#include "sdk/socket_address.h"
#include "sdk/text.h"

namespace upkeep::plugins::s3 {

using sdk::Errc;
using sdk::PlainHttp;
using sdk::Result;

namespace {

constexpr std::size_t kMostUrl = 2000;
constexpr std::array<std::string_view, 3> kOfContainers = {"169.254.170.2", "169.254.170.23", "fd00:ec2::23"};

bool is_url_text(std::string_view text) {
  return text.size() <= kMostUrl &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f && c != '@' && c != '#'; });
}

// Of "http://HOST:PORT/…".
Result<sdk::SocketAddress> plain_host(std::string_view url) {
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme)) return sdk::fail(Errc::invalid, "must begin with http:// or https://");
  url.remove_prefix(kScheme.size());
  return sdk::parse_socket_address(url.substr(0, url.find_first_of("/?")), 80);
}

}  // namespace

Result<MetadataAddress> container_path(std::string_view path) {
  if (!path.starts_with('/') || !is_url_text(path)) return sdk::fail(Errc::invalid, "must be a path that begins with /");
  return MetadataAddress{"http://" + std::string(kOfContainers[0]) + std::string(path), PlainHttp::link_local};
}

Result<MetadataAddress> container_url(std::string_view url) {
  if (!is_url_text(url)) return sdk::fail(Errc::invalid, "is no URL");
  if (url.starts_with("https://")) return MetadataAddress{std::string(url), PlainHttp::never};
  const auto host = plain_host(url);
  if (!host) return sdk::fail(host.error());
  if (host->loopback) return MetadataAddress{std::string(url), PlainHttp::loopback};
  if (std::find(kOfContainers.begin(), kOfContainers.end(), host->host) == kOfContainers.end())
    return sdk::fail(Errc::invalid, sdk::quoted(host->host) + " may not be asked over plain http");
  return MetadataAddress{std::string(url), PlainHttp::link_local};
}

Result<MetadataAddress> instance_base(std::string_view url) {
  while (url.ends_with('/')) url.remove_suffix(1);
  if (!is_url_text(url)) return sdk::fail(Errc::invalid, "is no URL");
  const auto host = plain_host(url);
  if (!host) return sdk::fail(host.error());
  return MetadataAddress{std::string(url), host->loopback ? PlainHttp::loopback : PlainHttp::link_local};
}

}  // namespace upkeep::plugins::s3
