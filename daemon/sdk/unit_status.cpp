// SPDX-License-Identifier: Apache-2.0
#include "sdk/unit_status.h"

#include "sdk/unit_job.h"

namespace upkeep::sdk {
namespace {

constexpr const char* kProperties = "org.freedesktop.DBus.Properties";

std::string hex(const BusArray& bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  bool set = false;
  for (const auto& byte : bytes) {
    const auto value = byte.number() & 0xff;
    set = set || value != 0;
    out += kDigits[value >> 4];
    out += kDigits[value & 15];
  }
  return set ? out : "";
}

std::string text(const BusValue& dict, std::string_view key) {
  const auto* found = dict.find(key);
  return found != nullptr ? found->text() : "";
}
std::uint64_t number(const BusValue& dict, std::string_view key) {
  const auto* found = dict.find(key);
  return found != nullptr ? found->number() : 0;
}

Task<Result<BusMessage>> get_all(Host& host, std::string path, std::string interface) {
  BusCall call(kSystemd, std::move(path), kProperties, "GetAll");
  call.signature = "s";
  call.arguments = {BusValue(std::move(interface))};
  co_return co_await host.bus().call(std::move(call));
}

}  // namespace

Task<Result<UnitStatus>> unit_status(Host& host, std::string unit) {
  BusCall load(kSystemd, kSystemdPath, kSystemdManager, "LoadUnit");
  load.signature = "s";
  load.arguments = {BusValue(unit)};
  auto loaded = co_await host.bus().call(std::move(load));
  if (!loaded) co_return fail("unit " + unit, loaded.error());
  UnitStatus status;
  status.path = loaded->at(0).text();
  auto common = co_await get_all(host, status.path, "org.freedesktop.systemd1.Unit");
  if (!common) co_return fail("unit " + unit, common.error());
  const auto& of_unit = common->at(0);
  status.load = text(of_unit, "LoadState");
  status.active = text(of_unit, "ActiveState");
  status.sub = text(of_unit, "SubState");
  if (const auto* id = of_unit.find("InvocationID")) status.invocation = hex(id->items());
  if (unit.ends_with(".service")) {
    auto service = co_await get_all(host, status.path, "org.freedesktop.systemd1.Service");
    if (!service) co_return fail("unit " + unit, service.error());
    status.restarts = number(service->at(0), "NRestarts");
    status.type = text(service->at(0), "Type");
    status.said = text(service->at(0), "StatusText");
  }
  co_return Result<UnitStatus>(std::move(status));
}

Task<Result<std::unique_ptr<BusSignals>>> unit_signals(Host& host, std::string unit_path) {
  BusCall subscribe(kSystemd, kSystemdPath, kSystemdManager, "Subscribe");
  auto answer = co_await host.bus().call(std::move(subscribe));  // an error says that we are subscribed already
  if (!answer && answer.error().code == Errc::transient) co_return fail(answer.error());
  BusMatch match;
  match.sender = kSystemd;
  match.path = std::move(unit_path);
  match.interface = kProperties;
  match.member = "PropertiesChanged";
  co_return co_await host.bus().subscribe(std::move(match));
}

}  // namespace upkeep::sdk
