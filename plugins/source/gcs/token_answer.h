// SPDX-License-Identifier: Apache-2.0
#pragma once
// What servers of tokens answer. Pure; the outside decides what stands in it, so all of it is looked at before it is used.

#include <string>
#include <string_view>
#include <vector>

#include "sdk/http.h"

namespace upkeep::plugins::gcs {

struct Token {
  std::string text;     // one word of visible ASCII characters
  sdk::Millis life{0};  // from when it was asked for; 0 when nobody said: it is good for this once
  bool shared = false;  // its server hands out the same one until four minutes before its end
};

// {"access_token", "expires_in", …}: OAuth 2.0, the metadata server, the security token service.
[[nodiscard]] sdk::Result<Token> parse_token_answer(std::string_view body);
// {"accessToken", "expireTime"}: a service account's token, given to somebody who may act as it.
[[nodiscard]] sdk::Result<Token> parse_impersonation_answer(std::string_view body, sdk::TimePoint now);

// "" or what is wrong with a text that should be a token.
[[nodiscard]] std::string token_problem(std::string_view token);

// Whether a text that is to be shown holds one of the secrets, or sixteen characters of one; what stands in `known`, too, does not count.
[[nodiscard]] bool gives_away(std::string_view text, const std::vector<std::string>& secrets, std::string_view known = "");

// As sdk::http_error, with the server's own words when they give away none of the secrets: OAuth's "error" and "error_description", or
// "status" and "message" in a Google API's "error". What is refused with such words is `denied`: somebody must act; also
// with how far the clocks are apart, when that may be why.
[[nodiscard]] sdk::Error token_error(const sdk::HttpResponse& response, const std::string& what, const std::vector<std::string>& secrets,
                                     sdk::TimePoint now);

}  // namespace upkeep::plugins::gcs
