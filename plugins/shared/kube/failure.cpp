// SPDX-License-Identifier: Apache-2.0
#include "shared/kube/failure.h"

#include <algorithm>

#include "sdk/text.h"
#include "shared/kube/json.h"

namespace upkeep::plugins::shared::kube {

using sdk::Errc;

namespace {

constexpr std::size_t kLongestMessage = 300;

Errc reaction(int status) {
  if (status == 409) return Errc::busy;
  if (status == 401 || status == 403) return Errc::denied;
  if (status == 408 || status == 425 || status == 429 || (status >= 500 && status != 501 && status != 505)) return Errc::transient;
  return Errc::invalid;
}

}  // namespace

Failure failure_of(const sdk::HttpResponse& response, std::string_view asked, sdk::TimePoint now) {
  // 429 comes from API Priority and Fairness without a Status object, 502 from a load balancer with a page of its own.
  const auto parsed = parse_object(response.body);
  const Json status = parsed && text_at(*parsed, "/kind") == "Status" ? *parsed : Json::object();
  const auto general = sdk::http_error(response, asked, now);
  sdk::Error error(reaction(response.status), std::string(asked) + ": ");
  error.retry_after = general.retry_after;
  // Status.details.retryAfterSeconds (meta/v1): some refusals have no header.
  constexpr std::int64_t kLongestWait = 3600;
  const auto wait = number_at(status, "/details/retryAfterSeconds", 0);
  if (!error.retry_after && error.code == Errc::transient && wait > 0)
    error.retry_after = std::chrono::seconds(std::min(wait, kLongestWait));

  const std::string message = text_at(status, "/message");
  error.message += message.empty() ? "the API server answered with status " + std::to_string(response.status)
                                   : "the API server says " + sdk::quoted(message, kLongestMessage);
  // An authorizer's message names user, verb and resource by itself; the one of a proxy in front of it does not.
  if (response.status == 403 && message.find("cannot") == std::string::npos)
    error.message += "; the right to \"" + std::string(asked) + "\" is missing, or an admission rule refuses it";
  if (response.status == 401) error.message += "; it does not take the credentials";
  if (error.retry_after) error.message += ", and asks to wait " + sdk::format_duration(*error.retry_after);
  return Failure{std::move(error), response.status, text_at(status, "/reason").substr(0, 64)};
}

}  // namespace upkeep::plugins::shared::kube
