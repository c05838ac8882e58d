// SPDX-License-Identifier: Apache-2.0
#include "schedule/lease/plugin.h"

#include "schedule/lease/schedule.h"
#include "sdk/text.h"
#include "shared/kube/election_keys.h"

namespace upkeep::plugins::lease {
namespace {

using sdk::Result;

constinit const sdk::KeySpec kKeys[] = {
    {.name = "name", .help = "the Lease; agents that name the same one change one after the other; absent: upkeep- and the agent's name"},
    kube::kNamespaceKey,
    {.name = "identity", .help = "what the Lease's holder is called, for people; absent: the host's name, which is the pod's"},
    kube::kDurationKey,
    kube::kRenewDeadlineKey,
    kube::kRetryKey,
    kube::kKubeconfigKey,
};

std::vector<sdk::ConfigIssue> check(const sdk::Config& config) {
  auto issues = kube::check_election(config, kube::Terms().retry);
  const std::string identity = config.text("identity");
  if (identity.find_first_of("/ \t\r\n") != std::string::npos)
    issues.push_back({config.find("identity")->place(), "identity", "must have neither a slash nor blanks"});
  return issues;
}

Result<std::unique_ptr<sdk::Schedule>> make(sdk::Host& host, const sdk::Config& config) {
  auto api = std::make_unique<kube::Api>(host, kube::access_for(host, config));
  auto where = kube::lease_of(*api, config, "upkeep-" + host.agent());
  if (!where) return sdk::fail(where.error());
  auto pod = host.environment("HOSTNAME").value_or("");
  auto identity = config.text("identity", kube::is_name(pod) ? pod : "upkeepd");
  return std::make_unique<LeaseSchedule>(host, std::move(api), std::move(*where), kube::terms_of(config, kube::Terms().retry),
                                         std::move(identity));
}

}  // namespace

constinit const sdk::Descriptor kDescriptor = {
    .name = "lease", .summary = "one at a time in a cluster: an operation holds a Lease", .keys = kKeys, .check = &check, .make = &make};

}  // namespace upkeep::plugins::lease
