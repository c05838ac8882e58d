// SPDX-License-Identifier: Apache-2.0
#pragma once
// The file in which docker keeps who one is at which registry (config.json), which is also what a Secret of type
// kubernetes.io/dockerconfigjson holds. Pure; no message repeats what stands in it but names of registries and helpers.

#include <optional>
#include <string>
#include <string_view>

#include "sdk/result.h"
#include "shared/oci/reference.h"

namespace upkeep::oci {

// Either user and password, or a token that others are fetched with. Nothing of it may be shown.
struct Login {
  std::string user, password;
  std::string identity_token;
};

// What the file says for the image's repository: the entry with the longest path of those that cover it, in docker's spellings
// ("https://r.example.com/v1/", "r.example.com", "r.example.com/team"). nullopt: nothing, one asks as nobody. Errors: invalid; unsupported
// when a program (credHelpers, credsStore) is to be asked for it, with the way out.
[[nodiscard]] sdk::Result<std::optional<Login>> login_for(const Reference& image, std::string_view config);

}  // namespace upkeep::oci
