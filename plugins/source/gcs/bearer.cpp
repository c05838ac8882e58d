// SPDX-License-Identifier: Apache-2.0
#include "source/gcs/bearer.h"

#include <algorithm>

namespace upkeep::plugins::gcs {

using sdk::fail;
using sdk::Result;
using sdk::Task;
using shared::object_store::Authorised;

namespace {

// The metadata server hands out the same token until four minutes before its end.
constexpr sdk::Millis kRenewBefore = std::chrono::seconds(225);
constexpr sdk::Millis kTryAgainAfter = std::chrono::minutes(1);
// A request that begins just before the end arrives after it.
constexpr sdk::Millis kMargin = std::chrono::seconds(30);
// A younger token is not asked for again because of what it may not do.
constexpr sdk::Millis kNew = std::chrono::minutes(15);

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
  auto token = co_await find_token(host_, settings_, scope_, deadline);
  if (token) {
    const sdk::BootTime end = asked + token->life;
    kept_ = Kept{std::move(token->text), asked, end - std::min(kRenewBefore, token->life / 2), end};
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
  if (!kept_ || (!certain && host_.clock().boot_now() - kept_->asked < kNew)) return false;
  kept_.reset();
  return true;
}

}  // namespace upkeep::plugins::gcs
