// SPDX-License-Identifier: Apache-2.0
#include "source/https/credentials.h"

#include <algorithm>

#include "sdk/text.h"
#include "source/https/secret_files.h"

namespace upkeep::plugins::https {

using sdk::Errc;
using sdk::Result;

namespace {

constexpr std::size_t kMostPem = 256 * 1024;

// `key`: as it is called in the configuration.
Result<std::string> read(sdk::Files& files, const std::string& key, const std::string& path, std::size_t most) {
  auto content = files.read(path, most);
  if (content) return content;
  // That it is not there is for a person to mend, as all else that is wrong with it.
  const Errc code = content.error().code == Errc::unsupported ? Errc::invalid : content.error().code;
  return sdk::fail(key, sdk::Error(code, content.error().message));
}

Result<void> look_at_client_certificate(sdk::Files& files, const CredentialFiles& from) {
  const auto cert = read(files, "client_cert", from.client_cert, kMostPem);
  if (!cert) return sdk::fail(cert.error());
  if (cert->find("-----BEGIN CERTIFICATE-----") == std::string::npos)
    return sdk::fail(Errc::invalid, "client_cert " + from.client_cert + ": holds no certificate in PEM");
  const std::string& key_path = from.client_key.empty() ? from.client_cert : from.client_key;
  const auto key = from.client_key.empty() ? cert : read(files, "client_key", key_path, kMostPem);
  if (!key) return sdk::fail(key.error());
  const std::string name = (from.client_key.empty() ? "client_cert " : "client_key ") + key_path;
  if (key->find("PRIVATE KEY-----") == std::string::npos)
    return sdk::fail(Errc::invalid,
                     name + ": holds no private key in PEM" + (from.client_key.empty() ? ", and there is no client_key" : ""));
  if (key->find("BEGIN ENCRYPTED PRIVATE KEY") != std::string::npos || key->find("Proc-Type: 4,ENCRYPTED") != std::string::npos)
    return sdk::fail(Errc::invalid, name + ": its key wants a passphrase, which nobody is there to type");
  return {};
}

}  // namespace

Result<std::vector<sdk::HttpHeader>> read_credentials(sdk::Files& files, const CredentialFiles& from) {
  if (!from.client_cert.empty())
    if (const auto good = look_at_client_certificate(files, from); !good) return sdk::fail(good.error());
  std::vector<sdk::HttpHeader> headers;
  if (!from.headers_file.empty()) {
    const auto text = read(files, "headers_file", from.headers_file, kMostHeadersBytes);
    if (!text) return sdk::fail(text.error());
    auto parsed = parse_headers(*text);
    if (!parsed) return sdk::fail("headers_file " + from.headers_file, parsed.error());
    headers = std::move(*parsed);
  }
  if (!from.token_file.empty()) {
    const auto text = read(files, "token_file", from.token_file, kMostTokenBytes);
    if (!text) return sdk::fail(text.error());
    const auto token = parse_token(*text);
    if (!token) return sdk::fail("token_file " + from.token_file, token.error());
    if (std::any_of(headers.begin(), headers.end(), [](const auto& header) { return sdk::lower(header.first) == "authorization"; }))
      return sdk::fail(Errc::invalid, "headers_file " + from.headers_file + ": sets Authorization, and so does token_file");
    headers.emplace_back("Authorization", "Bearer " + *token);
  }
  return headers;
}

}  // namespace upkeep::plugins::https
