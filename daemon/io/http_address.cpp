// SPDX-License-Identifier: Apache-2.0
#include "io/http_address.h"

#include <arpa/inet.h>
#include <strings.h>

#include <algorithm>
#include <array>
#include <memory>

#include "io/curl_compat.h"
#include "sdk/socket_address.h"

namespace upkeep::io {

using sdk::Errc;
using sdk::fail;
using sdk::PlainHttp;
using sdk::Result;

namespace {

struct Free {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
  void operator()(char* text) const { curl_free(text); }
};

std::string part(CURLU* url, CURLUPart what, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, what, &text, flags) != CURLUE_OK) return {};
  const std::unique_ptr<char, Free> owned(text);
  return text;
}

bool is_loopback(const std::string& host) {
  in_addr v4{};
  in6_addr v6{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  if (inet_pton(AF_INET6, host.c_str(), &v6) == 1) return IN6_IS_ADDR_LOOPBACK(&v6);
  return host == "localhost";
}

}  // namespace

bool is_link_local(const std::string& host) {
  in_addr v4{};
  in6_addr v6{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 16) == 0xa9fe;
  if (inet_pton(AF_INET6, host.c_str(), &v6) != 1) return false;
  const auto* b = v6.s6_addr;
  if (IN6_IS_ADDR_V4MAPPED(&v6)) return b[12] == 0xa9 && b[13] == 0xfe;
  return IN6_IS_ADDR_LINKLOCAL(&v6) || (b[0] == 0xfd && b[1] == 0x00 && b[2] == 0x0e && b[3] == 0xc2);
}

Result<HttpAddress> parse_address(const std::string& url) {
  const std::unique_ptr<CURLU, Free> parsed(curl_url());
  if (url.find('\0') != std::string::npos) return fail(Errc::invalid, "a URL with a NUL character");
  if (const CURLUcode code = curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), CURLU_NON_SUPPORT_SCHEME); code != CURLUE_OK)
    return fail(Errc::invalid, "not a usable URL: " + url_error(code));
  HttpAddress out;
  out.url = url;
  out.scheme = part(parsed.get(), CURLUPART_SCHEME);
  out.host = part(parsed.get(), CURLUPART_HOST);
  out.port = part(parsed.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
  for (const CURLUPart secret : {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_OPTIONS, CURLUPART_QUERY, CURLUPART_FRAGMENT})
    curl_url_set(parsed.get(), secret, nullptr, 0);
  out.shown = part(parsed.get(), CURLUPART_URL);
  if (out.host.starts_with('[') && out.host.ends_with(']')) out.host = out.host.substr(1, out.host.size() - 2);
  if (out.host.empty()) return fail(Errc::invalid, "not a usable URL: no host in " + out.shown);
  return out;
}

Result<void> may_use(const HttpAddress& address, const sdk::HttpRequest& request) {
  if (address.scheme == "https") return {};
  if (address.scheme == "http") {
    const auto to = sdk::parse_socket_address(request.connect_to);
    const bool loopback = !request.unix_socket.empty() || (request.connect_to.empty() ? is_loopback(address.host) : to && to->loopback);
    if (request.plain == PlainHttp::loopback && loopback) return {};
    if (request.plain == PlainHttp::link_local && is_link_local(address.host)) return {};
  }
  return fail(Errc::invalid, address.shown + ": only https is allowed");
}

bool harmless_elsewhere(std::string_view header_name) {
  constexpr std::array<const char*, 6> kHarmless = {"accept", "accept-language", "cache-control", "if-modified-since", "if-none-match",
                                                    "range"};
  return std::any_of(kHarmless.begin(), kHarmless.end(),
                     [&](const char* harmless) { return strcasecmp(std::string(header_name).c_str(), harmless) == 0; });
}

}  // namespace upkeep::io
