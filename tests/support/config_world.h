// SPDX-License-Identifier: Apache-2.0
#pragma once
// For tests of configuration: files in memory, and descriptors with small tables of keys in the shape of the real ones.

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "config/load.h"

namespace upkeep::testing_support {

class MemoryFiles : public sdk::Files {
 public:
  std::map<std::string, std::string> texts;  // by absolute path

  bool exists(const std::string& path) override { return texts.contains(path) || !children(path).empty(); }
  sdk::Result<std::string> read(const std::string& path, std::size_t max_bytes) override {
    const auto at = texts.find(path);
    if (at == texts.end()) return sdk::fail(sdk::Errc::unsupported, path + ": does not exist");
    if (at->second.size() > max_bytes)
      return sdk::fail(sdk::Errc::invalid, path + ": is longer than " + std::to_string(max_bytes) + " bytes");
    return at->second;
  }
  sdk::Result<std::vector<std::string>> list(const std::string& path) override { return children(path); }
  sdk::Result<void> write_atomic(const std::string&, std::string_view) override { return refused(); }
  sdk::Result<void> append_durable(const std::string&, std::string_view) override { return refused(); }
  sdk::Result<void> truncate(const std::string&, std::size_t) override { return refused(); }
  sdk::Result<void> rename(const std::string&, const std::string&) override { return refused(); }
  sdk::Result<void> remove(const std::string&) override { return refused(); }
  sdk::Result<std::unique_ptr<sdk::Watch>> watch(const std::string&) override { return sdk::fail(sdk::Errc::unsupported, "no watch"); }

 private:
  static sdk::Result<void> refused() { return sdk::fail(sdk::Errc::denied, "configuration is only read"); }
  std::vector<std::string> children(const std::string& path) const {
    std::vector<std::string> out;
    for (const auto& [file, text] : texts) {
      if (!file.starts_with(path + "/")) continue;
      const std::string name = file.substr(path.size() + 1, file.find('/', path.size() + 1) - path.size() - 1);
      if (out.empty() || out.back() != name) out.push_back(name);
    }
    return out;
  }
};

template <typename Kind>
sdk::Result<std::unique_ptr<Kind>> make_nothing(sdk::Host&, const sdk::Config&) {
  return sdk::fail(sdk::Errc::unsupported, "only a table of keys");
}

// "https", "window", "apt" and "files"; `window` also refuses a `start` without `length`, by its check function.
inline sdk::Result<const sdk::Descriptor*> find_test_plugin(sdk::PluginKind kind, std::string_view name) {
  using sdk::KeyType;
  static constexpr sdk::KeySpec kHttps[] = {{.name = "url", .required = true}, {.name = "channel", .required = true}, {.name = "ca_file"}};
  static constexpr sdk::KeySpec kWindows[] = {
      {.name = "start"}, {.name = "length", .type = KeyType::duration}, {.name = "days", .type = KeyType::text_list}};
  static constexpr sdk::KeySpec kWindow[] = {{.name = "start"},
                                             {.name = "length", .type = KeyType::duration},
                                             {.name = "days", .type = KeyType::text_list},
                                             {.name = "time_zone"},
                                             {.name = "always", .type = KeyType::flag},
                                             {.name = "windows", .type = KeyType::table_list, .children = kWindows}};
  static constexpr sdk::KeySpec kApt[] = {{.name = "package", .required = true, .subject_each = true},
                                          {.name = "restart"},
                                          {.name = "restart_how"},
                                          {.name = "version"},
                                          {.name = "other_packages", .type = KeyType::text_list}};
  static constexpr sdk::KeySpec kFiles[] = {{.name = "keep", .type = KeyType::integer}};
  static const sdk::Descriptor kAll[] = {
      {.name = "https", .keys = kHttps, .make = &make_nothing<sdk::Source>},
      {.name = "window",
       .keys = kWindow,
       .check =
           [](const sdk::Config& config) {
             std::vector<sdk::ConfigIssue> out;
             if (config.has("start") && !config.has("length"))
               out.push_back({config.find("start")->place(), "start", "needs length or end"});
             return out;
           },
       .make = &make_nothing<sdk::Schedule>},
      {.name = "apt", .keys = kApt, .make = &make_nothing<sdk::Installer>},
      {.name = "files", .keys = kFiles, .make = &make_nothing<sdk::State>},
  };
  const auto* at =
      std::find_if(std::begin(kAll), std::end(kAll), [&](const auto& known) { return known.kind() == kind && name == known.name; });
  if (at == std::end(kAll))
    return sdk::fail(sdk::Errc::invalid, "there is no " + std::string(sdk::name(kind)) + " plugin " + std::string(name));
  return at;
}

// The texts of all issues, one line each.
inline std::string lines(const std::vector<sdk::ConfigIssue>& issues) {
  std::string out;
  for (const sdk::ConfigIssue& issue : issues) out += config::text(issue) + "\n";
  return out;
}

// The agent "t", of this file.
inline config::Loaded load_agent(const std::string& text) {
  MemoryFiles files;
  files.texts["/t.toml"] = text;
  return config::load_agent_file(files, "/t.toml", find_test_plugin);
}

// A source, a schedule and an installer; what `rest` adds to the installer begins on line 11.
inline config::Loaded load_agent_with(const std::string& rest) {
  return load_agent(
      "[source]\nuse = \"https\"\nurl = \"https://x\"\nchannel = \"current\"\n[[schedule]]\nuse = \"window\"\nalways = true\n"
      "[installer]\nuse = \"apt\"\npackage = \"teleport\"\n" +
      rest);
}

// The settings of "t", which was taken, and the errors of "t", which was not. Anything else is std::logic_error.
inline core::AgentSettings settings_of(config::Loaded loaded) {
  if (!loaded.broken.empty()) throw std::logic_error(lines(loaded.broken["t"]));
  return loaded.agents.at(0);
}
inline std::string errors_of(config::Loaded loaded) {
  if (!loaded.agents.empty()) throw std::logic_error("there are no errors");
  return lines(loaded.broken["t"]);
}
inline core::AgentSettings settings_with(const std::string& rest) { return settings_of(load_agent_with(rest)); }
inline std::string errors_with(const std::string& rest) { return errors_of(load_agent_with(rest)); }

}  // namespace upkeep::testing_support
