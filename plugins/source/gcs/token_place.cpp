// SPDX-License-Identifier: Apache-2.0
#include "source/gcs/token_place.h"

#include "sdk/socket_address.h"
#include "sdk/text.h"
#include "shared/channel/location.h"

namespace upkeep::plugins::gcs {

namespace {

constexpr std::string_view kPlain = "http://", kMetadata = "http://169.254.169.254/";

std::string_view authority_of(std::string_view url) {
  const auto scheme = url.find("://");
  url.remove_prefix(scheme == std::string_view::npos ? 0 : scheme + 3);
  return url.substr(0, url.find_first_of("/?#"));
}

bool is_this_host(std::string_view url) {
  const auto authority = authority_of(url);
  const auto address = sdk::parse_socket_address(authority, 80);
  return address && address->loopback && sdk::lower(authority) == authority;  // the daemon's HTTP knows no LOCALHOST
}

// The same rules for both schemes.
std::string problem(std::string_view url, bool plain_allowed) {
  if (plain_allowed && url.starts_with(kPlain))
    return shared::channel::https_url_problem("https://" + std::string(url.substr(kPlain.size())));
  return shared::channel::https_url_problem(url);
}

}  // namespace

std::string token_place_problem(std::string_view url) { return problem(url, is_this_host(url)); }

std::string google_place_problem(std::string_view url) {
  if (std::string wrong = token_place_problem(url); !wrong.empty()) return wrong;
  const auto authority = authority_of(url);
  const std::string host = sdk::lower(authority.substr(0, authority.rfind(':')));
  return host.ends_with(".googleapis.com") || is_this_host(url) ? "" : "must lead to a host below googleapis.com";
}

std::string subject_place_problem(std::string_view url) {
  const auto path = url.substr(0, url.find('?'));
  return problem(path, is_this_host(path) || url.starts_with(kMetadata));
}

sdk::PlainHttp plain_for(std::string_view url) {
  if (!url.starts_with(kPlain)) return sdk::PlainHttp::never;
  return is_this_host(url) ? sdk::PlainHttp::loopback : sdk::PlainHttp::link_local;
}

std::string shown_place(std::string_view url) { return std::string(url.substr(0, url.find_first_of("?#"))); }

}  // namespace upkeep::plugins::gcs
