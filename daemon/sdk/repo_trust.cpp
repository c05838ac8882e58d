// SPDX-License-Identifier: Apache-2.0
#include "sdk/repo_trust.h"

#include "sdk/ini.h"

namespace upkeep::sdk {
namespace {

constexpr std::size_t kMostOfRepoFile = std::size_t{256} * 1024;

// The section [main] of the first of these files that there is.
IniSection main_of(Files& files, const std::vector<std::string>& paths) {
  for (const auto& path : paths) {
    const auto text = files.exists(path) ? files.read(path, kMostOfRepoFile) : Result<std::string>();
    if (!text || text->empty()) continue;
    for (auto& section : parse_ini(*text))
      if (section.name == "main") return std::move(section);
    break;
  }
  return {};
}

}  // namespace

std::vector<UnverifiedRepository> unverified_repositories(Files& files, std::string_view installer) {
  const bool zypper = installer == "zypper";
  if (!zypper && installer != "yum") return {};
  const std::string folder = zypper ? "/etc/zypp/repos.d" : "/etc/yum.repos.d";
  const auto defaults = zypper ? main_of(files, {"/etc/zypp/zypp.conf", "/usr/etc/zypp/zypp.conf"}) : main_of(files, {"/etc/dnf/dnf.conf"});
  std::vector<UnverifiedRepository> out;
  const auto names = files.list(folder);
  for (const auto& name : names ? *names : std::vector<std::string>()) {
    const auto path = folder + "/" + name;
    const auto text = name.ends_with(".repo") ? files.read(path, kMostOfRepoFile) : Result<std::string>();
    for (const auto& section : parse_ini(text ? *text : "")) {
      if (section.name.empty() || !section.flag("enabled", true)) continue;
      // Both are on in zypp unless somebody turns them off, but the packages' own signatures only where the index has none.
      const bool index = section.flag("gpgcheck", defaults.flag("gpgcheck", zypper));
      const bool packages = zypper ? section.flag("pkg_gpgcheck", defaults.flag("pkg_gpgcheck", false)) : index;
      if (!packages) out.push_back({section.name, path, zypper && index});
    }
  }
  return out;
}

std::string shown(const UnverifiedRepository& repository) {
  if (repository.index_is_verified)
    return "of the repository " + repository.id + " the index is verified, and not the packages themselves: pkg_gpgcheck=1 in " +
           repository.file + " does that too";
  return "packages of the repository " + repository.id +
         " are not verified: whoever can change what it serves becomes root on this host; " + "gpgcheck=1 in " + repository.file +
         " verifies them";
}

}  // namespace upkeep::sdk
