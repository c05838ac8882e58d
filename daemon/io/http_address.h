// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a URL points to, and whether a request may go there.

#include <string>

#include "sdk/http.h"

namespace upkeep::io {

struct HttpAddress {
  std::string url;     // as given
  std::string scheme;  // lower case
  std::string host;    // without the brackets of an IPv6 address
  std::string port;
  std::string shown;  // for messages: no credentials, no query, no fragment
  [[nodiscard]] bool same_origin(const HttpAddress& other) const {
    return scheme == other.scheme && host == other.host && port == other.port;
  }
};

// invalid: not a URL with a host. The message never repeats what could not be read, because that may be a secret.
[[nodiscard]] sdk::Result<HttpAddress> parse_address(const std::string& url);

// invalid: neither https nor one of the plain addresses that the request allows.
[[nodiscard]] sdk::Result<void> may_use(const HttpAddress& address, const sdk::HttpRequest& request);

// Where clouds serve metadata and credentials: 169.254.0.0/16 (also written as IPv6), fe80::/10, and Amazon's fd00:ec2::/32.
[[nodiscard]] bool is_link_local(const std::string& host);

// Headers that may follow a redirect to another origin: those that cannot be a credential.
[[nodiscard]] bool harmless_elsewhere(std::string_view header_name);

}  // namespace upkeep::io
