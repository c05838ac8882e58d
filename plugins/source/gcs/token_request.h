// SPDX-License-Identifier: Apache-2.0
#pragma once
// One question to a server of tokens, and its answer or an error that can be shown.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sdk/host.h"

namespace upkeep::plugins::gcs {

// How servers are reached.
struct Network {
  std::string ca_file;               // empty: the system's trust store
  std::optional<std::string> proxy;  // nullopt: from the environment; "": none
};

struct TokenQuestion {
  TokenQuestion(sdk::HttpRequest request_, std::string what_) : request(std::move(request_)), what(std::move(what_)) {}
  sdk::HttpRequest request;
  std::string what;                  // for messages: who is asked for what
  std::string on_404;                // when not empty: such an answer is denied, with these words
  std::vector<std::string> secrets;  // what the request holds and nobody must see
  sdk::Millis at_most = std::chrono::seconds(10);
};

// The answer, whose status is 200. Bounded, no redirects, plain text as the address allows.
[[nodiscard]] sdk::Task<sdk::Result<sdk::HttpResponse>> ask(sdk::Host& host, const Network& network, TokenQuestion question,
                                                            sdk::BootTime deadline);

// A POST of a form: the names as they are, the values percent-encoded.
[[nodiscard]] sdk::HttpRequest form_request(const std::string& url, const std::vector<std::pair<std::string, std::string>>& members);

}  // namespace upkeep::plugins::gcs
