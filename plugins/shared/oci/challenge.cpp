// SPDX-License-Identifier: Apache-2.0
#include "shared/oci/challenge.h"

#include <algorithm>
#include <optional>

#include "sdk/socket_address.h"
#include "sdk/text.h"
#include "shared/channel/location.h"

namespace upkeep::oci {

namespace {

constexpr std::size_t kMostHeader = 4096;
constexpr std::string_view kSecure = "https://", kPlain = "http://";

bool is_token_character(char c) {
  return sdk::is_letter(c) || sdk::is_digit(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_visible(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

std::string_view authority_of(std::string_view url) {
  if (const auto scheme = url.find("://"); scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  return url.substr(0, url.find_first_of("/?#"));
}

// Reads one header's list: scheme, and name=value of it, until something that it does not know.
class ChallengeReader {
 public:
  explicit ChallengeReader(std::string_view text) : rest_(text.substr(0, kMostHeader)) {}

  void add_to(std::vector<Challenge>& out) {
    while (true) {
      skip(" \t,=");  // what a scheme has in place of parameters may end with equals signs
      const std::string name = sdk::lower(word());
      if (name.empty()) return;
      skip(" \t");
      if (!rest_.starts_with('=')) {
        Challenge& begun = out.emplace_back();
        if (name == "bearer") begun.kind = Challenge::Kind::bearer;
        if (name == "basic") begun.kind = Challenge::Kind::basic;
        continue;
      }
      rest_.remove_prefix(1);
      skip(" \t");
      const auto value = rest_.starts_with('"') ? quoted_text() : std::optional<std::string>(word());
      if (!value || out.empty()) return;
      if (name == "realm") out.back().realm = *value;
      if (name == "service") out.back().service = *value;
    }
  }

 private:
  void skip(std::string_view characters) { rest_.remove_prefix(std::min(rest_.find_first_not_of(characters), rest_.size())); }
  std::string_view word() {
    const auto* end = std::find_if_not(rest_.begin(), rest_.end(), is_token_character);
    const auto out = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
    rest_.remove_prefix(out.size());
    return out;
  }
  // nullopt: it has no end.
  std::optional<std::string> quoted_text() {
    std::string out;
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == '"') {
        rest_.remove_prefix(i + 1);
        return out;
      }
      if (rest_[i] == '\\' && ++i == rest_.size()) break;
      out += rest_[i];
    }
    return std::nullopt;
  }

  std::string_view rest_;
};

// What lies above a host; empty where that belongs to nobody, as far as can be seen.
std::string_view domain_of(std::string_view host) {
  const auto dot = host.find('.');
  const auto domain = dot == std::string_view::npos ? "" : host.substr(dot + 1);
  const auto parts = sdk::split(domain, '.');
  const bool address = sdk::parse_number(parts.back()).has_value() || host.find(':') != std::string_view::npos;
  constexpr std::size_t kCountry = 2, kLongestOfCountries = 3;
  const bool countrys = parts.size() == 2 && parts[1].size() == kCountry && parts[0].size() <= kLongestOfCountries;
  return parts.size() < 2 || address || countrys ? "" : domain;
}

bool is_of(std::string_view host, std::string_view registry_host) {
  if (host == registry_host) return true;
  const std::string_view domain = registry_host == "docker.io" ? registry_host : domain_of(registry_host);
  return !domain.empty() && (host == domain || host.ends_with("." + std::string(domain)));
}

}  // namespace

Challenge read_challenge(const sdk::HttpResponse& response) {
  std::vector<Challenge> all;
  for (const auto& [name, value] : response.headers)
    if (name == "www-authenticate") ChallengeReader(value).add_to(all);
  for (const auto kind : {Challenge::Kind::bearer, Challenge::Kind::basic})
    for (const Challenge& one : all)
      if (one.kind == kind) return one;
  return {};
}

std::string realm_problem(std::string_view realm, const Reference& image, const std::vector<std::string>& token_hosts, bool plain) {
  const std::string_view place = realm.substr(0, realm.find('?'));
  const bool plain_text = plain && place.starts_with(kPlain);
  const std::string secure = plain_text ? std::string(kSecure) + std::string(place.substr(kPlain.size())) : std::string(place);
  if (const auto wrong = shared::channel::https_url_problem(secure); !wrong.empty()) return "its URL " + wrong;
  if (!is_visible(realm) || realm.find('#') != std::string_view::npos) return "its URL contains a character that has no place in a URL";
  if (plain_text) {
    const auto address = sdk::parse_socket_address(authority_of(realm), 80);
    if (!address || !address->loopback) return "it is asked for in plain http, and at another host than this one";
  }
  const std::string host = host_of(realm);
  if (is_of(host, host_of(image.registry)) || std::find(token_hosts.begin(), token_hosts.end(), host) != token_hosts.end()) return "";
  return sdk::quoted(host) + " is no host of " + image.registry + "; if that is as it should be, name it in token_hosts";
}

std::string host_of(std::string_view url) {
  const auto authority = authority_of(url);
  if (!authority.starts_with('[')) return sdk::lower(authority.substr(0, authority.find(':')));
  const auto end = std::min(authority.find(']'), authority.size());
  return sdk::lower(authority.substr(1, end - 1));
}

std::string encoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (sdk::is_letter(c) || sdk::is_digit(c) || std::string_view("-._~").find(c) != std::string_view::npos)
      out += c;
    else
      out.append({'%', kDigits[byte >> 4U], kDigits[byte & 15U]});
  }
  return out;
}

}  // namespace upkeep::oci
