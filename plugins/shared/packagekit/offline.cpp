// SPDX-License-Identifier: Apache-2.0
#include "shared/packagekit/offline.h"

#include "sdk/version.h"

namespace upkeep::shared::packagekit {
namespace {

constexpr const char* kPrepared = "/var/lib/PackageKit/prepared-update";
constexpr std::size_t kMostPrepared = std::size_t{256} * 1024;

}  // namespace

std::string moved_offline(std::string_view prepared, std::string_view package) {
  constexpr std::string_view kBefore = "=,&\n ";
  for (std::size_t at = prepared.find(package); at != std::string_view::npos; at = prepared.find(package, at + 1)) {
    if (at > 0 && kBefore.find(prepared[at - 1]) == std::string_view::npos) continue;
    auto rest = prepared.substr(at + package.size());
    if (rest.starts_with('\\')) rest.remove_prefix(1);  // key files may write ";" as "\;"
    if (!rest.starts_with(';')) continue;
    const std::string version(rest.substr(1, rest.find_first_of(";\\", 1) - 1));
    if (sdk::is_package_version(version)) return version;
  }
  return "";
}

std::string prepared_update(sdk::Host& host, const std::string& package) {
  if (!host.files().exists(kPrepared)) return "";
  const auto prepared = host.files().read(kPrepared, kMostPrepared);
  const auto version = prepared ? moved_offline(*prepared, package) : std::string();
  if (version.empty()) return "";
  return "an offline update that PackageKit has prepared installs " + package + " " + version +
         " when the host is restarted for it; `sudo rm " + kPrepared + "` drops that update";
}

}  // namespace upkeep::shared::packagekit
