// SPDX-License-Identifier: Apache-2.0
#pragma once
// PackageKit's numbers, as they travel on the bus (lib/packagekit-glib2/pk-enum.h; unchanged from 1.1 to today). Bit
// fields are 1 << enum. Numbers that we never look at are left out.

#include <cstdint>

namespace upkeep::shared::packagekit {

inline constexpr const char* kService = "org.freedesktop.PackageKit";
inline constexpr const char* kManagerPath = "/org/freedesktop/PackageKit";
inline constexpr const char* kBus = "org.freedesktop.DBus";
inline constexpr const char* kBusPath = "/org/freedesktop/DBus";
inline constexpr const char* kTransactionInterface = "org.freedesktop.PackageKit.Transaction";

// Transaction flags of InstallPackages and RepairSystem.
inline constexpr std::uint64_t kOnlyTrusted = 1U << 1;
inline constexpr std::uint64_t kSimulate = 1U << 2;
inline constexpr std::uint64_t kOnlyDownload = 1U << 3;
inline constexpr std::uint64_t kAllowReinstall = 1U << 4;
inline constexpr std::uint64_t kAllowDowngrade = 1U << 6;

inline constexpr std::uint32_t kRoleRefreshCache = 13;

enum class Exit : std::uint32_t {
  success = 1,
  failed = 2,
  cancelled = 3,
  key_required = 4,
  eula_required = 5,
  killed = 6,
  media_change_required = 7,
  need_untrusted = 8,
  cancelled_priority = 9,
  skip_transaction = 10,
  repair_required = 11,
};

// The property Status, as wide as it may come.
enum class Status : std::uint64_t {
  wait = 1,
  refresh_cache = 7,
  download = 8,
  install = 9,
  update = 10,
  dep_resolve = 13,
  sig_check = 14,
  test_commit = 15,
  commit = 16,
  download_repository = 20,
  download_packagelist = 21,
  loading_cache = 27,
  waiting_for_lock = 30,
  waiting_for_auth = 31,
};

// Of a Package signal, after the severity in the upper half was cut off (apt's GetUpdates sends 5 + (5 << 16)).
enum class Info : std::uint32_t {
  installed = 1,
  blocked = 9,
  updating = 11,
  installing = 12,
  removing = 13,
  cleanup = 14,
  obsoleting = 15,
  reinstalling = 19,
  downgrading = 20,
  untrusted = 23,
  unavailable = 25,
  // sent by newer releases in place of 13, 15 and 20
  remove = 28,
  obsolete = 29,
  downgrade = 30,
};
[[nodiscard]] constexpr Info info_of(std::uint64_t wire) { return static_cast<Info>(wire & 0xffffU); }

enum class Restart : std::uint32_t { application = 2, session = 3, system = 4, security_session = 5, security_system = 6 };

inline constexpr std::uint64_t kPercentUnknown = 101;

// Codes of ErrorCode whose meaning depends on their text, and those that other code asks for.
inline constexpr std::uint32_t kErrorInternal = 4, kErrorPackageNotFound = 8, kErrorRepoNotFound = 19, kErrorCannotGetLock = 26,
                               kErrorCannotFetchSources = 64;

}  // namespace upkeep::shared::packagekit
