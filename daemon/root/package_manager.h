// SPDX-License-Identifier: Apache-2.0
#pragma once
// What root needs of a package manager, and all that depends on which one it is. apt.cpp is one, yum.cpp and zypper.cpp are two that share
// rpm*.cpp.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "root/outside.h"
#include "sdk/kept.h"

namespace upkeep::root {

struct Conffile {
  std::string path, digest;  // of what the package ships
  bool obsolete = false;     // the installed version does not ship it any more
};
// What the database says of a package.
struct Package {
  std::string name;
  bool held = false;
  bool there = false;   // something of it is installed
  bool whole = false;   // installed, and not in the middle of a change
  std::string status;   // the package manager's word
  std::string version;  // exact
  std::string installed_at;
  std::uint64_t size = 0;  // at least that of its file; 0: not known
  std::vector<Conffile> conffiles;
};

struct PackageManager {
  std::string_view installer;  // that works with it, as an agent's file calls it
  std::string hold, unhold;    // commands, for people, without the package
  // What is to be run about what was interrupted: an argument vector; empty: nothing is. Finishes it, or, without scripts, only makes
  // it possible to install another version.
  sdk::Result<std::vector<std::string>> (*repair)(Outside& outside, const std::vector<std::string>& packages, bool scripts);
  // Why nothing can be held here; empty: set_hold can.
  sdk::Result<std::string> (*no_hold)(Outside& outside);
  sdk::Result<void> (*set_hold)(Outside& outside, const std::string& package, bool held);

  // Errors: it cannot be told.
  sdk::Result<Package> (*look)(Outside& outside, const std::string& package);
  // How the names of those files end that it leaves beside conffiles.
  std::vector<std::string> left_overs;

  // The package store. Its source file there, which `source_link` leads to, so that filling it needs no right in /etc.
  std::string source;
  // Beside it: what make_copy and read_copies read, a name and a text. nullptr: nothing.
  std::pair<const char*, const char*> settings;
  std::string (*source_link)(const std::string& agent);
  // What keeps anything from coming from there by itself: path and text. nullptr: the source file says that.
  std::pair<std::string, std::string> (*pin)(const std::string& agent);
  // Why this host gets none; empty: it may have one.
  sdk::Result<std::string> (*no_store)(Outside& outside);
  // What is wrong with how the host's repositories are believed, for the packages' sake; empty: nothing.
  std::string (*doubts)(Outside& outside, const std::vector<Package>& packages);
  // A frozen copy of what is installed, below `folder` (the agent's), under the name `name`, verified, with its part of the source file
  // as `source`. Errors say what is in the way: the origin no longer has it, no room, no network, a hash or signature that is wrong.
  sdk::Result<sdk::Kept> (*make_copy)(Outside& outside, const std::string& folder, const std::string& name,
                                      const std::vector<Package>& packages);
  // Has the host's package manager read the copies that the source file names, without a network, and forget them.
  sdk::Result<void> (*read_copies)(Outside& outside, const std::string& agent);
  void (*forget_copies)(Outside& outside, const std::string& agent);
};

[[nodiscard]] PackageManager apt();
[[nodiscard]] PackageManager yum();
[[nodiscard]] PackageManager zypper();

[[nodiscard]] const std::vector<PackageManager>& package_managers();
// nullptr: an installer that manages no packages.
[[nodiscard]] const PackageManager* package_manager(std::string_view installer);
// What the agent was enabled for: by root's own record, for its file may be wrong by now, and what is begun is finished all the same.
struct Enabled {
  const PackageManager* manager = nullptr;
  std::vector<std::string> packages;
};
[[nodiscard]] sdk::Result<Enabled> enabled(sdk::Files& files, const std::string& agent);

}  // namespace upkeep::root
