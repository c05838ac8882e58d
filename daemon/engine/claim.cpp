// SPDX-License-Identifier: Apache-2.0
// Whether the journals are this daemon's to write: until they are it stands by, and when they are no more it ends.

#include <asio/experimental/awaitable_operators.hpp>
#include <utility>
#include <variant>

#include "core/backoff.h"
#include "engine/engine.h"
#include "engine/spawn.h"

namespace upkeep::engine {

using sdk::Result;
using sdk::Task;
using namespace asio::experimental::awaitable_operators;

namespace {

constexpr sdk::Millis kFirstAnswer = std::chrono::seconds(30);  // of a store that is asked whether its journals are ours

constexpr sdk::Millis kGiveBack = std::chrono::seconds(3);

}  // namespace

Task<void> Engine::own() {
  auto claim = co_await until_ours();
  shared_.claim_lapses = claim.lapses;
  take(*std::exchange(waiting_, std::nullopt));
  shared_.loaded.notify();
  spawn(shared_.executor, adopt_orphans());  // beside: a claim does not wait
  co_await renew(std::move(claim));
}

Task<sdk::Claim> Engine::until_ours() {
  for (int failures = 0;;) {
    const std::optional<sdk::BootTime> enough = shared_.host.clock().boot_now() + kFirstAnswer;
    auto claim = co_await ask(enough);
    if (claim && claim->ours) co_return *claim;
    failures = claim ? 0 : failures + 1;
    const auto why = claim ? claim->holder + " has the journals" : "who may write the journals is not known: " + claim.error().message;
    if (why != standing_by_) shared_.host.log(claim ? sdk::LogLevel::info : sdk::LogLevel::error, "standing by: " + why);
    standing_by_ = why;
    claim_failed_ = !claim;
    shared_.loaded.notify();
    auto pause = core::retry_pause(std::max(failures, 1), shared_.host.random().unit());
    if (claim && claim->again) pause = *claim->again;
    co_await shared_.host.clock().sleep_for(pause);
  }
}

// No answer by `until` is an error, too.
Task<Result<sdk::Claim>> Engine::ask(std::optional<sdk::BootTime> until) {
  if (!store_) {
    auto made = make_state(shared_, shared_.host);
    if (!made) co_return sdk::fail(made.error());
    store_ = std::move(*made);
  }
  if (!until) co_return co_await store_->claim();
  auto& clock = shared_.host.clock();
  auto asked = co_await (store_->claim() || clock.sleep_for(*until - clock.boot_now()));
  if (auto* claim = std::get_if<0>(&asked)) co_return std::move(*claim);
  co_return sdk::fail(sdk::Errc::timeout, "no answer in time");
}

Task<void> Engine::give_back() {
  for (const auto& [name, agent] : agents_)
    if (agent->is_changing()) co_return;
  ending_ = true;
  shared_.claim_lapses = sdk::BootTime(0);  // whoever wants to change something waits for the end
  for (const auto& [name, agent] : agents_) agent->let_permits_go();
  const auto all = [this]() -> Task<void> {
    while (shared_.permits > 0) co_await shared_.permit_ended.wait();
    if (!store_) co_return;
    if (const auto released = co_await store_->release(); !released)
      shared_.host.log(sdk::LogLevel::warn, "the journals could not be given back: " + released.error().message);
  };
  co_await (all() || shared_.host.clock().sleep_for(kGiveBack));
}

Task<void> Engine::renew(sdk::Claim claim) {
  auto& clock = shared_.host.clock();
  while (claim.again) {
    const auto left = claim.lapses ? *claim.lapses - clock.boot_now() : *claim.again;
    const auto pause = std::min<sdk::Millis>(*claim.again, left);
    co_await clock.sleep_for(pause);
    if (ending_) co_return;
    auto asked = co_await ask(claim.lapses);
    if (ending_) co_return;
    if (asked && asked->ours) {
      claim = std::move(*asked);
      shared_.claim_lapses = claim.lapses;
    } else if (asked) {
      co_return give_up_(asked->holder + " has taken the journals");
    } else if (claim.lapses && *claim.lapses <= clock.boot_now()) {
      co_return give_up_("the journals may be another's by now, our claim could not be renewed: " + asked.error().message);
    } else {
      shared_.host.log(sdk::LogLevel::warn, "our claim on the journals is not renewed yet: " + asked.error().message);
    }
  }
}

}  // namespace upkeep::engine
