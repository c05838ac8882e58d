// SPDX-License-Identifier: Apache-2.0
#pragma once
// The schedule of one agent. The Lease's holder is written "IDENTITY/AGENT/OPERATION": one that names our operation is ours, whoever
// was at work on it before; so that a restart, or another daemon that goes on with the same journal, has it at once.

#include <memory>
#include <optional>
#include <string>

#include "sdk/schedule.h"
#include "shared/kube/lease.h"

namespace upkeep::plugins::lease {

namespace kube = shared::kube;

class LeaseSchedule final : public sdk::Schedule {
 public:
  LeaseSchedule(sdk::Host& host, std::unique_ptr<kube::Api> api, kube::Resource where, kube::Terms terms, std::string identity);

  // While another has it, closed for a while, so that nothing is begun in vain; at other times always open.
  sdk::Task<sdk::Result<void>> refresh(const sdk::Release* release) override;
  [[nodiscard]] sdk::Verdict verdict(sdk::TimePoint at, const sdk::Release* release) const override;
  sdk::Task<sdk::Result<sdk::Admission>> admit(const sdk::Operation& operation) override;
  sdk::Task<sdk::Result<void>> hold(const sdk::Operation& operation) override;
  sdk::Task<sdk::Result<void>> done(const sdk::Operation& operation) override;
  [[nodiscard]] std::optional<sdk::BootTime> lapses() const override { return until_; }

 private:
  [[nodiscard]] std::string holder_of(const sdk::Operation& operation) const;
  [[nodiscard]] std::string held_by(const kube::Standing& standing) const;
  sdk::Task<sdk::Result<void>> renew(std::string holder);

  sdk::Host& host_;
  std::unique_ptr<kube::Api> api_;
  kube::Terms terms_;
  std::string identity_;
  kube::Lease lease_;
  int turn_ = 0;              // of admissions
  std::string holder_;        // what we have written there
  sdk::BootTime until_{0};    // ours until then, unless it is renewed; 0: it is not
  std::string taken_;         // by whom, and since when
  sdk::TimePoint free_at_{};  // not looked at again before
};

}  // namespace upkeep::plugins::lease
