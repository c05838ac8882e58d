// SPDX-License-Identifier: Apache-2.0
// What the channel's poller reads, as this agent takes it: whom it trusts, and which answer comes into force.

#include <utility>

#include "core/accept.h"
#include "engine/supervisor.h"

namespace upkeep::engine {

using sdk::Result;
using sdk::Task;

void Supervisor::follow_channel() {
  if (state().in_force) parts_->poller->seed(state().in_force->offer);
  Poller::Listener listener;
  listener.judge = [this](const sdk::Offer& offer) {
    return core::judge(offer, configured_.settings.trust, state().in_force, clock().now());
  };
  listener.more_keys = [this] {
    const auto& remembered = state().in_force;
    return core::wanted_files(configured_.settings.trust, remembered ? remembered->seen : std::nullopt).key_ids;
  };
  listener.polled = [this] {
    const auto& poller = *parts_->poller;
    ++counters_.polls;
    counters_.poll_bytes += poller.last_bytes();
    if (const auto& failed = poller.failure()) {
      ++counters_.poll_errors.at(static_cast<std::size_t>(failed->error.code));
      emit("poll_error", {{"code", sdk::name(failed->error.code)}, {"message", failed->error.message}});
    }
    // An unchanged answer needs no new decision, unless the last look is long ago.
    const bool news = !poller.latest() || in_force() == nullptr || !in_force()->confirmed ||
                      !core::same_content(poller.latest()->offer, in_force()->offer);
    if (news || poller.failure() || decision_.reason == sdk::Reason::retry_later) evaluate_ = true;
    wake_.notify();
  };
  listening_ = parts_->poller->listen(std::move(listener));
}

// An answer that cannot be read as a release changes nothing but what status says of the source.
Task<Result<void>> Supervisor::take_offer() {
  const auto turn = co_await taking_.take();
  auto& poller = *parts_->poller;
  if (!poller.latest()) co_return Result<void>();
  const auto answer = *poller.latest();
  // Looked at already; if it was no release, it still is none.
  std::optional<core::InForce> previous;
  if (in_force() != nullptr) previous = *in_force();
  if (answer.number == seen_.answer && (!previous || previous->confirmed)) co_return Result<void>();
  auto accepted = core::accept(previous, answer.offer, answer.fallback, answer.at, configured_.settings.trust, state().in_force);
  if (!accepted) {
    seen_.channel_error =
        Poller::Failure{accepted.error(), answer.at, !core::judge(answer.offer, configured_.settings.trust, state().in_force, answer.at)};
    if (std::exchange(seen_.answer, answer.number) == answer.number) co_return Result<void>();
    ++counters_.poll_errors.at(static_cast<std::size_t>(accepted.error().code));
    emit("poll_error", {{"code", sdk::name(accepted.error().code)}, {"message", accepted.error().message}});
    co_return Result<void>();
  }
  seen_.channel_error.reset();
  if (accepted->changed) {
    auto fields = core::to_json(accepted->in_force);
    auto written = co_await try_append(core::Event::release, std::move(fields));
    if (!written) co_return sdk::fail("the release cannot be recorded", written.error());
    if (!previous || previous->release.version != accepted->in_force.release.version ||
        previous->release.critical != accepted->in_force.release.critical) {
      emit("release", {{"offered", offered_json()}});
      const auto& version = accepted->in_force.release.version;  // there is none when the channel says none
      host_->log(sdk::LogLevel::info, "release version=" + (version ? version->str() : std::string("none")) + " critical=" +
                                          (accepted->in_force.release.critical ? "yes" : "no") + " origin=" + answer.offer.origin);
    }
  }
  seen_.answer = answer.number;
  seen_.channel_warnings = accepted->warnings;
  if (!accepted->in_force.confirmed) poller.confirm_soon();
  co_return Result<void>();
}

}  // namespace upkeep::engine
