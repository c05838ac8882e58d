// SPDX-License-Identifier: Apache-2.0
#include "state/configmap/plugin.h"

#include "sdk/text.h"
#include "shared/kube/election_keys.h"
#include "state/configmap/agent_store.h"
#include "state/configmap/daemon_store.h"

namespace upkeep::plugins::configmap {
namespace {

using sdk::Result;

constexpr sdk::Millis kRetry = std::chrono::seconds(5);

constinit const sdk::KeySpec kKeys[] = {
    {.name = "name",
     .fallback = "upkeep",
     .help = "the Lease whose holder may write, and the ConfigMap that lists the agents; an agent's journal is the ConfigMap NAME-AGENT"},
    kube::kNamespaceKey,
    {.name = "identity",
     .help = "this daemon among those that share the Lease; absent: the host's name and a token kept in the state folder"},
    kube::kDurationKey,
    kube::kRenewDeadlineKey,
    {.name = "retry",
     .type = sdk::KeyType::duration,
     .fallback = "5s",
     .help = "how often the Lease is renewed, or looked at by those who wait for it; at most half of renew_deadline"},
    kube::kKubeconfigKey,
};

std::vector<sdk::ConfigIssue> check(const sdk::Config& config) { return kube::check_election(config, kRetry); }

Result<std::unique_ptr<sdk::State>> make(sdk::Host& host, const sdk::Config& config) {
  auto api = std::make_unique<kube::Api>(host, kube::access_for(host, config));
  auto place = place_of(host, *api, config);
  if (!place) return sdk::fail(place.error());
  if (host.agent().empty()) return std::make_unique<DaemonStore>(host, std::move(api), std::move(*place), kube::terms_of(config, kRetry));
  const auto where = place->journal(host.agent());
  if (!kube::is_name(where.name))
    return sdk::fail(sdk::Errc::invalid,
                     "a ConfigMap cannot be called " + sdk::quoted(where.name) +
                         ": the agent's name must have lower case letters, digits, '-' and '.' only, and not end in one of them");
  return std::make_unique<AgentStore>(host, std::move(api), std::move(*place));
}

}  // namespace

constinit const sdk::Descriptor kDescriptor = {
    .name = "configmap",
    .summary = "journals in a cluster: a ConfigMap for each agent, which the holder of a Lease writes",
    .keys = kKeys,
    .check = &check,
    .make = sdk::Factory<sdk::State>(&make),
};

}  // namespace upkeep::plugins::configmap
