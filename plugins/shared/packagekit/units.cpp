// SPDX-License-Identifier: Apache-2.0
#include "shared/packagekit/units.h"

#include <algorithm>
#include <array>

#include "sdk/text.h"

namespace upkeep::shared::packagekit {
namespace {

constexpr const char* kSystemd = "org.freedesktop.systemd1";
constexpr const char* kSystemdPath = "/org/freedesktop/systemd1";
constexpr const char* kManager = "org.freedesktop.systemd1.Manager";

}  // namespace

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
