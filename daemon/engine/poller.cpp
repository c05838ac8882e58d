// SPDX-License-Identifier: Apache-2.0
#include "engine/poller.h"

#include <algorithm>
#include <asio/experimental/awaitable_operators.hpp>

#include "core/accept.h"
#include "core/backoff.h"
#include "engine/metered_host.h"

namespace upkeep::engine {

using sdk::Result;
using sdk::Task;
using namespace asio::experimental::awaitable_operators;

namespace {
constexpr sdk::Millis kLongestBackoff = std::chrono::hours(1);
constexpr sdk::Millis kLongestFirstDelay = std::chrono::seconds(30);
constexpr sdk::Millis kReadAgain = std::chrono::seconds(5);
}  // namespace

Poller::Poller(std::unique_ptr<MeteredHost> host, std::vector<std::unique_ptr<sdk::Source>> sources, sdk::Wanted wanted,
               sdk::Millis interval, Histogram& times)
    : host_(std::move(host)), wanted_(std::move(wanted)), interval_(interval), times_(times) {
  for (auto& source : sources) places_.push_back({std::move(source), {}, {}, {}});
}

Task<void> Poller::run(std::shared_ptr<Poller> self) {
  // A random first delay: a fleet that boots together must not poll together.
  sdk::Millis delay(static_cast<sdk::Millis::rep>(static_cast<double>(std::min(self->interval_, kLongestFirstDelay).count()) *
                                                  self->host_->random().unit()));
  while (!self->stopping_) {
    const auto due = self->host_->clock().boot_now() + delay;
    while (!self->stopping_) {
      const auto now = self->host_->clock().boot_now();
      const auto wished = self->confirm_at_ ? std::min(due, *self->confirm_at_) : due;
      const auto next = std::max(wished, self->may_ask_since());
      if (now >= next) break;
      co_await (self->host_->clock().sleep_for(next - now) || self->wake_.wait());
    }
    if (self->stopping_) break;
    const auto polled = co_await self->poll_if_welcome();
    delay = core::jitter(self->interval_, self->host_->random().unit());
    if (!polled) {
      delay = core::backoff(self->failures_, std::min<sdk::Millis>(self->interval_, std::chrono::minutes(1)), kLongestBackoff,
                            self->host_->random().unit());
    }
  }
}

void Poller::stop() {
  stopping_ = true;
  wake_.notify();
}

Task<Result<void>> Poller::poll_now() { return poll(Ask::everybody); }
Task<Result<void>> Poller::poll_if_welcome() { return poll(Ask::who_may_be_asked); }

Task<Result<void>> Poller::poll(Ask ask) {
  if (polling_) {
    while (polling_) co_await polled_.wait();
    co_return result_;
  }
  if (ask == Ask::who_may_be_asked && host_->clock().boot_now() < may_ask_since()) co_return sdk::fail(*places_.front().asked_wait);
  polling_ = true;
  confirm_at_.reset();
  struct Done {  // a caller that is cancelled must not leave the others waiting
    Poller& poller;
    ~Done() {
      poller.polling_ = false;
      poller.polled_.notify();
    }
  } done{*this};
  result_ = sdk::fail(sdk::Errc::cancelled, "the poll was cut off");
  const auto began = host_->clock().boot_now();
  const auto before = host_->bytes();
  result_ = co_await read_sources(ask);
  times_.observe(host_->clock().boot_now() - began);
  last_bytes_ = host_->bytes() - before;
  failures_ = result_ ? 0 : failures_ + 1;
  if (ask == Ask::everybody) wake_.notify();  // when to ask next may have changed
  const auto listeners = listeners_;
  for (const auto& listener : listeners) listener.polled();
  co_return result_;
}

Task<Result<void>> Poller::read_sources(Ask ask) {
  std::optional<sdk::Error> first;
  bool first_not_trusted = false;
  std::string refused;
  for (std::size_t i = 0; i < places_.size(); ++i) {
    auto& place = places_[i];
    if (ask == Ask::who_may_be_asked && host_->clock().boot_now() < place.wait_until) {
      if (!first) first = place.asked_wait;
      continue;
    }
    bool not_trusted = false;
    auto offer = co_await read_place(place, not_trusted);
    place.asked_wait.reset();
    place.wait_until = {};
    if (offer) {
      place.last = std::move(*offer);
      latest_ = Answer{*place.last, i > 0, host_->clock().now(), latest_ ? latest_->number + 1 : 1};
      failure_.reset();
      refused_ = std::move(refused);
      if (first) host_->log(sdk::LogLevel::warn, "a fallback answered origin=" + place.source->origin() + " because=" + first->message);
      co_return Result<void>();
    }
    host_->log(sdk::LogLevel::warn, "poll failed: " + offer.error().message);
    if (offer.error().retry_after) {
      place.asked_wait = offer.error();
      place.wait_until = host_->clock().boot_now() + *offer.error().retry_after;
    }
    if (not_trusted && refused.empty()) refused = offer.error().message;
    if (!first) {
      first = offer.error();
      first_not_trusted = not_trusted;
    }
  }
  if (!first) first = sdk::Error(sdk::Errc::internal, "no source");
  refused_.clear();
  failure_ = Failure{*first, host_->clock().now(), first_not_trusted};
  co_return sdk::fail(*first);
}

Task<Result<sdk::Offer>> Poller::read_place(Place& place, bool& not_trusted) {
  const auto files = wanted();
  for (const bool again : {false, true}) {
    const auto* last = place.last && !again ? &*place.last : nullptr;
    auto read = co_await place.source->poll(last, files);
    if (!read) co_return sdk::fail(read.error());
    if (!*read && last == nullptr)
      co_return sdk::fail(sdk::Errc::internal, place.source->origin() + ": unchanged, but nothing was read before");
    sdk::Offer offer = *read ? **read : *last;
    const auto trusted = judge(offer);
    if (trusted) co_return Result<sdk::Offer>(std::move(offer));
    if (again) {
      not_trusted = true;
      co_return sdk::fail(trusted.error());
    }
    host_->log(sdk::LogLevel::info, "read once more in " + sdk::format_duration(kReadAgain) + ": " + trusted.error().message);
    const auto until = host_->clock().boot_now() + kReadAgain;
    while (host_->clock().boot_now() < until) co_await host_->clock().sleep_for(until - host_->clock().boot_now());
  }
  co_return sdk::fail(sdk::Errc::internal, "the channel was read three times");
}

sdk::Wanted Poller::wanted() const {
  sdk::Wanted out = wanted_;
  for (const auto& listener : listeners_) {
    if (!listener.more_keys) continue;
    for (auto& id : listener.more_keys())
      if (std::find(out.key_ids.begin(), out.key_ids.end(), id) == out.key_ids.end()) out.key_ids.push_back(std::move(id));
  }
  return out;
}

Result<void> Poller::judge(const sdk::Offer& offer) const {
  for (const auto& listener : listeners_) {
    const auto trusted = listener.judge ? listener.judge(offer) : Result<void>();
    if (!trusted) return trusted;
  }
  return {};
}

sdk::BootTime Poller::may_ask_since() const {
  const auto sooner = [](const Place& one, const Place& other) { return one.wait_until < other.wait_until; };
  const auto place = std::min_element(places_.begin(), places_.end(), sooner);
  return place == places_.end() ? sdk::BootTime() : place->wait_until;
}

void Poller::seed(const sdk::Offer& offer) {
  for (auto& place : places_)
    if (!latest_ && !place.last && place.source->origin() == offer.origin) place.last = offer;
}

void Poller::confirm_soon() {
  if (confirm_at_) return;
  const auto spread = static_cast<double>((core::kConfirmUntil - core::kConfirmAfter).count());
  confirm_at_ =
      host_->clock().boot_now() + core::kConfirmAfter + sdk::Millis(static_cast<sdk::Millis::rep>(spread * host_->random().unit()));
  wake_.notify();
}

std::shared_ptr<void> Poller::listen(Listener listener) {
  const auto place = listeners_.insert(listeners_.end(), std::move(listener));
  return {nullptr, [this, place](void*) { listeners_.erase(place); }};
}

std::string Poller::origin() const { return latest_ ? latest_->offer.origin : places_.empty() ? "" : places_.front().source->origin(); }

bool Poller::reads(const std::string& origin) const {
  return std::any_of(places_.begin(), places_.end(), [&](const Place& place) { return place.source->origin() == origin; });
}

}  // namespace upkeep::engine
