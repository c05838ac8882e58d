// SPDX-License-Identifier: Apache-2.0
#pragma once
// One agent's journal in its ConfigMap. Before anything is written the ConfigMap is signed: the annotation upkeep.dev/writer is set
// to a word of this process, by one write that is conditional on what was read before the Lease was seen to be ours. From then on
// whatever others still have under way meets another resourceVersion, and what is not signed by us is not ours to write to.

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "sdk/state.h"
#include "shared/kube/lease.h"
#include "state/configmap/place.h"

namespace upkeep::plugins::configmap {

class AgentStore final : public sdk::State {
 public:
  AgentStore(sdk::Host& host, std::unique_ptr<kube::Api> api, Place place);

  // Other keys of the ConfigMap are left as they are.
  sdk::Task<sdk::Result<sdk::JournalBytes>> load() override;
  sdk::Task<sdk::Append> append(std::uint64_t sequence, std::string line) override;
  sdk::Task<sdk::Result<void>> truncate(std::size_t size) override;
  sdk::Task<sdk::Result<void>> compact(std::string bytes) override;
  // Into another key of the same ConfigMap.
  sdk::Task<sdk::Result<std::string>> set_aside() override;
  sdk::Task<sdk::Result<std::vector<std::string>>> agents() override;
  // A ConfigMap may have 1 MiB, and each entry is written with all those before it.
  [[nodiscard]] std::size_t capacity() const override { return std::size_t{256} * 1024; }

 private:
  using Json = kube::Json;
  using Change = std::function<void(Json&)>;
  // lost: another has written the journal, or it is gone; refused: nothing was written; unknown: load, and look.
  enum class Written { done, lost, refused, unknown };

  sdk::Task<kube::Answer<Json>> sign();
  [[nodiscard]] std::string next_signature();
  sdk::Task<sdk::Result<void>> enlist();
  sdk::Task<Written> write(Change change);
  sdk::Task<sdk::Result<void>> replace(std::string bytes);
  [[nodiscard]] std::string shown() const { return where_.shown(); }

  sdk::Host& host_;
  std::unique_ptr<kube::Api> api_;
  Place place_;
  kube::Resource where_;
  kube::Lease lease_;
  std::string process_;    // as whom this one signs
  std::string signature_;  // as it stands in the ConfigMap
  int signatures_ = 0;
  std::optional<Json> object_;  // as it was last read or written; nullopt: load first
  bool doubtful_ = true;        // something of this process may be on its way still
  bool enlisted_ = false;
  std::string why_;  // the last write did not go well
};

}  // namespace upkeep::plugins::configmap
