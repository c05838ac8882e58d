// SPDX-License-Identifier: Apache-2.0
// The grammar is that of github.com/distribution/reference, which docker, containerd and the kubelet read names with.
#include "shared/oci/reference.h"

#include <algorithm>

#include "sdk/socket_address.h"
#include "sdk/text.h"

namespace upkeep::oci {

using sdk::Errc;
using sdk::is_digit;
using sdk::is_letter;

namespace {

constexpr std::size_t kMostText = 1000, kMostHost = 253, kMostRepository = 255, kMostTag = 128;
constexpr std::string_view kDocker = "docker.io", kDockerOldName = "index.docker.io", kDockerFolder = "library/";

bool all_of(std::string_view text, bool (*good)(char)) { return std::all_of(text.begin(), text.end(), good); }
bool is_lower_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }
bool is_lower_alnum(char c) { return is_digit(c) || (c >= 'a' && c <= 'z'); }
bool is_alnum(char c) { return is_digit(c) || is_letter(c); }

bool is_hash(std::string_view text, std::string_view algorithm, std::size_t digits) {
  return text.starts_with(algorithm) && text.size() == algorithm.size() + digits && all_of(text.substr(algorithm.size()), is_lower_hex);
}

bool is_host(std::string_view host) {
  if (host.starts_with('[')) {
    const auto address = sdk::parse_socket_address(host, 443);
    return host.ends_with(']') && address;
  }
  if (host.size() > kMostHost) return false;
  const auto parts = sdk::split(host, '.');
  return std::all_of(parts.begin(), parts.end(), [](std::string_view part) {
    return !part.empty() && is_alnum(part.front()) && is_alnum(part.back()) && all_of(part, [](char c) { return is_alnum(c) || c == '-'; });
  });
}

// host, host:port, [address]:port
bool is_registry(std::string_view text) {
  const auto colon = text.find(':', text.starts_with('[') ? std::min(text.find(']'), text.size() - 1) : 0);
  if (!is_host(text.substr(0, colon))) return false;
  if (colon == std::string_view::npos) return true;
  const auto port = sdk::parse_number(text.substr(colon + 1));
  return port && *port >= 1 && *port <= 65535;
}

// Letters and digits with one ".", one or two "_", or any number of "-" between them.
bool is_component(std::string_view text) {
  if (text.empty() || !is_lower_alnum(text.front()) || !is_lower_alnum(text.back())) return false;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(
        static_cast<std::size_t>(std::find_if(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), is_lower_alnum) - text.begin()),
        text.size());
    const auto between = text.substr(at, end - at);
    const bool dashes = between.find_first_not_of('-') == std::string_view::npos;
    if (!dashes && between != "." && between != "_" && between != "__") return false;
    at = end + 1;
  }
  return true;
}

std::string why_not(std::string_view registry, std::string_view repository) {
  if (!is_registry(registry)) return "its registry " + sdk::quoted(registry) + " is no host with or without a port";
  if (repository.size() > kMostRepository) return "its repository has more than " + std::to_string(kMostRepository) + " characters";
  const auto parts = sdk::split(repository, '/');
  if (std::all_of(parts.begin(), parts.end(), is_component)) return "";
  if (std::any_of(repository.begin(), repository.end(), [](char c) { return c >= 'A' && c <= 'Z'; }))
    return "a repository has no upper case letters";
  return "a repository's parts are a-z and 0-9, with single . _ or - between them";
}

// Whether the first part of a name is a registry; docker's rule.
bool names_a_registry(std::string_view part) {
  return part.find_first_of(".:") != std::string_view::npos || part == "localhost" || sdk::lower(part) != part;
}

}  // namespace

bool is_tag(std::string_view text) {
  return !text.empty() && text.size() <= kMostTag && text.front() != '.' && text.front() != '-' &&
         all_of(text, [](char c) { return is_alnum(c) || c == '_' || c == '.' || c == '-'; });
}

bool is_sha256(std::string_view text) { return is_hash(text, "sha256:", 64); }
bool is_digest(std::string_view text) { return is_sha256(text) || is_hash(text, "sha512:", 128); }

std::string Reference::text() const { return name + (tag.empty() ? "" : ":" + tag) + (digest.empty() ? "" : "@" + digest); }

sdk::Result<Reference> parse_reference(std::string_view text) {
  const auto wrong = [&](const std::string& why) {
    return sdk::fail(Errc::invalid, sdk::quoted(text, 120) + " is no name of an image: " + why);
  };
  if (text.empty()) return wrong("it is empty");
  if (text.size() > kMostText) return wrong("it has more than " + std::to_string(kMostText) + " characters");
  if (text.size() == 64 && all_of(text, is_lower_hex)) return wrong("it looks like the id of one");

  Reference out;
  std::string_view rest = text;
  if (const auto at = rest.find('@'); at != std::string_view::npos) {
    out.digest = rest.substr(at + 1);
    rest = rest.substr(0, at);
    if (!is_digest(out.digest)) return wrong("what follows @ is not sha256: and 64 hexadecimal digits");
  }
  const auto slash = rest.rfind('/');
  if (const auto colon = rest.find(':', slash == std::string_view::npos ? 0 : slash); colon != std::string_view::npos) {
    out.tag = rest.substr(colon + 1);
    rest = rest.substr(0, colon);
    if (!is_tag(out.tag)) return wrong("what follows its last : is no tag");
  }
  out.name = rest;
  out.registry = kDocker;
  if (const auto first = rest.find('/'); first != std::string_view::npos && names_a_registry(rest.substr(0, first))) {
    out.registry = sdk::lower(rest.substr(0, first));
    rest.remove_prefix(first + 1);
  }
  out.repository = rest;
  if (out.registry == kDockerOldName) out.registry = kDocker;
  if (out.registry == kDocker && rest.find('/') == std::string_view::npos) out.repository.insert(0, kDockerFolder);
  if (const auto why = why_not(out.registry, out.repository); !why.empty()) return wrong(why);
  return out;
}

}  // namespace upkeep::oci
