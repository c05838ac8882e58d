// SPDX-License-Identifier: Apache-2.0
#include "source/s3/files_link.h"

#include "sdk/text.h"
#include "shared/object_store/place.h"
#include "source/s3/shared_files.h"

namespace upkeep::plugins::s3 {

using sdk::Errc;
using sdk::Result;

namespace {

constexpr std::size_t kMostFile = 256 * 1024;

struct SharedFile {
  std::string path;    // empty: nobody says where it is
  bool named = false;  // somebody says so, so it must be there
  bool config = false;
};

SharedFile shared_file(sdk::Host& host, const std::string& configured, const std::string& variable_name, const std::string& usual,
                       bool config) {
  if (!configured.empty()) return {configured, true, config};
  if (std::string path = variable(host, variable_name); !path.empty()) return {path, true, config};
  const std::string home = variable(host, "HOME");
  return {home.starts_with('/') ? (home == "/" ? "" : home) + usual : "", false, config};
}

SharedFile credentials_file(sdk::Host& host, const CredentialSettings& settings) {
  return shared_file(host, settings.credentials_file, "AWS_SHARED_CREDENTIALS_FILE", "/.aws/credentials", false);
}
SharedFile config_file(sdk::Host& host) { return shared_file(host, "", "AWS_CONFIG_FILE", "/.aws/config", true); }

// The name, and whether somebody asked for it, so that it must be there.
std::pair<std::string, bool> wanted_profile(sdk::Host& host, const CredentialSettings& settings) {
  std::string name = settings.profile.empty() ? variable(host, "AWS_PROFILE") : settings.profile;
  const bool named = !name.empty();
  return {named ? std::move(name) : "default", named};
}

Result<std::optional<Profile>> read_profile(sdk::Host& host, const SharedFile& file, const std::string& name) {
  if (file.path.empty()) return std::nullopt;
  const auto text = file.named ? read_named(host, file.path, kMostFile) : host.files().read(file.path, kMostFile);
  if (!text && text.error().code == Errc::unsupported) return std::nullopt;
  if (!text) return sdk::fail(text.error());
  return find_profile(*text, name, file.config);
}

class FilesLink final : public Link {
 public:
  FilesLink(sdk::Host& host, const CredentialSettings& settings) : host_(host), settings_(settings) {}
  [[nodiscard]] std::string name() const override { return "files"; }
  sdk::Task<Result<LinkAnswer>> get(sdk::BootTime /*deadline*/) override { co_return look(); }

 private:
  Result<LinkAnswer> look() {
    const auto [name, named] = wanted_profile(host_, settings_);
    std::vector<std::pair<SharedFile, Profile>> known;
    for (const SharedFile& file : {credentials_file(host_, settings_), config_file(host_)}) {
      auto profile = read_profile(host_, file, name);
      if (!profile) return sdk::fail(profile.error());
      if (*profile) known.emplace_back(file, std::move(**profile));
    }
    const auto shown = [&name = name](const SharedFile& file) { return file.path + ": profile " + sdk::quoted(name); };
    const auto refused = [&](const SharedFile& file, const std::string& key) {
      return sdk::fail(Errc::unsupported, shown(file) + ": Upkeep does not do what its " + key + " says");
    };
    for (const auto& [file, profile] : known)
      if (const std::string key = role_key(profile); !key.empty()) return refused(file, key);
    for (const auto& [file, profile] : known) {
      const auto keys = keys_of(profile);
      if (!keys) return sdk::fail(shown(file), keys.error());
      if (*keys && !file.config) return found({**keys, std::nullopt});
      if (const std::string key = maker_key(profile); !key.empty()) return refused(file, key);
      if (*keys) return found({**keys, std::nullopt});
    }
    if (named && known.empty()) return sdk::fail(Errc::invalid, "no file has a profile " + sdk::quoted(name));
    return nothing("no profile " + sdk::quoted(name) + " with keys in ~/.aws, or in the file that AWS_SHARED_CREDENTIALS_FILE names");
  }

  sdk::Host& host_;
  CredentialSettings settings_;
};

}  // namespace

std::string default_region(sdk::Host& host, const CredentialSettings& settings) {
  const auto good = [](const std::string& region) { return shared::object_store::region_problem(region).empty(); };
  for (const char* name : {"AWS_REGION", "AWS_DEFAULT_REGION"})
    if (std::string region = variable(host, name); good(region)) return region;
  for (const SharedFile& file : {config_file(host), credentials_file(host, settings)}) {
    const auto profile = read_profile(host, file, wanted_profile(host, settings).first);
    if (!profile || !*profile) continue;
    if (const auto region = (*profile)->find("region"); region != (*profile)->end() && good(region->second)) return region->second;
  }
  return "";
}

std::unique_ptr<Link> files_link(sdk::Host& host, const CredentialSettings& settings) {
  return std::make_unique<FilesLink>(host, settings);
}

}  // namespace upkeep::plugins::s3
