// SPDX-License-Identifier: Apache-2.0
#pragma once
// The keys of the first link that has some. Temporary ones are kept and replaced ahead of their end: from some moment between 15 and 10
// minutes before it, each host its own, or after half of a short life. While that fails, those that are still good stay in use; a try
// to renew them leaves the rest of the time for what they are asked for.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "shared/object_store/signing_authorizer.h"
#include "source/s3/link.h"

namespace upkeep::plugins::s3 {

class Chain final : public shared::object_store::KeySource {
 public:
  Chain(sdk::Host& host, std::vector<std::unique_ptr<Link>> links) : host_(host), links_(std::move(links)) {}
  sdk::Task<sdk::Result<Keys>> keys(sdk::BootTime deadline) override;
  bool refused(bool certain) override;

 private:
  struct Held {
    Session session;
    bool outlives = false;  // see Link::outlives
    sdk::BootTime since{};
    sdk::TimePoint renew_at{};
    bool doubted = false;  // others were asked for because of what these, or those before them, may not do; not once more
  };
  sdk::Task<sdk::Result<Keys>> look(sdk::BootTime deadline);
  sdk::Result<Keys> hold(const Link& link, LinkAnswer answer);
  [[nodiscard]] bool is_due();
  [[nodiscard]] bool is_good();

  sdk::Host& host_;
  std::vector<std::unique_ptr<Link>> links_;
  std::optional<Held> held_;
  bool doubt_ = false;        // ask for others now, and keep these if there are none
  sdk::BootTime next_try_{};  // after a failure, while those that are held are good
};

}  // namespace upkeep::plugins::s3
