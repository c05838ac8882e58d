// SPDX-License-Identifier: Apache-2.0
#include "source/gcs/credential_file.h"

#include "sdk/text.h"
#include "source/gcs/json_fields.h"
#include "source/gcs/token_place.h"

namespace upkeep::plugins::gcs {

using sdk::Errc;
using sdk::fail;
using sdk::Result;

namespace {

constexpr std::string_view kGoogleTokens = "https://oauth2.googleapis.com/token";
constexpr std::string_view kFederatedTokens = "https://sts.googleapis.com/v1/token";
constexpr std::uint64_t kShortestLife = 600, kLongestLife = 12 * 3600;  // as Google allows

// Reads members by their names, and keeps the first trouble.
class FileReader {
 public:
  explicit FileReader(const Fields& fields) : fields_(fields) {}

  std::string need(const std::string& name) {
    auto value = field(fields_, name);
    if (value.empty()) say(name, "is missing");
    return value;
  }
  std::string place(const std::string& name, std::string_view fallback, std::string (*problem)(std::string_view)) {
    auto value = field(fields_, name);
    if (value.empty()) value = fallback;
    if (const auto wrong = value.empty() ? "" : problem(value); !wrong.empty()) say(name, wrong);
    return value;
  }
  void say(const std::string& name, const std::string& trouble) {
    if (trouble_.empty()) trouble_ = "\"" + name + "\" " + trouble;
  }
  template <typename T>
  Result<CredentialFile> give(T credentials) const {
    if (!trouble_.empty()) return fail(Errc::invalid, trouble_);
    return CredentialFile(std::move(credentials));
  }

 private:
  const Fields& fields_;
  std::string trouble_;
};

Result<CredentialFile> read_service_account(const Fields& fields) {
  FileReader read(fields);
  ServiceAccount account;
  account.email = read.need("client_email");
  account.key_id = field(fields, "private_key_id");
  account.private_key = read.need("private_key");
  account.token_uri = read.place("token_uri", kGoogleTokens, &token_place_problem);
  return read.give(std::move(account));
}

Result<CredentialFile> read_user(const Fields& fields) {
  FileReader read(fields);
  UserAccount account;
  account.client_id = read.need("client_id");
  account.client_secret = read.need("client_secret");
  account.refresh_token = read.need("refresh_token");
  account.token_uri = read.place("token_uri", kGoogleTokens, &token_place_problem);
  return read.give(std::move(account));
}

bool has_inner(const Fields& fields, const std::string& name) {
  const auto first = fields.lower_bound(name + ".");
  return first != fields.end() && first->first.starts_with(name + ".");
}

// "" or why this source of a subject's token cannot be used.
std::string unusable_source(const Fields& fields) {
  if (has_inner(fields, "credential_source.executable")) return "is a program, and Upkeep runs none for its credentials";
  if (fields.contains("credential_source.environment_id")) return "is an Amazon instance: use Google's metadata server, or a file or url";
  if (has_inner(fields, "credential_source.certificate")) return "is a certificate: use a file or url";
  return "";
}

Result<CredentialFile> read_external_account(const Fields& fields) {
  if (const auto why = unusable_source(fields); !why.empty()) return fail(Errc::unsupported, "\"credential_source\" " + why);
  FileReader read(fields);
  ExternalAccount account;
  account.audience = read.need("audience");
  account.subject_token_type = read.need("subject_token_type");
  account.token_url = read.place("token_url", kFederatedTokens, &google_place_problem);
  account.impersonation_url = read.place("service_account_impersonation_url", "", &google_place_problem);
  if (const auto life = field(fields, "service_account_impersonation.token_lifetime_seconds"); !life.empty()) {
    const auto seconds = sdk::parse_number(life);
    if (!seconds || *seconds < kShortestLife || *seconds > kLongestLife)
      read.say("service_account_impersonation.token_lifetime_seconds", "must be from 600 to 43200");
    else
      account.impersonation_life = std::chrono::seconds(*seconds);
  }
  account.file = field(fields, "credential_source.file");
  account.url = read.place("credential_source.url", "", &subject_place_problem);
  if (account.file.empty() == account.url.empty()) read.say("credential_source", "must have a file or a url");
  if (!account.file.empty() && !account.file.starts_with('/')) read.say("credential_source.file", "must be an absolute path");
  constexpr std::string_view kHeaders = "credential_source.headers.";
  for (auto at = fields.lower_bound(kHeaders); at != fields.end() && at->first.starts_with(kHeaders); ++at)
    account.headers.emplace_back(at->first.substr(kHeaders.size()), at->second);
  const auto format = field(fields, "credential_source.format.type");
  if (format == "json") account.json_field = read.need("credential_source.format.subject_token_field_name");
  if (!format.empty() && format != "json" && format != "text") read.say("credential_source.format.type", "must be text or json");
  return read.give(std::move(account));
}

}  // namespace

Result<CredentialFile> parse_credential_file(std::string_view text) {
  const auto fields = parse_fields(text);
  if (!fields) return fail(fields.error());
  const auto type = field(*fields, "type");
  if (type == "service_account") return read_service_account(*fields);
  if (type == "authorized_user") return read_user(*fields);
  if (type == "external_account") return read_external_account(*fields);
  if (type.empty()) return fail(Errc::invalid, "\"type\" is missing: is this a file of Google credentials?");
  return fail(Errc::unsupported, "its type is " + sdk::quoted(type) + "; can be used: service_account, authorized_user, external_account");
}

}  // namespace upkeep::plugins::gcs
