// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a file of Google credentials may hold: the key of a service account, a person's login (as gcloud writes it), or the
// description of a workload identity federation. Pure, and of their
// values no message repeats more than the type.

#include <chrono>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sdk/http.h"

namespace upkeep::plugins::gcs {

struct ServiceAccount {
  std::string email;
  std::string key_id, private_key;  // PEM
  std::string token_uri;
};

struct UserAccount {
  std::string client_id, client_secret, refresh_token;
  std::string token_uri;
};

// Somebody else's token, which Google's security token service takes for one of its own (RFC 8693).
struct ExternalAccount {
  std::string audience, subject_token_type, token_url;
  std::string impersonation_url;  // empty: none; else where the token is changed once more, for a service account's
  std::chrono::seconds impersonation_life = std::chrono::hours(1);
  // The subject's token: a file, or an address with the headers that it wants.
  std::string file, url;
  std::vector<sdk::HttpHeader> headers;
  std::string json_field;  // where in a JSON answer or file it stands; empty: the token is all there is
};

using CredentialFile = std::variant<ServiceAccount, UserAccount, ExternalAccount>;

// invalid: what is missing or wrong, by its name in the file; unsupported: a kind of credentials that cannot be used here.
[[nodiscard]] sdk::Result<CredentialFile> parse_credential_file(std::string_view text);

}  // namespace upkeep::plugins::gcs
