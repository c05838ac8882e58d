// SPDX-License-Identifier: Apache-2.0
#include "shared/kube/election_keys.h"

#include <utility>

#include "sdk/text.h"

namespace upkeep::plugins::shared::kube {

using sdk::Errc;
using sdk::Result;

namespace {

constexpr sdk::Millis kLongestDuration = std::chrono::hours(1);
constexpr sdk::Millis kShortestRetry = std::chrono::milliseconds(100);

}  // namespace

Terms terms_of(const sdk::Config& config, sdk::Millis retry) {
  Terms out;
  out.duration = config.duration("duration", out.duration);
  out.renew_deadline = config.duration("renew_deadline", out.renew_deadline);
  out.retry = config.duration("retry", retry);
  return out;
}

std::vector<sdk::ConfigIssue> check_election(const sdk::Config& config, sdk::Millis retry) {
  std::vector<sdk::ConfigIssue> out;
  const auto issue = [&](const char* key, std::string message) {
    const sdk::Config* at = config.find(key);
    out.push_back({at != nullptr ? at->place() : config.place(), key, std::move(message)});
  };
  if (config.has("name") && !is_name(config.text("name")))
    issue("name", sdk::quoted(config.text("name")) + " is no name of an object: lower case letters, digits, '-' and '.'");
  if (config.has("namespace") && !is_label(config.text("namespace")))
    issue("namespace", sdk::quoted(config.text("namespace")) + " is no name of a namespace: lower case letters, digits and '-'");
  const auto terms = terms_of(config, retry);
  if (terms.duration < std::chrono::seconds(1) || terms.duration > kLongestDuration ||
      terms.duration % std::chrono::seconds(1) != sdk::Millis(0))
    issue("duration", "must be whole seconds, from 1s to 1h");
  else if (terms.renew_deadline >= terms.duration)
    issue("renew_deadline", "must be shorter than duration, which is " + sdk::format_duration(terms.duration) +
                                ": whoever cannot renew the Lease must have stopped before another may take it");
  if (terms.retry < kShortestRetry || terms.retry * 2 > terms.renew_deadline)
    issue("retry", "must be from 100ms to half of renew_deadline, which is " + sdk::format_duration(terms.renew_deadline));
  return out;
}

Result<std::string> space_of(Api& api, const sdk::Config& config) {
  std::string configured = config.text("namespace");
  if (configured.empty()) {
    auto own = api.own_namespace();
    if (!own) return sdk::fail("namespace", own.error());
    configured = std::move(*own);
  }
  if (configured.empty()) return sdk::fail(Errc::unsupported, "no namespace is known: set the key `namespace`");
  if (!is_label(configured)) return sdk::fail(Errc::invalid, sdk::quoted(configured) + " is no name of a namespace");
  return configured;
}

Result<Resource> lease_of(Api& api, const sdk::Config& config, const std::string& otherwise) {
  auto space = space_of(api, config);
  if (!space) return sdk::fail(space.error());
  std::string name = config.text("name", otherwise);
  if (!is_name(name))
    return sdk::fail(Errc::invalid,
                     sdk::quoted(name) + " is no name of a Lease, which has lower case letters, digits, '-' and '.': set the key `name`");
  return Resource{"coordination.k8s.io/v1", "leases", std::move(*space), std::move(name)};
}

}  // namespace upkeep::plugins::shared::kube
