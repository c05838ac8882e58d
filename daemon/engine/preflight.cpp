// SPDX-License-Identifier: Apache-2.0
#include "engine/preflight.h"

#include <algorithm>
#include <array>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/co_spawn.hpp>
#include <system_error>

#include "core/backoff.h"

namespace upkeep::engine {

using nlohmann::json;
using sdk::Errc;
using sdk::Task;

namespace {

constexpr sdk::Millis kAskAgain = std::chrono::hours(6);
constexpr sdk::Millis kFirstRetry = std::chrono::minutes(1);
constexpr sdk::Millis kLongestPreflightRetry = std::chrono::hours(1);

constexpr std::array<std::string_view, 7> kNames = {"none", "checking", "ready", "refused", "failed", "downloading", "downloaded"};

bool refusal(Errc code) { return code == Errc::invalid || code == Errc::unsupported || code == Errc::denied; }

}  // namespace

json plan_json(const sdk::Plan& plan) {
  json out = json::array();
  for (const auto& item : plan.items)
    out.push_back({{"package", item.package},
                   {"from", item.from.empty() ? json(nullptr) : json(item.from)},
                   {"to", item.to.empty() ? json(nullptr) : json(item.to)}});
  return out;
}

std::string_view name(Preflight::State state) { return kNames.at(static_cast<std::size_t>(state)); }

Preflight::Preflight(Shared& shared, sdk::Host& host, std::string agent, News news)
    : shared_(shared), host_(host), agent_(std::move(agent)), news_(std::move(news)) {}

void Preflight::want(std::shared_ptr<void> owner, std::shared_ptr<Parts> parts, Wish wish) {
  wanted_ = true;
  const auto now = host_.clock().boot_now();
  if (!wish_ || !wish_->same_change(wish)) {
    forget();
    due_ = now;
  } else if (wish_->seen != wish.seen) {
    due_ = std::min(due_, std::max(now, asked_ + kNotMoreOften));
  }
  wish_ = std::move(wish);
  go_on(std::move(owner), std::move(parts));
}

void Preflight::go_on(std::shared_ptr<void> owner, std::shared_ptr<Parts> parts) {
  const auto now = host_.clock().boot_now();
  if (!wanted_ || !wish_ || running_ || now < due_) return;
  auto lock = lock_for(shared_, *parts->installer).try_acquire(agent_, [this] {
    due_ = host_.clock().boot_now() + kNotMoreOften;
    cut_off();
  });
  if (!lock) {  // a package is being changed, or another one prepared: later, and not all who wait in the same moment
    due_ = now + kNotMoreOften / 2 + sdk::Millis(static_cast<sdk::Millis::rep>(kNotMoreOften.count() * host_.random().unit()));
    return;
  }
  begin(std::move(owner), std::move(parts), std::move(*lock));
}

void Preflight::begin(std::shared_ptr<void> owner, std::shared_ptr<Parts> parts, TransactionLock::Locked lock) {
  running_ = true;
  cut_off_ = false;
  asked_ = due_ = host_.clock().boot_now();
  cancel_ = std::make_shared<asio::cancellation_signal>();
  asio::co_spawn(shared_.executor, work(std::move(parts), wish_->change, wish_->download, std::move(lock)),
                 asio::bind_cancellation_slot(
                     cancel_->slot(), [this, owner = std::move(owner), keep = cancel_](const std::exception_ptr& error) { ended(error); }));
}

Task<void> Preflight::work(std::shared_ptr<Parts> parts, sdk::Change change, bool download, TransactionLock::Locked lock) {
  enter(State::checking, "the dry run of " + change.target->str() + " is made");
  auto plan = co_await parts->installer->prepare(change);
  if (cut_off_) co_return;
  if (!plan) {
    conclude(refusal(plan.error().code) ? State::refused : State::failed, plan.error().message);
    co_return;
  }
  plan_ = std::move(*plan);
  if (!download) {
    conclude(State::ready, "the dry run of " + plan_->to + " went well");
    co_return;
  }
  change.to = plan_->to;
  enter(State::downloading, "downloading " + change.to);
  const auto fetched = co_await parts->installer->fetch(change);
  if (cut_off_) co_return;
  if (fetched) {
    conclude(State::downloaded, change.to + " is downloaded");
  } else {
    conclude(State::failed, "downloading " + change.to + ": " + fetched.error().message);
  }
  lock.release();
}

void Preflight::ended(const std::exception_ptr& error) {
  running_ = false;
  if (cut_off_) {
    state_ = State::none;
    text_.clear();
  }
  over_.notify();
  if (error) {
    try {
      std::rethrow_exception(error);
    } catch (const std::exception& bug) {
      if (!cut_off_) {
        host_.log(sdk::LogLevel::error, std::string("internal error ahead of an upgrade: ") + bug.what());
        conclude(State::failed, std::string("internal error: ") + bug.what());
      }
    }
  }
  news_(state_);
}

void Preflight::enter(State state, std::string text) {
  state_ = state;
  text_ = std::move(text);
  percent_.reset();
  at_ = host_.clock().now();
  if (state == State::checking) plan_.reset();
  news_(state_);
}

void Preflight::conclude(State state, std::string text) {
  failures_ = state == State::failed ? failures_ + 1 : 0;
  due_ = host_.clock().boot_now() +
         (state == State::failed ? core::backoff(failures_, kFirstRetry, kLongestPreflightRetry, host_.random().unit()) : kAskAgain);
  enter(state, std::move(text));
}

void Preflight::cut_off() {
  if (!running_ || cut_off_) return;
  cut_off_ = true;
  cancel_->emit(asio::cancellation_type::terminal);
}

void Preflight::rest() {
  wanted_ = false;
  cut_off();
}

void Preflight::forget() {
  cut_off();
  wish_.reset();
  plan_.reset();
  failures_ = 0;
  due_ = sdk::BootTime(0);
  state_ = State::none;
  text_.clear();
}

Task<void> Preflight::stop() {
  rest();
  while (running_) co_await over_.wait();
}

std::optional<sdk::BootTime> Preflight::due() const {
  if (!wanted_ || running_) return std::nullopt;
  return due_;
}

void Preflight::progress(const sdk::Progress& progress) {
  if (state_ == State::downloading && progress.percent) percent_ = progress.percent;
}

json Preflight::status() const {
  if (!wanted_ || !wish_ || state_ == State::none) return nullptr;
  return {{"state", name(state_)},
          {"target", wish_->change.target->str()},
          {"text", text_},
          {"at", sdk::rfc3339(at_)},
          {"again", running_ ? json(nullptr) : json(sdk::rfc3339(host_.clock().now() + (due_ - host_.clock().boot_now())))},
          {"percent", percent_ ? json(*percent_) : json(nullptr)},
          {"plan", plan_ ? plan_json(*plan_) : json(nullptr)}};
}

std::string Preflight::warning() const {
  if (!wanted_ || !wish_) return "";
  const auto again = sdk::rfc3339(host_.clock().now() + (due_ - host_.clock().boot_now()));
  if (state_ == State::refused)
    return "the upgrade to " + wish_->change.target->str() + " would be refused: " + text_ +
           "; it is asked again when its time comes, when something changes, and at " + again;
  if (state_ == State::failed)
    return "what can be done ahead of the upgrade to " + wish_->change.target->str() + " failed: " + text_ + "; tried again at " + again +
           ", and the upgrade does not wait for it";
  return "";
}

}  // namespace upkeep::engine
