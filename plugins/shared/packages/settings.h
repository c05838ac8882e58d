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

namespace upkeep::shared::packages {

inline constexpr std::array kKeys = std::to_array<sdk::KeySpec>({
    {.name = "package", .help = "name of the package to keep at the channel's version", .subject_each = true},
    {.name = "packages",
     .type = sdk::KeyType::text_list,
     .help = "in place of package: variants, of which a host has one; the one that is installed is the agent, else the first",
     .subject_each = true},
    {.name = "with",
     .type = sdk::KeyType::text_list,
     .help = "packages that, where they are installed, move together with it: one transaction, one plan, one way back",
     .subject_each = true},
    {.name = "version", .help = "how the release's version is spelled as a package version, for example \"{version}-1\""},
    sdk::kRestartKey,
    sdk::kRestartHowKey,
    {.name = "driver",
     .fallback = "auto",
     .help = "packagekit, native (the package manager's own tool, by a daemon that runs as root), or auto: PackageKit where it answers"},
    {.name = "deadline", .type = sdk::KeyType::duration, .fallback = "30m", .help = "longest time for one transaction or restart"},
    {.name = "refresh",
     .type = sdk::KeyType::duration,
     .fallback = "6h",
     .help = "package lists older than this are read anew before an upgrade"},
    {.name = "other_packages",
     .type = sdk::KeyType::text_list,
     .help = "internal: filled in by the daemon with the other agents' packages, each as \"PACKAGE AGENT\""},
});

enum class DriverKind { automatic, packagekit, native };

struct Settings {
  std::vector<std::string> packages;  // variants, the preferred one first; never empty
  std::vector<std::string> with;      // that move with it
  DriverKind driver = DriverKind::automatic;
  std::string version_template;
  sdk::Restart restart;
  sdk::Millis deadline{0}, refresh{0};
  std::map<std::string, std::string> others;  // packages of other agents → the agent
};

// Of a tree that passed check_settings.
[[nodiscard]] Settings read_settings(const sdk::Config& config);

// Values that cannot work, each with its place. `wrong_name` says what a package manager has against a name that others would take;
// empty: nothing.
[[nodiscard]] std::vector<sdk::ConfigIssue> check_settings(const sdk::Config& config,
                                                           std::string (*wrong_name)(const std::string&) = nullptr);

}  // namespace upkeep::shared::packages
