// SPDX-License-Identifier: Apache-2.0
#pragma once
// A coordination.k8s.io/v1 Lease, by the rules of client-go's leader election: what another holder wrote counts from the moment in which
// it was seen here, by the clock of this boot, and no time in it is compared with ours; each write is conditional, so that of two who
// want it one has it. It is no fence: whoever was stopped for a while must look at `until` before it changes anything.

#include <optional>
#include <string>

#include "shared/kube/api.h"

namespace upkeep::plugins::shared::kube {

// How long a Lease holds, how long before its holder must have given up, and how often it is renewed.
struct Terms {
  sdk::Millis duration = std::chrono::seconds(15);  // whole seconds
  sdk::Millis renew_deadline = std::chrono::seconds(10);
  sdk::Millis retry = std::chrono::seconds(2);
};

// How it stands with the Lease after a look.
struct Standing {
  bool ours = false;
  std::string holder;     // as it is written there, from outside; empty: nobody
  std::string since;      // acquireTime, for people: by the holder's clock
  sdk::BootTime until{};  // ours: nothing may be changed from then on, unless it was renewed; another's: it lapses then, unless renewed
};

class Lease {
 public:
  // `host` and `api` outlive it.
  Lease(sdk::Host& host, Api& api, Resource where, Terms terms) : host_(host), api_(api), where_(std::move(where)), terms_(terms) {}

  // Whether what a holder has is ours to take at once: it is what we are, or were before a restart.
  using Same = bool (*)(const std::string& was, const std::string& is);

  // Takes it, unless another has it and it has not lapsed. An error: it is not known who has it; where there is no Lease and none may be
  // created, it names that right.
  [[nodiscard]] sdk::Task<sdk::Result<Standing>> acquire(std::string holder, Same same);
  // For its holder alone: one that another has is not ours any more, lapsed or not.
  [[nodiscard]] sdk::Task<sdk::Result<Standing>> renew(std::string holder);
  // Who has it; changes nothing. A Lease that does not exist is nobody's.
  [[nodiscard]] sdk::Task<sdk::Result<Standing>> look();
  // Nobody has it any more, if it is ours.
  [[nodiscard]] sdk::Task<sdk::Result<void>> release(std::string holder, Same same);
  // The same by what was written last, in one request: whoever has taken it since, be it we ourselves, keeps it.
  [[nodiscard]] sdk::Task<void> let_go(std::string holder);

  [[nodiscard]] const Resource& where() const { return where_; }

 private:
  // What is written there, and since when we know it.
  struct Record {
    Json object;
    sdk::BootTime seen{};
    [[nodiscard]] std::string holder() const;
    [[nodiscard]] sdk::Millis duration(const Terms& terms) const;
  };
  [[nodiscard]] sdk::Task<Answer<void>> read();
  [[nodiscard]] sdk::Task<Answer<Standing>> write(std::string holder);
  [[nodiscard]] sdk::Task<Answer<Json>> empty();
  [[nodiscard]] Json spec_of(const std::string& holder) const;
  void take_down(Json object);
  [[nodiscard]] Standing standing() const;
  [[nodiscard]] sdk::Error explained(Failure failure) const;

  sdk::Host& host_;
  Api& api_;
  Resource where_;
  Terms terms_;
  std::optional<Record> record_;  // nullopt: nothing was read yet, or there is no Lease
};

// MicroTime of meta/v1, which wants six digits: "2027-01-15T08:00:00.000000Z".
[[nodiscard]] std::string micro_time(sdk::TimePoint time);

}  // namespace upkeep::plugins::shared::kube
