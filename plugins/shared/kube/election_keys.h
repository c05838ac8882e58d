// SPDX-License-Identifier: Apache-2.0
#pragma once
// The configuration of whoever takes a Lease: which one, and its times.

#include <string>
#include <vector>

#include "sdk/config.h"
#include "shared/kube/api.h"
#include "shared/kube/lease.h"

namespace upkeep::plugins::shared::kube {

inline constexpr sdk::KeySpec kNamespaceKey{.name = "namespace", .help = "absent: the pod's own, or the one that the kubeconfig names"};
inline constexpr sdk::KeySpec kDurationKey{.name = "duration",
                                           .type = sdk::KeyType::duration,
                                           .fallback = "15s",
                                           .help = "how long a Lease that is not renewed keeps others waiting; whole seconds"};
inline constexpr sdk::KeySpec kRenewDeadlineKey{
    .name = "renew_deadline",
    .type = sdk::KeyType::duration,
    .fallback = "10s",
    .help = "whoever has not renewed it for so long changes nothing more; shorter than duration"};
inline constexpr sdk::KeySpec kRetryKey{
    .name = "retry", .type = sdk::KeyType::duration, .fallback = "2s", .help = "how often it is renewed; shorter than renew_deadline"};

// What is wrong with the names and times of a plugin that has those keys.
[[nodiscard]] std::vector<sdk::ConfigIssue> check_election(const sdk::Config& config, sdk::Millis retry);
// `retry`: the default of that key.
[[nodiscard]] Terms terms_of(const sdk::Config& config, sdk::Millis retry);
// The configured namespace or the API's own. invalid: no name; unsupported: none is known.
[[nodiscard]] sdk::Result<std::string> space_of(Api& api, const sdk::Config& config);
// The Lease of key `name`, or `otherwise`.
[[nodiscard]] sdk::Result<Resource> lease_of(Api& api, const sdk::Config& config, const std::string& otherwise);

}  // namespace upkeep::plugins::shared::kube
