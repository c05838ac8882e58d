// SPDX-License-Identifier: Apache-2.0
#include "shared/channel/location.h"

#include <algorithm>
#include <chrono>

#include "sdk/text.h"

namespace upkeep::shared::channel {

namespace {

constexpr std::size_t kMostUrl = 2000, kMostChannel = 200;

bool all(std::string_view text, bool (*good)(char)) { return std::all_of(text.begin(), text.end(), good); }

// What may stand in a URL (RFC 3986) and is no delimiter of query or fragment.
bool is_url_character(char c) {
  return sdk::is_letter(c) || sdk::is_digit(c) || std::string_view("-._~:/[]@!$&'()*+,;=%").find(c) != std::string_view::npos;
}

// host, host:port, [address]:port
bool is_authority(std::string_view text) {
  std::string_view host = text, port;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return false;
    host = text.substr(1, end - 1);
    text.remove_prefix(end + 1);
    if (!text.empty() && !text.starts_with(':')) return false;
    port = text;
    if (!all(host, [](char c) { return sdk::is_letter(c) || sdk::is_digit(c) || c == ':' || c == '.'; })) return false;
  } else {
    const auto colon = text.find(':');
    host = text.substr(0, colon);
    port = colon == std::string_view::npos ? "" : text.substr(colon);
    if (!all(host, [](char c) { return sdk::is_letter(c) || sdk::is_digit(c) || c == '-' || c == '.' || c == '_'; })) return false;
  }
  if (host.empty()) return false;
  if (port.empty()) return true;
  const auto number = sdk::parse_number(port.substr(1));
  return number && *number >= 1 && *number <= 65535;
}

}  // namespace

std::string channel_problem(std::string_view channel) {
  if (channel.empty()) return "is empty";
  if (channel.size() > kMostChannel) return "is longer than " + std::to_string(kMostChannel) + " characters";
  for (const std::string_view part : sdk::split(channel, '/')) {
    if (part.empty()) return "must not begin or end with / nor have two of them together";
    if (part == "." || part == "..") return "must not contain . or .. as a part";
    if (!all(part, [](char c) {
          return sdk::is_letter(c) || sdk::is_digit(c) || std::string_view("-._~+@").find(c) != std::string_view::npos;
        })) {
      return "may consist of letters, digits, - . _ ~ + @ and, between parts, /";
    }
  }
  return "";
}

std::string https_url_problem(std::string_view url) {
  constexpr std::string_view kScheme = "https://";
  if (url.empty()) return "is empty";
  if (url.size() > kMostUrl) return "is longer than " + std::to_string(kMostUrl) + " characters";
  if (sdk::lower(url.substr(0, 7)) == "http://") return "must begin with https://; what plain http brings, anybody on the way can change";
  if (!url.starts_with(kScheme)) return "must begin with https://";
  url.remove_prefix(kScheme.size());
  if (url.find_first_of("?#") != std::string_view::npos) return "must end with a path: no ? and no #";
  if (!all(url, is_url_character)) return "contains a character that has no place in a URL";
  const std::string_view authority = url.substr(0, url.find('/'));
  if (authority.find('@') != std::string_view::npos) return "must not contain a user or a password";
  if (!is_authority(authority)) return "has no host name, or a port that is none";
  for (const std::string_view part : sdk::split(url, '/')) {
    if (part == "." || part == "..") return "must not contain . or .. as a part of its path";
  }
  return "";
}

std::string proxy_problem(std::string_view proxy) {
  for (const std::string_view scheme : {"http://", "https://", "socks5h://"})
    if (proxy.empty() || proxy.starts_with(scheme)) return "";
  return "must begin with http://, https:// or socks5h://, or be empty";
}

std::string timeout_problem(sdk::Millis timeout) {
  return timeout >= std::chrono::seconds(1) && timeout <= std::chrono::minutes(2) ? "" : "must be from 1s to 2m";
}

std::string join(std::string_view base, std::string_view channel) {
  while (base.size() > 1 && base.ends_with('/')) base.remove_suffix(1);
  return (base == "/" ? "" : std::string(base)) + "/" + std::string(channel);
}

}  // namespace upkeep::shared::channel
