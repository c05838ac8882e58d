// SPDX-License-Identifier: Apache-2.0
#include "shared/oci/verify.h"

#include <algorithm>
#include <utility>

#include "sdk/text.h"
#include "shared/oci/cosign.h"

namespace upkeep::oci {

using sdk::Errc;
using sdk::fail;
using sdk::Result;
using sdk::Task;

namespace {

constexpr std::size_t kMostKeys = 16, kMostKeyFile = 16 * 1024;
constexpr sdk::Millis kLongest = std::chrono::minutes(2);

bool is_host_name(std::string_view text) {
  return !text.empty() && text.size() <= 253 &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'a' && c <= 'z') || sdk::is_digit(c) || c == '.' || c == '-'; });
}

}  // namespace

VerifySettings read_verify(const sdk::Config& table) {
  VerifySettings out;
  out.key_files = table.texts("keys");
  out.resolve = table.flag("resolve", true);
  out.registry.docker_config = table.text("docker_config");
  out.registry.ca_file = table.text("registry_ca");
  out.registry.token_hosts = table.texts("token_hosts");
  out.registry.plain_http = table.flag("plain_http", false);
  return out;
}

std::vector<sdk::ConfigIssue> check_verify(const sdk::Config& table) {
  std::vector<sdk::ConfigIssue> issues;
  const auto add = [&](std::string_view key, std::string message) {
    if (const sdk::Config* at = table.find(key); at && !message.empty())
      issues.push_back({at->place(), "verify." + std::string(key), std::move(message)});
  };
  const auto file_problem = [](const std::string& file) { return file.starts_with('/') ? "" : "must be an absolute path"; };
  const VerifySettings settings = read_verify(table);
  const auto& keys = settings.key_files;
  if (keys.empty()) add("keys", "is empty: an image would need no signature; leave it out if that is meant");
  if (keys.size() > kMostKeys) add("keys", "has more than " + std::to_string(kMostKeys) + " files");
  for (const std::string& file : keys) add("keys", file_problem(file));
  for (const std::string_view key : {"docker_config", "registry_ca"}) add(key, file_problem(table.text(key)));
  for (const std::string& host : settings.registry.token_hosts)
    add("token_hosts", is_host_name(host) ? "" : "must be names of hosts in lower case, without scheme, port and path");
  if (settings.registry.plain_http) add("registry_ca", settings.registry.ca_file.empty() ? "" : "is of no use with plain_http");
  return issues;
}

Result<Keys> Verifier::read_keys() {
  Keys out;
  for (const std::string& file : settings_.key_files) {
    const auto bytes = host_.files().read(file, kMostKeyFile);
    if (!bytes) return fail(Errc::denied, "the key " + bytes.error().message);
    auto key = PublicKey::parse(*bytes);
    if (!key) return fail(Errc::denied, file + " " + key.error().message);
    out.push_back(std::move(*key));
  }
  return out;
}

Task<Result<std::string>> Verifier::trusted_image(Reference wanted, std::optional<std::string> digest_of_release) {
  wanted.digest = digest_of_release.value_or("");
  const std::string shown = wanted.text();
  if (digest_of_release && !is_sha256(*digest_of_release))
    co_return fail(Errc::invalid, shown + ": the release's digest is none of SHA-256");
  const auto keys = read_keys();
  if (!keys) co_return fail(shown, keys.error());
  if (!settings_.resolve && wanted.digest.empty()) {
    if (keys->empty()) co_return wanted.text();
    co_return fail(Errc::denied, shown +
                                     ": verify.keys are set and verify.resolve = false, so which bytes have to be signed is not known: let "
                                     "the registry be asked, or a signed channel name the image's digest");
  }
  Repository repository(host_, settings_.registry, wanted, host_.clock().boot_now() + kLongest);
  if (wanted.digest.empty()) {
    auto found = co_await repository.manifest(wanted.tag);
    if (!found) co_return fail(found.error());
    if (!*found) co_return fail(Errc::invalid, shown + ": the registry has no such image");
    wanted.digest = (*found)->digest;
  }
  if (keys->empty()) co_return wanted.text();
  const std::string digest = wanted.digest;
  const auto signer = co_await find_signature(repository, *keys, digest);
  if (!signer && signer.error().code != Errc::denied) co_return fail(signer.error());
  if (!signer) co_return fail(Errc::denied, "no valid signature found for img " + wanted.text() + ": " + signer.error().message);
  host_.log(sdk::LogLevel::debug, "image " + wanted.text() + " is signed with " + *signer);
  co_return wanted.text();
}

}  // namespace upkeep::oci
