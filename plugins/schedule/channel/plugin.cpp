// SPDX-License-Identifier: Apache-2.0
#include "schedule/channel/plugin.h"

#include "sdk/text.h"
#include "shared/window/keys.h"
#include "shared/window/schedule.h"

namespace upkeep::plugins::channel {
namespace {

using sdk::Result;
using sdk::Task;

// Follows the table of the release that it saw last. What cannot be read is closed: whoever publishes windows wants them kept.
class ChannelSchedule final : public sdk::Schedule {
 public:
  ChannelSchedule(sdk::Host& host, bool open_without) : host_(host), open_without_(open_without) {}

  Task<Result<void>> refresh(const sdk::Release* release) override {
    if (release == nullptr || !release->schedule) {
      table_.reset();
      windows_.reset();
      co_return Result<void>();
    }
    if (table_ && table_->same(*release->schedule) && windows_) co_return co_await windows_->refresh(release);
    table_ = release->schedule;
    windows_.reset();
    problem_ = shared::window::table_problem(*table_);
    if (!problem_.empty()) co_return Result<void>();
    auto made = shared::window::make_schedule(host_, *table_);
    if (made)
      windows_ = std::move(*made);
    else
      problem_ = made.error().message;
    co_return Result<void>();
  }

  [[nodiscard]] sdk::Verdict verdict(sdk::TimePoint at, const sdk::Release* release) const override {
    if (release == nullptr) return {false, std::nullopt, "the channel's windows are not known before it was read"};
    if (!release->schedule) return {open_without_, std::nullopt, "the channel publishes no windows"};
    if (!table_ || !table_->same(*release->schedule)) return {false, std::nullopt, "the channel's windows have just changed"};
    if (!windows_) return {false, std::nullopt, "the channel's windows cannot be read: schedule " + problem_};
    sdk::Verdict out = windows_->verdict(at, release);
    out.reason = "the channel's " + out.reason;
    return out;
  }

 private:
  sdk::Host& host_;
  bool open_without_;
  std::optional<sdk::Config> table_;  // of the release that was seen last
  std::unique_ptr<shared::window::WindowSchedule> windows_;
  std::string problem_;  // why there are none
};

constinit const sdk::KeySpec kKeys[] = {
    {.name = "without",
     .type = sdk::KeyType::text,
     .fallback = "closed",
     .help = "what holds while the channel publishes no windows: closed, or open at any time; only signed channels have windows"},
};

std::vector<sdk::ConfigIssue> check(const sdk::Config& config) {
  const std::string without = config.text("without", "closed");
  if (without == "closed" || without == "open") return {};
  return {{config.find("without")->place(), "without", sdk::quoted(without) + " is neither \"closed\" nor \"open\""}};
}

Result<std::unique_ptr<sdk::Schedule>> make(sdk::Host& host, const sdk::Config& config) {
  return std::make_unique<ChannelSchedule>(host, config.text("without", "closed") == "open");
}

}  // namespace

constinit const sdk::Descriptor kDescriptor = {
    .name = "channel", .summary = "open in the windows that a signed channel publishes", .keys = kKeys, .check = &check, .make = &make};

}  // namespace upkeep::plugins::channel
