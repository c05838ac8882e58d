// SPDX-License-Identifier: Apache-2.0
#include "shared/packagekit/package_id.h"

#include <algorithm>
#include <array>

#include "sdk/text.h"
#include "sdk/version.h"

namespace upkeep::shared::packagekit {
namespace {

constexpr std::size_t kMostId = 1024;

bool alphanumeric(char c) { return sdk::is_letter(c) || sdk::is_digit(c); }

bool is_arch(std::string_view arch) {
  return arch.size() <= 32 && std::all_of(arch.begin(), arch.end(), [](char c) { return alphanumeric(c) || c == '_' || c == '-'; });
}

bool is_data(std::string_view data) {
  return std::none_of(data.begin(), data.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

tl::unexpected<sdk::Error> unreadable(std::string_view text, std::string_view why) {
  return sdk::fail(sdk::Errc::internal, "PackageKit named a package that cannot be read, " + sdk::quoted(text) + ": " + std::string(why));
}

}  // namespace

sdk::Result<PackageId> parse_package_id(std::string_view text) {
  if (text.size() > kMostId) return unreadable(text, "longer than 1 KiB");
  std::array<std::string_view, 4> parts;
  std::string_view rest = text;
  for (std::size_t i = 0; i < 3; ++i) {
    const auto end = rest.find(';');
    if (end == std::string_view::npos) return unreadable(text, "not four parts");
    parts[i] = rest.substr(0, end);
    rest.remove_prefix(end + 1);
  }
  if (rest.find(';') != std::string_view::npos) return unreadable(text, "more than four parts");
  parts[3] = rest;
  if (!sdk::is_package_name(parts[0])) return unreadable(text, "no package name");
  if (!sdk::is_package_version(parts[1])) return unreadable(text, "no package version");
  if (!is_arch(parts[2])) return unreadable(text, "no architecture");
  if (!is_data(parts[3])) return unreadable(text, "control characters");
  return PackageId{std::string(parts[0]), std::string(parts[1]), std::string(parts[2]), std::string(parts[3])};
}

}  // namespace upkeep::shared::packagekit
