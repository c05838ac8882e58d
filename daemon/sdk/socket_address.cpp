// SPDX-License-Identifier: Apache-2.0
#include "sdk/socket_address.h"

#include <algorithm>
#include <asio/ip/address.hpp>

#include "sdk/text.h"

namespace upkeep::sdk {
namespace {

tl::unexpected<Error> no_address(std::string_view text, std::string_view why) {
  return fail(Errc::invalid, quoted(text) + " is no address with a port: " + std::string(why));
}

bool is_name(std::string_view host) {
  return !host.empty() && host.size() <= 253 &&
         std::all_of(host.begin(), host.end(), [](char c) { return is_letter(c) || is_digit(c) || c == '.' || c == '-' || c == '_'; });
}

}  // namespace

Result<SocketAddress> parse_socket_address(std::string_view text, std::uint16_t assumed_port) {
  SocketAddress out;
  const bool bracketed = text.starts_with('[');
  const auto end = bracketed ? text.find(']') : std::min(text.find(':'), text.size());
  if (end == std::string_view::npos) return no_address(text, "a bracket is open");
  out.host = lower(text.substr(bracketed ? 1 : 0, bracketed ? end - 1 : end));
  const auto rest = text.substr(bracketed ? end + 1 : end);
  out.port = assumed_port;
  if (!rest.empty()) {
    const auto port = rest.front() == ':' ? parse_number(rest.substr(1)) : std::nullopt;
    if (!port || *port == 0 || *port > 65535)
      return no_address(text, rest.find(':', 1) != std::string_view::npos ? "an IPv6 address belongs in brackets" : "a port is 1 to 65535");
    out.port = static_cast<std::uint16_t>(*port);
  }
  if (out.port == 0) return no_address(text, "it has no port");
  if (out.host.find('\0') != std::string::npos) return no_address(text, "it has no host");  // Asio reads as far as that

  asio::error_code bad;
  const auto address = asio::ip::make_address(out.host, bad);
  if (!bad && out.host.find('%') == std::string::npos) {
    if (address.is_v6() != bracketed) return no_address(text, bracketed ? "only an IPv6 address belongs in brackets" : "it needs brackets");
    if (address.is_unspecified() || address.is_multicast()) return no_address(text, "nothing can be reached there");
    out.literal = true;
    out.loopback = address.is_loopback();
  } else if (bracketed || !is_name(out.host)) {
    return no_address(text, "it has no host");
  } else {
    out.literal = out.loopback = out.host == "localhost";
  }
  return out;
}

}  // namespace upkeep::sdk
