// SPDX-License-Identifier: Apache-2.0
#pragma once
// The one symbol that a plugin exports, and what the loader compares before it uses anything else of it.
//
//   extern "C" const upkeep::sdk::Descriptor upkeep_plugin = {.name = "window", .summary = "…", .keys = kKeys, .make = &make_window};
//
// The first two members never move: a plugin of another abi can still be refused by name.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include <asio/version.hpp>

#include "sdk/config.h"
#include "sdk/host.h"
#include "sdk/installer.h"
#include "sdk/result.h"
#include "sdk/schedule.h"
#include "sdk/source.h"
#include "sdk/state.h"

namespace upkeep::sdk {

inline constexpr std::uint32_t kPluginAbi = 1;

#define UPKEEP_STR2(x) #x
#define UPKEEP_STR(x) UPKEEP_STR2(x)
// Compiler, libstdc++ ABI, Asio and sdk version; compared whole.
inline constexpr const char* kBuildSignature = "gcc-abi " UPKEEP_STR(__GXX_ABI_VERSION) "; libstdc++ " UPKEEP_STR(
    _GLIBCXX_RELEASE) " cxx11 " UPKEEP_STR(_GLIBCXX_USE_CXX11_ABI) "; asio " UPKEEP_STR(ASIO_VERSION) "; sdk " UPKEEP_SDK_VERSION;

template <typename Kind>
using Factory = Result<std::unique_ptr<Kind>> (*)(Host&, const Config&);
using AnyFactory = std::variant<Factory<Source>, Factory<Schedule>, Factory<Installer>, Factory<State>>;

// The kinds in the order of AnyFactory.
enum class PluginKind { source, schedule, installer, state };
[[nodiscard]] std::string_view name(PluginKind kind);

struct Descriptor {
  std::uint32_t abi = kPluginAbi;
  const char* signature = kBuildSignature;
  const char* name = "";
  const char* version = UPKEEP_SDK_VERSION;
  const char* summary = "";
  std::span<const KeySpec> keys;                               // beside `use`, which every plugin's table has
  std::vector<ConfigIssue> (*check)(const Config&) = nullptr;  // what the table cannot say; pure
  AnyFactory make;
  bool proves_health = false;  // of an installer: its vitals are a probe, whatever [health] says

  [[nodiscard]] PluginKind kind() const { return static_cast<PluginKind>(make.index()); }
};

// Name of the exported symbol: `extern "C" const upkeep::sdk::Descriptor upkeep_plugin`.
inline constexpr const char* kPluginSymbol = "upkeep_plugin";

}  // namespace upkeep::sdk
