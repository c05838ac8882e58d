// SPDX-License-Identifier: Apache-2.0
#include "engine/unit_job.h"

#include <asio/experimental/awaitable_operators.hpp>

#include "sdk/text.h"

namespace upkeep::engine {
namespace {

using sdk::Errc;
using sdk::Result;
using sdk::Task;
using namespace asio::experimental::awaitable_operators;

constexpr const char* kSystemd = "org.freedesktop.systemd1";
constexpr const char* kManagerPath = "/org/freedesktop/systemd1";
constexpr const char* kManager = "org.freedesktop.systemd1.Manager";

Task<void> sleep_past(sdk::Clock& clock, sdk::BootTime when) {
  while (clock.boot_now() < when) {  // a clock that was set wakes sleepers
    const sdk::Millis left = when - clock.boot_now();
    co_await clock.sleep_for(left);
  }
}

Task<Result<std::string>> result_of(sdk::BusSignals& removed, std::string job) {
  while (true) {
    const auto message = co_await removed.next();
    if (!message) co_return sdk::fail(message.error());
    if (message->at(1).text() == job) co_return message->at(3).text();
  }
}

}  // namespace

Task<Result<void>> start_unit(sdk::Host& host, std::string unit, sdk::Millis most) {
  const auto end = host.clock().boot_now() + most;
  sdk::BusMatch match;
  match.sender = kSystemd;
  match.path = kManagerPath;
  match.interface = kManager;
  match.member = "JobRemoved";
  const auto removed = co_await host.bus().subscribe(std::move(match));  // before the call: a quick job ends before its reply is read
  if (!removed) co_return sdk::fail("starting " + unit, removed.error());
  sdk::BusCall subscribe(kSystemd, kManagerPath, kManager, "Subscribe");
  (void)co_await host.bus().call(std::move(subscribe));  // an error says that we are subscribed already

  sdk::BusCall call(kSystemd, kManagerPath, kManager, "StartUnit");
  call.signature = "ss";
  call.arguments.emplace_back(unit);
  call.arguments.emplace_back("replace");
  const auto reply = co_await host.bus().call(std::move(call));
  if (!reply) {
    auto error = reply.error();
    if (error.code == Errc::denied) error.message += "; `sudo upkeep enable " + host.agent() + "` allows it";
    co_return sdk::fail("starting " + unit, error);
  }
  auto job = reply->at(0).text();
  const auto first = co_await (result_of(**removed, std::move(job)) || sleep_past(host.clock(), end));
  if (first.index() != 0) co_return sdk::fail(Errc::timeout, unit + ": did not end within " + sdk::format_duration(most));
  const auto& result = std::get<0>(first);
  if (!result) co_return sdk::fail("starting " + unit, result.error());
  if (*result == "done" || *result == "skipped") co_return Result<void>();
  co_return sdk::fail(Errc::internal, unit + " ended as " + sdk::quoted(*result) + ": `journalctl -u " + unit + "` tells why");
}

}  // namespace upkeep::engine
