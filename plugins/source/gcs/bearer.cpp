// SPDX-License-Identifier: Apache-2.0
#include "source/gcs/bearer.h"

#include <algorithm>

namespace upkeep::plugins::gcs {

using sdk::fail;
using sdk::Result;
using sdk::Task;
using shared::object_store::Authorised;

namespace {

// The metadata server has no other one before.
constexpr sdk::Millis kSharedAhead = std::chrono::seconds(225);
// Longer than the usual time between polls, so that one of them comes while the old one is good; each host its own.
constexpr sdk::Millis kLeastAhead = std::chrono::minutes(10), kMoreAhead = std::chrono::minutes(5);
constexpr sdk::Millis kTryAgainAfter = std::chrono::minutes(1);
// A request that begins just before the end arrives after it.
constexpr sdk::Millis kMargin = std::chrono::seconds(30);
// A younger token is not asked for again because of what it may not do.
constexpr sdk::Millis kNew = std::chrono::minutes(15);

sdk::BootTime renewal(sdk::Host& host, const Token& token, sdk::BootTime end) {
  const auto more = static_cast<sdk::Millis::rep>(host.random().unit() * static_cast<double>(kMoreAhead.count()));
  return end - std::min(token.shared ? kSharedAhead : kLeastAhead + sdk::Millis(more), token.life / 2);
}

}  // namespace

Task<Result<Authorised>> BearerAuthorizer::authorise(const sdk::HttpRequest& /*request*/, std::string /*region*/, sdk::BootTime deadline) {
  if (!kept_ || host_.clock().boot_now() >= kept_->renew) {
    const auto done = co_await renew(deadline);
    if (!done) co_return fail(done.error());
  }
  Authorised out;
  out.headers.emplace_back("Authorization", "Bearer " + kept_->text);
  out.secrets.push_back(kept_->text);
  co_return Result<Authorised>(std::move(out));
}

Task<Result<void>> BearerAuthorizer::renew(sdk::BootTime deadline) {
  const sdk::BootTime asked = host_.clock().boot_now();
  if (kept_ && asked + kMargin < kept_->end) deadline = asked + (deadline - asked) / 3;
  auto token = co_await find_token(host_, settings_, scope_, deadline);
  if (token) {
    const sdk::BootTime end = asked + token->life;
    kept_ = Kept{token->text, renewal(host_, *token, end), end};
    doubt_from_ = std::max(doubt_from_, asked + kNew);
    co_return Result<void>();
  }
  const sdk::BootTime now = host_.clock().boot_now();
  const bool stays = token.error().code != sdk::Errc::cancelled && kept_ && now + kMargin < kept_->end;
  if (!stays) co_return fail(token.error());
  kept_->renew = now + kTryAgainAfter;
  host_.log(sdk::LogLevel::warn,
            "the token for the bucket stays in use for " + sdk::format_duration(kept_->end - now) + ": " + token.error().message);
  co_return Result<void>();
}

bool BearerAuthorizer::refused(bool certain) {
  if (!kept_) return false;
  if (certain) {
    kept_.reset();
    return true;
  }
  const sdk::BootTime now = host_.clock().boot_now();
  if (now < doubt_from_) return false;
  // Once in the time that it is good for: where a missing file is answered with 403, each poll gets one.
  doubt_from_ = kept_->end;
  kept_->renew = now;
  return true;
}

}  // namespace upkeep::plugins::gcs
