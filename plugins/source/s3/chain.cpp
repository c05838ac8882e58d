// SPDX-License-Identifier: Apache-2.0
#include "source/s3/chain.h"

#include <algorithm>
#include <utility>

namespace upkeep::plugins::s3 {

using sdk::Errc;
using sdk::Millis;
using sdk::Result;

namespace {

using std::chrono::minutes;

// Credentials that came so short a time ago are not why something is denied that they may not do.
constexpr Millis kNew = minutes(15);

// Between `least` and twice that.
Millis spread(sdk::Host& host, Millis least) {
  return least + Millis(static_cast<Millis::rep>(host.random().unit() * static_cast<double>(least.count())));
}

}  // namespace

sdk::Task<Result<Keys>> Chain::keys(sdk::BootTime deadline) {
  if (held_ && !doubt_ && !is_due()) co_return Result<Keys>(held_->session.keys);
  const bool doubt = std::exchange(doubt_, false);
  const auto now = host_.clock().boot_now();
  const sdk::BootTime until = held_ && is_good() ? now + (deadline - now) / 3 : deadline;
  auto fresh = co_await look(until);
  if (fresh && held_) held_->doubted = doubt;
  if (fresh || !held_ || !is_good()) co_return fresh;
  host_.log(sdk::LogLevel::warn, "credentials are not renewed yet: " + fresh.error().message);
  next_try_ = host_.clock().boot_now() + spread(host_, minutes(1));
  co_return Result<Keys>(held_->session.keys);
}

bool Chain::refused(bool certain) {
  if (!held_) return false;  // what is read anew each time says the same the next time
  if (certain) {
    held_.reset();
    return true;
  }
  if (held_->doubted || host_.clock().boot_now() - held_->since < kNew) return false;
  held_->doubted = doubt_ = true;
  return true;
}

bool Chain::is_due() { return host_.clock().now() >= held_->renew_at && host_.clock().boot_now() >= next_try_; }

bool Chain::is_good() { return held_->outlives || host_.clock().now() < *held_->session.expires; }

sdk::Task<Result<Keys>> Chain::look(sdk::BootTime deadline) {
  std::string nothing;
  Errc code = Errc::denied;
  for (const auto& link : links_) {
    auto answer = co_await link->get(deadline);
    if (!answer) co_return sdk::fail("credentials from " + link->name(), answer.error());
    if (answer->session) co_return hold(*link, std::move(*answer));
    code = answer->code;
    nothing += (nothing.empty() ? "" : "; ") + link->name() + ": " + answer->nothing;
  }
  const std::string_view advice = links_.size() > 1 ? "; a public bucket wants credentials = \"anonymous\"" : "";
  co_return sdk::fail(code, "there are no credentials (" + nothing + ")" + std::string(advice));
}

Result<Keys> Chain::hold(const Link& link, LinkAnswer answer) {
  Session& session = *answer.session;
  if (!session.expires) {
    held_.reset();
    return std::move(session.keys);
  }
  const auto now = host_.clock().now();
  const Millis life = *session.expires - now;
  if (life <= Millis(0) && !link.outlives())
    return sdk::fail(Errc::denied, "credentials from " + link.name() + " expired at " + sdk::rfc3339(*session.expires) +
                                       (answer.clock.empty() ? "" : ": " + answer.clock));
  const Millis ahead = minutes(5) + spread(host_, minutes(5));
  Held held;
  held.outlives = link.outlives();
  held.since = host_.clock().boot_now();
  held.renew_at = life > Millis(0) ? std::max(*session.expires - ahead, now + life / 2) : now + spread(host_, minutes(5));
  held.session = std::move(session);
  held_ = std::move(held);
  next_try_ = {};
  return held_->session.keys;
}

}  // namespace upkeep::plugins::s3
