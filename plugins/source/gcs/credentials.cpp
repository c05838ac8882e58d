// SPDX-License-Identifier: Apache-2.0
#include "source/gcs/credentials.h"

#include "source/gcs/account_token.h"
#include "source/gcs/federation_token.h"
#include "source/gcs/json_fields.h"
#include "source/gcs/metadata_token.h"

namespace upkeep::plugins::gcs {

using sdk::Errc;
using sdk::fail;
using sdk::Result;
using sdk::Task;

namespace {

// Where `gcloud auth application-default login` puts it; empty: there is no home to look into.
std::string gcloud_file(sdk::Host& host) {
  constexpr const char* kFile = "/application_default_credentials.json";
  if (const auto folder = host.environment("CLOUDSDK_CONFIG").value_or(""); !folder.empty()) return folder + kFile;
  const auto home = host.environment("HOME").value_or("");
  return home.empty() ? "" : home + "/.config/gcloud" + kFile;
}

Task<Result<Token>> token_of(sdk::Host& host, const Network& network, CredentialFile file, std::string scope, sdk::BootTime deadline) {
  if (const auto* service = std::get_if<ServiceAccount>(&file))
    co_return co_await service_account_token(host, network, *service, std::move(scope), deadline);
  if (const auto* user = std::get_if<UserAccount>(&file)) co_return co_await user_token(host, network, *user, deadline);
  const auto& external = std::get<ExternalAccount>(file);
  co_return co_await federation_token(host, network, external, std::move(scope), deadline);
}

// `named_by`: who says that the file is to be used.
Task<Result<Token>> token_from(sdk::Host& host, const Network& network, std::string named_by, std::string path, std::string content,
                               std::string scope, sdk::BootTime deadline) {
  const std::string place = named_by + " " + path;
  auto file = parse_credential_file(content);
  if (!file) co_return fail(place, file.error());
  auto token = co_await token_of(host, network, std::move(*file), std::move(scope), deadline);
  if (!token) co_return fail(place, token.error());
  co_return token;
}

Task<Result<Token>> last_resort(sdk::Host& host, std::string scope, sdk::BootTime deadline, std::string looked_at) {
  auto token = co_await metadata_token(host, std::move(scope), deadline);
  const bool nobody = !token && (token.error().code == Errc::transient || token.error().code == Errc::timeout);
  if (!nobody) co_return token;
  co_return fail("there are no credentials (" + looked_at + "; a public bucket wants credentials = \"anonymous\"), and no cloud gives any",
                 token.error());
}

}  // namespace

Task<Result<Token>> find_token(sdk::Host& host, const TokenSettings& settings, std::string scope, sdk::BootTime deadline) {
  if (settings.metadata_only) co_return co_await metadata_token(host, std::move(scope), deadline);
  const auto variable = host.environment("GOOGLE_APPLICATION_CREDENTIALS").value_or("");
  const std::string named_by = settings.file.empty() ? "GOOGLE_APPLICATION_CREDENTIALS" : "credentials_file";
  if (const std::string path = settings.file.empty() ? variable : settings.file; !path.empty()) {
    if (!path.starts_with('/')) co_return fail(Errc::invalid, named_by + " must be an absolute path");
    auto content = host.files().read(path, kMostJsonBytes);
    if (!content) {
      // That it is not there is for a person to mend, as all else that is wrong with it.
      const Errc code = content.error().code == Errc::unsupported ? Errc::invalid : content.error().code;
      co_return fail(code, named_by + ": " + content.error().message);
    }
    co_return co_await token_from(host, settings.network, named_by, path, std::move(*content), std::move(scope), deadline);
  }
  const std::string path = gcloud_file(host);
  if (!path.empty()) {
    auto content = host.files().read(path, kMostJsonBytes);
    if (content) co_return co_await token_from(host, settings.network, "gcloud's", path, std::move(*content), std::move(scope), deadline);
    if (content.error().code != Errc::unsupported) co_return fail("gcloud's", content.error());
  }
  const std::string looked_at = "credentials_file, GOOGLE_APPLICATION_CREDENTIALS" + (path.empty() ? std::string() : ", " + path);
  co_return co_await last_resort(host, std::move(scope), deadline, looked_at);
}

}  // namespace upkeep::plugins::gcs
