// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a registry asks for when it answers 401, and where a token may be fetched. Pure.

#include <string>
#include <string_view>
#include <vector>

#include "sdk/http.h"
#include "shared/oci/reference.h"

namespace upkeep::oci {

struct Challenge {
  enum class Kind { none, basic, bearer };  // none: nothing that is known here
  Kind kind = Kind::none;
  std::string realm;    // of bearer: the URL that hands out tokens
  std::string service;  // what it is told to ask for; may be empty
};

// Of all WWW-Authenticate headers the first one for a bearer token, else for a password (RFC 9110, section 11.6.1).
[[nodiscard]] Challenge read_challenge(const sdk::HttpResponse& response);

// "" when a token for the image's registry may be fetched at that realm, else why not. The realm is the registry's word, and user and
// password go there, so that one rule holds whoever asks:
//   - https; plain http only on this host, and only for a registry that is itself asked in plain http (`plain`);
//   - the registry's own host; or one of the same domain, which is the registry's host without its first part, and has two parts at
//     least that do not look like a country's ("co.uk"): gitlab.example.com for registry.example.com, api.digitalocean.com for
//     registry.digitalocean.com; auth.docker.io for docker.io is such a one;
//   - or one of `token_hosts`, which the configuration names.
[[nodiscard]] std::string realm_problem(std::string_view realm, const Reference& image, const std::vector<std::string>& token_hosts,
                                        bool plain);

// The host of a URL in lower case, without its port.
[[nodiscard]] std::string host_of(std::string_view url);

// Percent-encoded for a query or a form.
[[nodiscard]] std::string encoded(std::string_view text);

}  // namespace upkeep::oci
