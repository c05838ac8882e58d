// SPDX-License-Identifier: Apache-2.0
#include "engine/registry.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "engine/loader.h"
#include "sdk/package_family.h"
#include "sdk/text.h"

namespace upkeep::engine {
namespace {

using sdk::Errc;

std::string file_name(sdk::PluginKind kind, const std::string& name) { return std::string(sdk::name(kind)) + "-" + name + ".so"; }

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out.empty() ? "none" : out;
}

}  // namespace

sdk::Result<void> Registry::add(const sdk::Descriptor& descriptor, const std::string& file) {
  if (const auto good = check_descriptor(descriptor); !good)
    return sdk::fail(file.empty() ? "a plugin that is linked in" : file, good.error());
  const std::string what = std::string(sdk::name(descriptor.kind())) + " plugin " + sdk::quoted(descriptor.name);
  Known known{.descriptor = &descriptor, .file = file};
  if (!file.empty()) {
    if (file.substr(file.rfind('/') + 1) != file_name(descriptor.kind(), descriptor.name))
      return sdk::fail(Errc::invalid, file + ": holds the " + what + ", which another file name stands for");
    const FileMark mark = mark_of(file).value_or(FileMark());
    known.inode = mark.inode;
    known.modified = mark.modified;
  }
  if (!known_.try_emplace({descriptor.kind(), descriptor.name}, known).second)
    return sdk::fail(Errc::invalid, "there is already a " + what);
  return {};
}

sdk::Result<const sdk::Descriptor*> Registry::find(sdk::PluginKind kind, std::string_view name) {
  if (kind == sdk::PluginKind::installer && name == sdk::kAutoFamily && automatic_) {
    if (found_.empty()) {
      auto found = automatic_();
      if (!found) return sdk::fail("use = \"auto\"", found.error());
      found_ = std::move(*found);
    }
    return find(kind, found_);
  }
  const auto at = known_.find({kind, std::string(name)});
  return at != known_.end() ? at->second.descriptor : load(kind, std::string(name));
}

sdk::Result<const sdk::Descriptor*> Registry::load(sdk::PluginKind kind, const std::string& name) {
  const std::string what = std::string(sdk::name(kind)) + " plugin " + sdk::quoted(name);
  if (!is_plugin_name(name)) return sdk::fail(Errc::invalid, what + ": a name is made of a-z, 0-9 and dashes");
  const std::string file = folder_ + "/" + file_name(kind, name);
  if (const auto there = mark_of(file); !there && there.error().code == Errc::unsupported)
    return sdk::fail(Errc::invalid, "there is no " + what + " in " + folder_ + "; there are: " + listed(names(kind)));
  const auto descriptor = open_plugin(file);
  if (!descriptor) return sdk::fail(what, descriptor.error());
  if (const auto added = add(**descriptor, file); !added) return sdk::fail(what, added.error());
  return *descriptor;
}

std::string Registry::file_of(sdk::PluginKind kind, const std::string& name) const {
  const auto at = known_.find({kind, name});
  return at == known_.end() ? std::string() : at->second.file;
}

std::vector<std::string> Registry::stale() const {
  std::vector<std::string> out;
  for (const auto& [key, known] : known_) {
    if (known.file.empty()) continue;
    const auto now = mark_of(known.file);
    if (!now || *now != FileMark{known.inode, known.modified})
      out.push_back(known.file + " was replaced since it was loaded: restart upkeepd");
  }
  return out;
}

std::vector<std::string> Registry::names(sdk::PluginKind kind) const {
  std::set<std::string> out;
  for (const auto& [key, known] : known_)
    if (key.first == kind) out.insert(key.second);
  const std::string prefix = std::string(sdk::name(kind)) + "-";
  std::error_code error;
  for (std::filesystem::directory_iterator at(folder_, error), end; !error && at != end; at.increment(error)) {
    const std::string file = at->path().filename().string();
    if (file.starts_with(prefix) && file.ends_with(".so")) out.insert(file.substr(prefix.size(), file.size() - prefix.size() - 3));
  }
  return {out.begin(), out.end()};
}

}  // namespace upkeep::engine
