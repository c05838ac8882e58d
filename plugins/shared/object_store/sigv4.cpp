// SPDX-License-Identifier: Apache-2.0
#include "shared/object_store/sigv4.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <map>
#include <stdexcept>

#include "sdk/text.h"

namespace upkeep::shared::object_store {

namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view kPayloadHeader = "x-amz-content-sha256";

std::string hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    out += kDigits[static_cast<unsigned char>(c) >> 4];
    out += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

std::string hmac(std::string_view key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes, text.size(), digest.data(), &size) == nullptr)
    throw std::runtime_error("libcrypto has no HMAC");
  return {digest.begin(), digest.begin() + size};
}

struct UrlParts {
  std::string host, path, query;
};

// The host as it is sent: a scheme's own port is left out.
sdk::Result<UrlParts> url_parts(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme == std::string_view::npos) return sdk::fail(sdk::Errc::invalid, "a URL without a scheme cannot be signed");
  const std::string_view own_port = url.starts_with("https:") ? ":443" : ":80";
  url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find('#'));
  UrlParts parts;
  const auto query = url.find('?');
  if (query != std::string_view::npos) parts.query = url.substr(query + 1);
  url = url.substr(0, query);
  const auto slash = url.find('/');
  parts.path = slash == std::string_view::npos ? "/" : url.substr(slash);
  std::string_view host = url.substr(0, slash);
  if (host.ends_with(own_port)) host.remove_suffix(own_port.size());
  if (host.empty() || host.find('@') != std::string_view::npos)
    return sdk::fail(sdk::Errc::invalid, "a URL without a plain host cannot be signed");
  parts.host = host;
  return parts;
}

// Sorted by name, then by value; a name without a value has "=" all the same.
std::string canonical_query(std::string_view query) {
  std::vector<std::pair<std::string_view, std::string_view>> pairs;
  for (const std::string_view part : sdk::split(query, '&')) {
    if (part.empty()) continue;
    const auto sign = part.find('=');
    pairs.emplace_back(part.substr(0, sign), sign == std::string_view::npos ? "" : part.substr(sign + 1));
  }
  std::sort(pairs.begin(), pairs.end());
  std::string out;
  for (const auto& [name, value] : pairs) out += std::string(out.empty() ? "" : "&") + std::string(name) + "=" + std::string(value);
  return out;
}

// Without white space at its ends, and with one blank wherever there is some within.
std::string canonical_value(std::string_view value) {
  std::string out;
  for (const char c : sdk::trimmed(value)) {
    const bool blank = c == ' ' || c == '\t' || c == '\n';
    if (!blank || out.back() != ' ') out += blank ? ' ' : c;
  }
  return out;
}

// Names in lower case; the values of a name that is there twice follow each other.
std::map<std::string, std::string> canonical_headers(const std::vector<sdk::HttpHeader>& headers) {
  std::map<std::string, std::string> out;
  for (const auto& [name, value] : headers) {
    const auto [at, is_new] = out.try_emplace(sdk::lower(name));
    at->second += (is_new ? "" : ",") + canonical_value(value);
  }
  return out;
}

// "20150830T123600Z"
std::string amz_date(sdk::TimePoint now) {
  std::string out = sdk::rfc3339(std::chrono::floor<std::chrono::seconds>(now));
  std::erase_if(out, [](char c) { return c == '-' || c == ':'; });
  return out;
}

}  // namespace

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("libcrypto has no SHA-256");
  return hex({reinterpret_cast<const char*>(digest.data()), size});
}

sdk::Result<Signature> sign(const sdk::HttpRequest& request, const Keys& keys, std::string_view region, std::string_view service,
                            sdk::TimePoint now) {
  const auto url = url_parts(request.url);
  if (!url) return sdk::fail(url.error());
  const std::string date = amz_date(now), day = date.substr(0, 8);
  const std::string scope = day + "/" + std::string(region) + "/" + std::string(service) + "/aws4_request";

  Signature out;
  out.headers.emplace_back("X-Amz-Date", date);
  if (!keys.session_token.empty()) out.headers.emplace_back("X-Amz-Security-Token", keys.session_token);
  std::vector<sdk::HttpHeader> all = request.headers;
  all.insert(all.end(), out.headers.begin(), out.headers.end());
  all.emplace_back("Host", url->host);
  const auto headers = canonical_headers(all);
  std::string lines, names;
  for (const auto& [name, value] : headers) {
    lines += name + ":" + value + "\n";
    names += (names.empty() ? "" : ";") + name;
  }
  const auto payload = headers.find(std::string(kPayloadHeader));
  const std::string canonical = request.method + "\n" + url->path + "\n" + canonical_query(url->query) + "\n" + lines + "\n" + names +
                                "\n" + (payload == headers.end() ? sha256_hex(request.body) : payload->second);
  const std::string text = std::string(kAlgorithm) + "\n" + date + "\n" + scope + "\n" + sha256_hex(canonical);

  std::string key = hmac("AWS4" + keys.secret, day);
  for (const std::string_view part : {region, service, std::string_view("aws4_request")}) key = hmac(key, part);
  out.hex = hex(hmac(key, text));
  out.headers.emplace_back("Authorization", std::string(kAlgorithm) + " Credential=" + keys.id + "/" + scope + ", SignedHeaders=" + names +
                                                ", Signature=" + out.hex);
  return out;
}

}  // namespace upkeep::shared::object_store
