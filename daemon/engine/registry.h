// SPDX-License-Identifier: Apache-2.0
#pragma once
// The plugins that are known. One way in: add. A plugin that is not linked in is loaded from the plugin folder when it is
// first looked up ("KIND-NAME.so"), compared with our build signature, and never unloaded.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "sdk/plugin.h"

namespace upkeep::engine {

class Registry {
 public:
  // `automatic` finds out which installer "auto" stands for on this host; asked once, when an agent's file says so.
  explicit Registry(std::string folder, std::function<sdk::Result<std::string>()> automatic = nullptr)
      : folder_(std::move(folder)), automatic_(std::move(automatic)) {}

  // Refuses another abi or signature (the error has both), a name that is taken, an empty name, an invalid key table.
  // A loaded plugin comes with its file, whose name must be the plugin's "KIND-NAME.so".
  sdk::Result<void> add(const sdk::Descriptor& descriptor, const std::string& file = "");

  // The error names the plugin and the file, and lists what there is of that kind.
  sdk::Result<const sdk::Descriptor*> find(sdk::PluginKind kind, std::string_view name);

  // Where a known plugin was loaded from; empty: linked in, or not known.
  [[nodiscard]] std::string file_of(sdk::PluginKind kind, const std::string& name) const;

  // One line for each loaded plugin whose file was replaced or removed since; it says that upkeepd must be restarted.
  [[nodiscard]] std::vector<std::string> stale() const;

  struct Known {
    const sdk::Descriptor* descriptor = nullptr;
    std::string file;  // empty: linked in
    std::uint64_t inode = 0;
    std::int64_t modified = 0;  // nanoseconds; an inode's number may come back after a replacement
  };
  [[nodiscard]] const std::map<std::pair<sdk::PluginKind, std::string>, Known>& known() const { return known_; }
  // Names of the plugins of a kind that are known or lie in the folder, sorted.
  [[nodiscard]] std::vector<std::string> names(sdk::PluginKind kind) const;

 private:
  sdk::Result<const sdk::Descriptor*> load(sdk::PluginKind kind, const std::string& name);

  std::string folder_;
  std::function<sdk::Result<std::string>()> automatic_;
  std::string found_;  // by it
  std::map<std::pair<sdk::PluginKind, std::string>, Known> known_;
};

// Adds the plugins that are part of this program: the build's UPKEEP_LINKED_IN, which writes this function's body. Others are
// still found in the folder.
[[nodiscard]] sdk::Result<void> add_linked_in(Registry& registry);

}  // namespace upkeep::engine
