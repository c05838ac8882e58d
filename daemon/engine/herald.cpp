// SPDX-License-Identifier: Apache-2.0
#include "engine/herald.h"

#include <algorithm>
#include <asio/experimental/awaitable_operators.hpp>
#include <utility>
#include <variant>

#include "core/backoff.h"
#include "sdk/utf8.h"

namespace upkeep::engine {

using sdk::Task;
using namespace asio::experimental::awaitable_operators;

namespace {

// Empty: it was done.
using Answer = std::variant<sdk::Result<void>, std::monostate>;
std::optional<sdk::Error> trouble(const Answer& answer) {
  const auto* said = std::get_if<0>(&answer);
  if (said == nullptr) return sdk::Error(sdk::Errc::timeout, "no answer in " + sdk::format_duration(Herald::kLongest));
  return *said ? std::nullopt : std::optional(said->error());
}

}  // namespace

void Herald::tell(sdk::Happening happening) {
  happening.text = sdk::valid_utf8(happening.text, sdk::kLongestHappening);
  const bool again = happening.what == sdk::Happened::refused || happening.what == sdk::Happened::failed;
  auto words = again ? std::string(sdk::name(happening.what)) + happening.to + " " + happening.text : std::string();
  if (again && words == told_) return;
  told_ = std::move(words);
  if (waiting_.size() >= kMostWaiting) waiting_.pop_front();
  waiting_.push_back(std::move(happening));
  news_.notify();
}

void Herald::look() {
  if (!std::exchange(changed_, true)) news_.notify();
}

Task<void> Herald::run(std::shared_ptr<void> /*kept*/, Herald* self, std::shared_ptr<sdk::Installer> installer) {
  while (true) {
    co_await self->tell_all(*installer);
    if (!self->changed_ || !installer->shows()) {
      co_await self->news_.wait();
      continue;
    }
    const auto left = self->next_ - self->host_.clock().boot_now();
    if (left > sdk::Millis(0)) {
      co_await (self->host_.clock().sleep_for(left) || self->news_.wait());
    } else {
      co_await self->show(*installer);
    }
  }
}

Task<void> Herald::tell_all(sdk::Installer& installer) {
  while (!waiting_.empty()) {
    const auto one = waiting_.front();
    waiting_.pop_front();
    const auto answer = co_await (installer.tell(one) || host_.clock().sleep_for(kLongest));
    if (const auto bad = trouble(answer))
      host_.log(sdk::LogLevel::warn, "not told: " + std::string(sdk::name(one.what)) + ": " + bad->message);
  }
}

Task<void> Herald::show(sdk::Installer& installer) {
  changed_ = false;
  auto status = status_();
  const auto text = status.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  if (const auto source = status.find("source"); source != status.end() && source->is_object()) source->erase("last_ok");
  const auto now = host_.clock().boot_now();
  const bool old = text != shown_text_ && now - shown_at_ >= kShowAllAgain;
  if (!shown_text_.empty() && status == shown_ && !old) co_return;
  const auto answer = co_await (installer.show(text) || host_.clock().sleep_for(kLongest));
  const auto shown_at = host_.clock().boot_now();
  if (const auto bad = trouble(answer)) {
    if (failures_++ == 0) host_.log(sdk::LogLevel::warn, "the status is not shown: " + bad->message);
    changed_ = true;
    next_ = shown_at + std::max(kShowAgain, core::pause_after(*bad, core::retry_pause(failures_, host_.random().unit())));
    co_return;
  }
  failures_ = 0;
  shown_ = std::move(status);
  shown_text_ = text;
  shown_at_ = shown_at;
  next_ = shown_at + kShowAgain;
}

}  // namespace upkeep::engine
