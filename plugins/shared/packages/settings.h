// SPDX-License-Identifier: Apache-2.0
#pragma once
// The configuration of an installer that drives a package manager: the same keys for all of them, so that an agent's
// file reads the same on every host.

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sdk/config.h"
#include "sdk/restart.h"

namespace upkeep::shared::packagekit {

inline constexpr std::array kKeys = std::to_array<sdk::KeySpec>({
    {.name = "package", .required = true, .help = "name of the package to keep at the channel's version", .subject = true},
    {.name = "version", .help = "how the release's version is spelled as a package version, for example \"{version}-1\""},
    sdk::kRestartKey,
    sdk::kRestartHowKey,
    {.name = "deadline", .type = sdk::KeyType::duration, .fallback = "30m", .help = "longest time for one transaction or restart"},
    {.name = "refresh",
     .type = sdk::KeyType::duration,
     .fallback = "6h",
     .help = "package lists older than this are read anew before an upgrade"},
    {.name = "other_packages",
     .type = sdk::KeyType::text_list,
     .help = "internal: filled in by the daemon with the other agents' packages, each as \"PACKAGE AGENT\""},
});

struct Settings {
  std::string package;
  std::string version_template;
  sdk::Restart restart;
  sdk::Millis deadline{0}, refresh{0};
  std::map<std::string, std::string> others;  // packages of other agents → the agent
};

// Of a tree that passed check_settings.
[[nodiscard]] Settings read_settings(const sdk::Config& config);

// Values that cannot work, each with its place.
[[nodiscard]] std::vector<sdk::ConfigIssue> check_settings(const sdk::Config& config);

}  // namespace upkeep::shared::packagekit
