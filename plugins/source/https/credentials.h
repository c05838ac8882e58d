// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a poll shows a server that wants to know who asks, read anew for each poll so that it can be rotated. A file that
// is missing or wrong ends the poll with its name; what stands in it is never said.

#include <string>
#include <vector>

#include "sdk/host.h"

namespace upkeep::plugins::https {

struct CredentialFiles {
  std::string client_cert, client_key;  // PEM; a certificate's file may hold its key too
  std::string token_file, headers_file;
};

// The headers to send. Certificate and key are only looked at: that they are there and can be used without a passphrase.
[[nodiscard]] sdk::Result<std::vector<sdk::HttpHeader>> read_credentials(sdk::Files& files, const CredentialFiles& from);

}  // namespace upkeep::plugins::https
