// SPDX-License-Identifier: Apache-2.0
#pragma once
// The one boundary between Upkeep and the code of others. Errors are values; a plugin that throws all the same has a bug,
// and that bug must cost its own agent only. A plugin that was loaded from a file comes wrapped: whatever leaves one of its
// methods becomes an error (a closed window, an append whose end is unknown) that names plugin, file and method, and is
// kept for `status`. Plugins that are linked in are this program's own: their exceptions pass.

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/settings.h"
#include "engine/registry.h"

namespace upkeep::engine {

// What the plugins of one agent threw, one line for each of their methods. Shared with the wrapped plugins.
class Faults {
 public:
  // false: that method is known to throw.
  bool add(const std::string& plugin, const std::string& method, const std::string& line);
  [[nodiscard]] std::vector<std::string> lines() const;

 private:
  std::map<std::pair<std::string, std::string>, std::string> seen_;
};

// Looks a plugin up and lets its factory make one; Kind is Source, Schedule, Installer or State. The error names the plugin,
// and its file when it was loaded from one. `host` must outlive what is made.
template <typename Kind>
[[nodiscard]] sdk::Result<std::unique_ptr<Kind>> make_plugin(Registry& registry, sdk::Host& host, const core::PluginUse& use,
                                                             std::shared_ptr<Faults> faults = std::make_shared<Faults>());

}  // namespace upkeep::engine
