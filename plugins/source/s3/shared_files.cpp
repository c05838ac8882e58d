// SPDX-License-Identifier: Apache-2.0
#include "source/s3/shared_files.h"

#include <initializer_list>

#include "sdk/ini.h"
#include "sdk/text.h"

namespace upkeep::plugins::s3 {

using sdk::Errc;

namespace {

bool is_section(std::string_view section, std::string_view name, bool config_file) {
  constexpr std::string_view kProfile = "profile";
  section = sdk::trimmed(section);
  if (section == name && (!config_file || name == "default")) return true;
  if (!config_file || !section.starts_with(kProfile)) return false;
  section.remove_prefix(kProfile.size());
  return section.find_first_of(" \t") == 0 && sdk::trimmed(section) == name;
}

std::string value_of(const Profile& profile, const std::string& key) {
  const auto found = profile.find(key);
  return found == profile.end() ? "" : found->second;
}

std::string first_of(const Profile& profile, std::initializer_list<const char*> keys) {
  for (const char* key : keys)
    if (profile.contains(key)) return key;
  return "";
}

}  // namespace

std::optional<Profile> find_profile(std::string_view text, std::string_view name, bool config_file) {
  std::optional<Profile> out;
  for (auto& section : sdk::parse_ini(text)) {
    if (section.name.empty() || !is_section(section.name, name, config_file)) continue;
    if (!out) out.emplace();
    for (auto& [key, value] : section.values) out->insert_or_assign(key, std::move(value));
  }
  return out;
}

sdk::Result<std::optional<Keys>> keys_of(const Profile& profile) {
  const Keys keys{value_of(profile, "aws_access_key_id"), value_of(profile, "aws_secret_access_key"),
                  value_of(profile, "aws_session_token")};
  if (keys.id.empty() && keys.secret.empty()) return std::nullopt;
  if (keys.id.empty() || keys.secret.empty())
    return sdk::fail(Errc::invalid, "has one of aws_access_key_id and aws_secret_access_key without the other");
  if (const std::string problem = keys_problem(keys); !problem.empty()) return sdk::fail(Errc::invalid, problem);
  return keys;
}

std::string role_key(const Profile& profile) { return first_of(profile, {"role_arn", "sso_session", "sso_start_url", "sso_account_id"}); }

std::string maker_key(const Profile& profile) { return first_of(profile, {"credential_process", "login_session", "credential_source"}); }

}  // namespace upkeep::plugins::s3
