// SPDX-License-Identifier: Apache-2.0
// A plugin's table, checked against the keys of the descriptor that `use` names.
#include "config/agent.h"

#include <exception>

namespace upkeep::config {
namespace {

constexpr sdk::KeySpec kUse{.name = "use", .type = sdk::KeyType::text, .required = true};

// What the descriptor says about the table, in the file's terms.
void add_check(const sdk::Descriptor& descriptor, const Section& section, const sdk::Config& own) {
  if (descriptor.check == nullptr) return;
  std::vector<sdk::ConfigIssue> found;
  try {  // the code of others
    found = descriptor.check(own);
  } catch (const std::exception& error) {
    section.issue("use", "a bug in the plugin: its check of this table threw " + sdk::quoted(error.what(), 200));
  } catch (...) {
    section.issue("use", "a bug in the plugin: its check of this table threw something that is no std::exception");
  }
  for (sdk::ConfigIssue& issue : found) {
    if (issue.place.file.empty()) issue.place = section.table.place();
    issue.path = issue.path.empty() ? section.path : section.path + "." + issue.path;
    section.issues.push_back(std::move(issue));
  }
}

}  // namespace

void read_use(sdk::PluginKind kind, const Section& section, std::span<const sdk::KeySpec> common, const Lookup& lookup,
              core::PluginUse& out) {
  const sdk::Config* use = section.table.find("use");
  if (use == nullptr || !std::holds_alternative<std::string>(use->value())) {
    section.issue("use", use == nullptr ? "is missing: name the " + std::string(sdk::name(kind)) + " plugin" : "must be text in quotes");
    return;
  }
  out.use = section.table.text("use");
  const auto found = lookup(kind, out.use);
  if (!found) {
    section.issue("use", found.error().message);
    return;
  }
  const sdk::Descriptor& descriptor = **found;

  std::vector<sdk::KeySpec> keys{kUse};
  keys.insert(keys.end(), common.begin(), common.end());
  for (const sdk::KeySpec& key : descriptor.keys)
    if (key.name != kOtherPackages) keys.push_back(key);
  const std::size_t before = section.issues.size();
  check_keys(section.table, keys, section.path, section.issues);
  if (section.issues.size() > before) return;

  sdk::Config::Table own = std::get<sdk::Config::Table>(section.table.value());
  own.erase("use");
  for (const sdk::KeySpec& key : common) own.erase(std::string(key.name));
  out.config = sdk::Config(std::move(own), section.table.place());
  add_check(descriptor, section, out.config);
}

}  // namespace upkeep::config
