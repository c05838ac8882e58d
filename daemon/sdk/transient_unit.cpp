// SPDX-License-Identifier: Apache-2.0
#include "sdk/transient_unit.h"

#include <asio/experimental/awaitable_operators.hpp>
#include <variant>

#include "sdk/deadline.h"
#include "sdk/unit_job.h"

namespace upkeep::sdk {
namespace {

using namespace std::chrono_literals;
using namespace asio::experimental::awaitable_operators;

constexpr const char* kUnitInterface = "org.freedesktop.systemd1.Unit";
constexpr const char* kServiceInterface = "org.freedesktop.systemd1.Service";
// How long systemd waits between the two signals with which it ends a unit, and what we give it on top.
constexpr Millis kDying = 90s, kGrace = 30s;
// How often a unit is looked at whose end may not be told: systemd itself may be replaced meanwhile.
constexpr Millis kLookAgain = 10s, kLookSoon = 1s;

struct Seen {
  std::string path, active, description;
  [[nodiscard]] bool runs() const { return active != "inactive" && active != "failed"; }
};

std::string text_of(const BusMessage& message, std::string_view key) {
  const auto* found = message.at(0).find(key);
  return found != nullptr ? found->text() : "";
}

Task<Result<BusMessage>> get_properties(Host& host, std::string path, std::string interface) {
  BusCall call(kSystemd, std::move(path), "org.freedesktop.DBus.Properties", "GetAll");
  call.signature = "s";
  call.arguments.emplace_back(std::move(interface));
  co_return co_await host.bus().call(std::move(call));
}

Task<Result<BusMessage>> ask_manager(Host& host, std::string member, std::string unit) {
  BusCall call(kSystemd, kSystemdPath, kSystemdManager, std::move(member));
  call.signature = "s";
  call.arguments.emplace_back(std::move(unit));
  co_return co_await host.bus().call(std::move(call));
}

Task<Result<Seen>> look_at(Host& host, std::string unit) {
  const auto loaded = co_await ask_manager(host, "LoadUnit", std::move(unit));
  if (!loaded) co_return fail(loaded.error());
  Seen out;
  out.path = loaded->at(0).text();
  const auto properties = co_await get_properties(host, out.path, kUnitInterface);
  if (!properties) co_return fail(properties.error());
  out.active = text_of(*properties, "ActiveState");
  out.description = text_of(*properties, "Description");
  co_return Result<Seen>(std::move(out));
}

// How it ended; a failed one, which systemd keeps for this, is cleared away.
Task<Result<UnitEnd>> take_end(Host& host, std::string unit) {
  const auto loaded = co_await ask_manager(host, "LoadUnit", unit);
  if (!loaded) co_return fail(loaded.error());
  const auto properties = co_await get_properties(host, loaded->at(0).text(), kServiceInterface);
  if (!properties) co_return fail(properties.error());
  UnitEnd end;
  end.result = text_of(*properties, "Result");
  if (const auto* status = properties->at(0).find("ExecMainStatus")) end.status = static_cast<int>(status->number() & 0xffff);
  const auto cleared = co_await ask_manager(host, "ResetFailedUnit", std::move(unit));
  if (!cleared && cleared.error().message.find("NoSuchUnit") == std::string::npos)
    host.log(LogLevel::warn, "clearing away a failed unit: " + cleared.error().message);
  co_return Result<UnitEnd>(std::move(end));
}

// The result of the job, as systemd tells it.
Task<Result<std::string>> told_result(BusSignals& removed, std::string job) {
  for (;;) {
    const auto message = co_await removed.next();
    if (!message) co_return fail(message.error());
    if (message->at(1).text() == job) co_return message->at(3).text();
  }
}

// Returns when the unit was seen not to run, twice: what systemd tells comes before.
Task<Result<std::string>> seen_end(Host& host, std::string unit) {
  for (int idle = 0; idle < 2;) {
    co_await host.clock().sleep_for(kLookAgain);
    const auto now = co_await look_at(host, unit);
    idle = now && !now->runs() ? idle + 1 : 0;
  }
  co_return std::string();
}

Task<Result<std::string>> either_end(Host& host, BusSignals& removed, std::string job, std::string unit) {
  auto first = co_await (told_result(removed, std::move(job)) || seen_end(host, std::move(unit)));
  if (first.index() == 0) co_return std::get<0>(std::move(first));
  co_return std::get<1>(std::move(first));
}

BusValue property(std::string name, BusValue value) {
  BusArray out;
  out.emplace_back(std::move(name));
  out.emplace_back(std::move(value));
  return out;
}

BusCall start_call(const TransientUnit& unit) {
  const auto microseconds = [](Millis time) { return static_cast<std::uint64_t>(std::chrono::microseconds(time).count()); };
  BusArray argv, environment;
  for (const auto& word : unit.argv) argv.emplace_back(word);
  for (const auto& [name, value] : unit.environment) environment.emplace_back(name + "=" + value);
  BusArray command;  // path, arguments, "a failure is none"
  command.emplace_back(unit.argv.front());
  command.emplace_back(std::move(argv));
  command.emplace_back(false);
  BusVariant commands{"a(sasb)", {}};
  BusArray list;
  list.emplace_back(std::move(command));
  commands.content.emplace_back(std::move(list));

  BusArray properties;
  properties.push_back(property("Description", unit.description));
  properties.push_back(property("Type", "oneshot"));  // its start is over when it has ended
  properties.push_back(property("ExecStart", std::move(commands)));
  properties.push_back(property("Environment", std::move(environment)));
  properties.push_back(property("TimeoutStartUSec", microseconds(unit.most)));
  properties.push_back(property("TimeoutStopUSec", microseconds(kDying)));
  properties.push_back(property("StandardOutputFile", unit.out));
  properties.push_back(property("StandardErrorFile", unit.err));
  properties.push_back(property("CollectMode", "inactive"));  // one that failed stays, until its status was read

  BusCall call(kSystemd, kSystemdPath, kSystemdManager, "StartTransientUnit");
  call.signature = "ssa(sv)a(sa(sv))";
  call.arguments.emplace_back(unit.name);
  call.arguments.emplace_back("fail");
  call.arguments.emplace_back(std::move(properties));
  call.arguments.emplace_back(BusArray());
  return call;
}

Error not_begun(const Error& error) {
  Error out = error;
  if (error.message.find("UnitExists") != std::string::npos) out.code = Errc::busy;
  if (error.code == Errc::timeout) out.code = Errc::transient;  // systemd does not answer: not known, rather than still at it
  return out;
}

}  // namespace

Task<Result<UnitEnd>> run_transient_unit(Host& host, TransientUnit unit) {
  if (!is_unit_name(unit.name) || !unit.name.ends_with(".service") || unit.argv.empty() || !unit.argv.front().starts_with('/'))
    co_return fail(Errc::internal, "no sound unit: " + unit.name);
  const std::string what = "running " + unit.argv.front() + " as " + unit.name;
  const BootTime end = host.clock().boot_now() + unit.most + kDying + kGrace;
  const auto removed = co_await ends_of_jobs(host);
  if (!removed) co_return fail(what, removed.error());

  auto call = start_call(unit);
  const auto job = co_await host.bus().call(std::move(call));
  if (!job) co_return fail(what, not_begun(job.error()));
  const auto result = co_await before(host.clock(), end, either_end(host, **removed, job->at(0).text(), unit.name));
  if (!result) co_return fail(Errc::timeout, what + ": systemd has not ended it");
  if (!*result) co_return fail(what, Error(Errc::transient, result->error().message));
  const std::string& how = **result;
  if (how == "done") co_return Result<UnitEnd>(UnitEnd{"success", 0});
  if (how == "canceled") co_return fail(Errc::cancelled, what + ": somebody stopped it");
  auto ended = co_await take_end(host, unit.name);
  if (!ended) co_return fail(what, Error(Errc::transient, ended.error().message));
  // A unit that systemd no longer has says that all is well.
  if (ended->result.empty() || ended->result == "success")
    co_return fail(Errc::transient, what + ": how it ended was not seen (its job: " + (how.empty() ? "missed" : how) + ")");
  co_return ended;
}

Task<Result<std::string>> wait_for_transient_unit(Host& host, std::string name, std::string only, Millis most) {
  const BootTime end = host.clock().boot_now() + most;
  std::string ran;
  for (;;) {
    const auto now = co_await look_at(host, name);
    if (!now) co_return fail("looking for " + name, now.error());
    const bool meant = only.empty() || now->description == only;
    if (!now->runs()) {
      if (now->active == "failed" && meant) {
        const auto ended = co_await take_end(host, name);
        if (!ended) co_return fail("looking for " + name, ended.error());
        ran = now->description;
      }
      co_return ran;
    }
    if (!meant) co_return std::string();
    ran = now->description;
    if (host.clock().boot_now() >= end) co_return fail(Errc::timeout, name + " still runs: " + now->description);
    co_await host.clock().sleep_for(kLookSoon);
  }
}

}  // namespace upkeep::sdk
