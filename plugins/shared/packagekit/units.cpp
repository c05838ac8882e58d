// SPDX-License-Identifier: Apache-2.0
#include "shared/packagekit/units.h"

#include <algorithm>
#include <array>

#include "sdk/text.h"
#include "shared/packagekit/deadline.h"

namespace upkeep::shared::packagekit {
namespace {

using sdk::Errc;

constexpr const char* kSystemd = "org.freedesktop.systemd1";
constexpr const char* kSystemdPath = "/org/freedesktop/systemd1";
constexpr const char* kManager = "org.freedesktop.systemd1.Manager";

struct Words {
  const char* method;
  const char* doing;
};
Words words(UnitVerb verb) {
  switch (verb) {
    case UnitVerb::start:
      return {"StartUnit", "starting"};
    case UnitVerb::restart:
      return {"RestartUnit", "restarting"};
    case UnitVerb::try_restart:
      return {"TryRestartUnit", "restarting"};
    case UnitVerb::reload:
      return {"ReloadUnit", "reloading"};
  }
  return {"", ""};
}

// Waits for the JobRemoved signal of this job and answers its result: done, failed, canceled, timeout, dependency, …
sdk::Task<sdk::Result<std::string>> result_of(sdk::BusSignals& removed, std::string job) {
  for (;;) {
    const auto message = co_await removed.next();
    if (!message) co_return sdk::fail(message.error());
    if (message->at(1).text() == job) co_return message->at(3).text();
  }
}

sdk::Error refused(const sdk::Error& error, const std::string& agent) {
  sdk::Error out = error;
  if (error.code == Errc::denied) out.message += "; `sudo upkeep enable " + agent + "` allows it";
  if (error.message.find("NoSuchUnit") != std::string::npos) out.code = Errc::unsupported;
  return out;
}

// The job's path on the bus.
sdk::Task<sdk::Result<std::string>> ask_for_job(sdk::Host& host, UnitVerb verb, std::string unit) {
  sdk::BusCall call(kSystemd, kSystemdPath, kManager, words(verb).method);
  call.signature = "ss";
  call.arguments.emplace_back(unit);
  call.arguments.emplace_back("replace");
  const auto reply = co_await host.bus().call(std::move(call));
  if (!reply) co_return sdk::fail(refused(reply.error(), host.agent()));
  co_return reply->at(0).text();
}

}  // namespace

sdk::Task<sdk::Result<void>> begin_unit_job(sdk::Host& host, UnitVerb verb, std::string unit) {
  const std::string what = std::string(words(verb).doing) + " " + unit;
  const auto job = co_await ask_for_job(host, verb, std::move(unit));
  if (!job) co_return sdk::fail(what, job.error());
  co_return sdk::Result<void>();
}

sdk::Task<sdk::Result<void>> run_unit_job(sdk::Host& host, UnitVerb verb, std::string unit, sdk::Millis most) {
  const std::string what = std::string(words(verb).doing) + " " + unit;
  const sdk::BootTime end = host.clock().boot_now() + most;
  sdk::BusMatch match;
  match.sender = kSystemd;
  match.path = kSystemdPath;
  match.interface = kManager;
  match.member = "JobRemoved";
  const auto removed = co_await host.bus().subscribe(std::move(match));  // before the call: a quick job ends before its reply is read
  if (!removed) co_return sdk::fail(what, removed.error());

  const auto job = co_await ask_for_job(host, verb, unit);
  if (!job) co_return sdk::fail(what, job.error());
  const auto result = co_await before(host.clock(), end, result_of(**removed, *job));
  if (!result) co_return sdk::fail(Errc::timeout, what + ": systemd is still at it after " + sdk::format_duration(most));
  if (!*result) co_return sdk::fail(what, result->error());
  const std::string& how = **result;
  if (how == "done" || how == "skipped") co_return sdk::Result<void>();
  const Errc code = how == "canceled" ? Errc::cancelled : Errc::internal;
  co_return sdk::fail(code, what + " ended as " + sdk::quoted(how) + ": `journalctl -u " + unit + "` tells why");
}

sdk::Task<sdk::Result<std::string>> active_state(sdk::Host& host, std::string unit) {
  sdk::BusCall load(kSystemd, kSystemdPath, kManager, "LoadUnit");
  load.signature = "s";
  load.arguments.emplace_back(unit);
  const auto loaded = co_await host.bus().call(std::move(load));
  if (!loaded) co_return sdk::fail(unit, loaded.error());
  sdk::BusCall get(kSystemd, loaded->at(0).text(), "org.freedesktop.DBus.Properties", "Get");
  get.signature = "ss";
  get.arguments.emplace_back("org.freedesktop.systemd1.Unit");
  get.arguments.emplace_back("ActiveState");
  const auto state = co_await host.bus().call(std::move(get));
  if (!state) co_return sdk::fail(unit, state.error());
  co_return state->at(0).text();
}

bool is_unit_name(std::string_view name) {
  static constexpr std::array<std::string_view, 5> kSuffixes = {".service", ".target", ".socket", ".timer", ".path"};
  const bool sound = !name.empty() && name.size() <= 255 && name.front() != '.' && std::all_of(name.begin(), name.end(), [](char c) {
    return sdk::is_digit(c) || sdk::is_letter(c) || std::string_view(":-_.\\@").find(c) != std::string_view::npos;
  });
  return sound && std::any_of(kSuffixes.begin(), kSuffixes.end(), [&](std::string_view suffix) {
           return name.size() > suffix.size() && name.substr(name.size() - suffix.size()) == suffix;
         });
}

}  // namespace upkeep::shared::packagekit
