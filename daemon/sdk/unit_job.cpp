// SPDX-License-Identifier: Apache-2.0
#include "sdk/unit_job.h"

#include <algorithm>
#include <array>

#include "sdk/deadline.h"
#include "sdk/root_helper.h"
#include "sdk/text.h"

namespace upkeep::sdk {
namespace {

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
Task<Result<std::string>> result_of(BusSignals& removed, std::string job) {
  for (;;) {
    const auto message = co_await removed.next();
    if (!message) co_return fail(message.error());
    if (message->at(1).text() == job) co_return message->at(3).text();
  }
}

Error refused(const Error& error, const std::string& agent) {
  Error out = error;
  if (error.code == Errc::denied) out.message += "; `sudo upkeep enable " + agent + "` allows it";
  if (error.message.find("NoSuchUnit") != std::string::npos) out.code = Errc::unsupported;
  return out;
}

// The job's path on the bus.
Task<Result<std::string>> ask_for_job(Host& host, UnitVerb verb, std::string unit) {
  BusCall call(kSystemd, kSystemdPath, kSystemdManager, words(verb).method);
  call.signature = "ss";
  call.arguments.emplace_back(unit);
  call.arguments.emplace_back("replace");
  const auto reply = co_await host.bus().call(std::move(call));
  if (!reply) co_return fail(refused(reply.error(), host.agent()));
  co_return reply->at(0).text();
}

}  // namespace

bool is_unit_name(std::string_view text) {
  static constexpr std::array<std::string_view, 5> kSuffixes = {".service", ".socket", ".target", ".timer", ".path"};
  const std::size_t dot = text.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || text.size() > 255) return false;
  const auto word = [](char c) { return is_letter(c) || is_digit(c); };
  return std::find(kSuffixes.begin(), kSuffixes.end(), text.substr(dot)) != kSuffixes.end() && word(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [&](char c) { return word(c) || std::string_view("._-:@\\").find(c) != std::string_view::npos; }) &&
         std::count(text.begin(), text.end(), '@') <= 1;
}

std::string enabled_file(std::string_view agent) { return kRootState + ("enabled/" + std::string(agent)); }

Task<Result<std::unique_ptr<BusSignals>>> ends_of_jobs(Host& host) {
  BusMatch match;
  match.sender = kSystemd;
  match.path = kSystemdPath;
  match.interface = kSystemdManager;
  match.member = "JobRemoved";
  co_return co_await host.bus().subscribe(std::move(match));
}

Task<Result<void>> begin_unit_job(Host& host, UnitVerb verb, std::string unit) {
  const std::string what = std::string(words(verb).doing) + " " + unit;
  const auto job = co_await ask_for_job(host, verb, std::move(unit));
  if (!job) co_return fail(what, job.error());
  co_return Result<void>();
}

Task<Result<void>> run_unit_job(Host& host, UnitVerb verb, std::string unit, Millis most) {
  const std::string what = std::string(words(verb).doing) + " " + unit;
  const BootTime end = host.clock().boot_now() + most;
  const auto removed = co_await ends_of_jobs(host);
  if (!removed) co_return fail(what, removed.error());

  const auto job = co_await ask_for_job(host, verb, unit);
  if (!job) co_return fail(what, job.error());
  const auto result = co_await before(host.clock(), end, result_of(**removed, *job));
  if (!result) co_return fail(Errc::timeout, what + ": systemd is still at it after " + format_duration(most));
  if (!*result) co_return fail(what, result->error());
  const std::string& how = **result;
  if (how == "done" || how == "skipped") co_return Result<void>();
  const Errc code = how == "canceled" ? Errc::cancelled : Errc::internal;
  co_return fail(code, what + " ended as " + quoted(how) + ": `journalctl -u " + unit + "` tells why");
}

}  // namespace upkeep::sdk
