// SPDX-License-Identifier: Apache-2.0
#include "shared/packagekit/error_table.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string>

#include "sdk/text.h"
#include "shared/packagekit/numbers.h"
#include "shared/packages/text.h"

namespace upkeep::shared::packagekit {
namespace {

using R = Reaction;
constexpr std::array kRows = std::to_array<ErrorRow>({
    {0, "unknown", R::failed},
    {1, "oom", R::transient},
    {2, "no_network", R::transient},
    {3, "not_supported", R::unsupported},
    {4, "internal_error", R::failed},  // by its text: forged
    {5, "gpg_failure", R::forged},
    {6, "package_id_invalid", R::invalid},
    {8, "package_not_found", R::stale},
    {9, "package_already_installed", R::none},
    {10, "package_download_failed", R::transient},
    {13, "dep_resolution_failed", R::invalid},
    {16, "transaction_error", R::failed},
    {17, "transaction_cancelled", R::cancelled},
    {18, "no_cache", R::transient},
    {19, "repo_not_found", R::invalid},  // by its text: forged
    {20, "cannot_remove_system_package", R::invalid},
    {21, "process_kill", R::failed},
    {22, "failed_initialization", R::transient},
    {26, "cannot_get_lock", R::busy},  // by its text: interrupted
    {27, "no_packages_to_update", R::none},
    {29, "local_install_failed", R::failed},
    {30, "bad_gpg_signature", R::forged},
    {31, "missing_gpg_signature", R::forged},
    {34, "no_license_agreement", R::denied},
    {35, "file_conflicts", R::invalid},
    {36, "package_conflicts", R::invalid},
    {37, "repo_not_available", R::transient},
    {38, "invalid_package_file", R::forged},
    {39, "package_install_blocked", R::invalid},
    {40, "package_corrupt", R::forged},
    {41, "all_packages_already_installed", R::none},
    {43, "no_more_mirrors_to_try", R::transient},
    {44, "no_distro_upgrade_data", R::unsupported},
    {45, "incompatible_architecture", R::invalid},
    {46, "no_space_on_device", R::transient},
    {48, "not_authorized", R::denied},
    {49, "update_not_found", R::stale},
    {50, "cannot_install_repo_unsigned", R::forged},
    {51, "cannot_update_repo_unsigned", R::forged},
    {55, "restricted_download", R::denied},
    {56, "package_failed_to_configure", R::failed},
    {58, "package_failed_to_install", R::failed},
    {59, "package_failed_to_remove", R::failed},
    {61, "package_database_changed", R::transient},
    {62, "provide_type_not_supported", R::unsupported},
    {64, "cannot_fetch_sources", R::transient},  // by its text: forged, busy
    {65, "cancelled_priority", R::busy},
    {66, "unfinished_transaction", R::failed},
    {67, "lock_required", R::busy},
});

bool speaks_of(std::string_view text, std::initializer_list<std::string_view> signs) {
  const auto words = packages::words_of(text);
  return std::any_of(signs.begin(), signs.end(), [&](std::string_view sign) { return words.find(sign) != std::string::npos; });
}

// packagekitd's death kills its dpkg, and from then on apt answers "cannot get lock" although nobody holds it.
bool interrupted(std::string_view text) { return speaks_of(text, {"dpkg was interrupted"}); }
// apt and dnf say "cannot fetch sources" for an unreachable origin, for a forged index, and while others read the lists.
bool forged_sources(std::string_view text) {
  return speaks_of(text, {"signature", "gpg", "not signed", "no longer signed", "clearsigned"});
}
bool locked_sources(std::string_view text) { return speaks_of(text, {"could not get lock"}); }
// dnf and zypp say 4 and 19 for a package that is not what its metadata promise.
bool forged_package(std::string_view text) { return speaks_of(text, {"checksum", "verification", "aborted as directed"}); }

const ErrorRow* find(std::uint32_t code) {
  const auto* row = std::find_if(kRows.begin(), kRows.end(), [&](const ErrorRow& r) { return r.code == code; });
  return row == kRows.end() ? nullptr : row;
}

}  // namespace

std::span<const ErrorRow> error_table() { return kRows; }

std::string_view error_name(std::uint32_t code) {
  const auto* row = find(code);
  return row == nullptr ? "unknown error" : row->name;
}

Reaction reaction(std::uint32_t code, std::string_view text) {
  if (code == kErrorCannotGetLock && interrupted(text)) return R::interrupted;
  if (code == kErrorCannotFetchSources && forged_sources(text)) return R::forged;
  if (code == kErrorCannotFetchSources && locked_sources(text)) return R::busy;
  if ((code == kErrorInternal || code == kErrorRepoNotFound) && forged_package(text)) return R::forged;
  const auto* row = find(code);
  return row == nullptr ? R::failed : row->reaction;
}

}  // namespace upkeep::shared::packagekit
