// SPDX-License-Identifier: Apache-2.0
#pragma once
// The daemon's store: the claim, which is a Lease, and the agents that have a journal. It has no journal itself.

#include <memory>
#include <string>
#include <vector>

#include "sdk/state.h"
#include "shared/kube/lease.h"
#include "state/configmap/place.h"

namespace upkeep::plugins::configmap {

class DaemonStore final : public sdk::State {
 public:
  DaemonStore(sdk::Host& host, std::unique_ptr<kube::Api> api, Place place, kube::Terms terms);

  sdk::Task<sdk::Result<sdk::Claim>> claim() override;
  sdk::Task<sdk::Result<void>> release() override;
  sdk::Task<sdk::Result<std::vector<std::string>>> agents() override;
  sdk::Task<sdk::Result<sdk::JournalBytes>> load() override;
  sdk::Task<sdk::Append> append(std::uint64_t sequence, std::string line) override;
  sdk::Task<sdk::Result<void>> truncate(std::size_t size) override;
  sdk::Task<sdk::Result<void>> compact(std::string bytes) override;
  sdk::Task<sdk::Result<std::string>> set_aside() override;

 private:
  sdk::Host& host_;
  std::unique_ptr<kube::Api> api_;
  Place place_;
  kube::Terms terms_;
  kube::Lease lease_;
  bool had_ = false;  // it was ours: one that another has had since is not taken again, for what we know may be old
};

}  // namespace upkeep::plugins::configmap
