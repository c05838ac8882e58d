// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the root-owned package store of an agent holds (/var/lib/upkeep-store/AGENT/kept): frozen, still signed copies of the part of a
// repository that has one version. upkeep-root writes it, everybody reads it; who reads it checks first that it is root's.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/result.h"
#include "sdk/time.h"

namespace upkeep::sdk {

inline constexpr std::string_view kStoreFolder = "/var/lib/upkeep-store/";
// In an agent's folder there: the source file that its package manager reads, which is there as long as the store is.
inline constexpr std::string_view kStoreSources[] = {"apt.sources", "yum.repo", "zypper.repo"};
inline constexpr std::size_t kMostOfKept = std::size_t{64} * 1024;  // a longer file is none of ours

struct KeptFile {
  std::string path;  // below the copy's folder
  std::uint64_t size = 0;
  std::string sha256;  // 64 digits in lower case
  bool operator==(const KeptFile&) const = default;
};

// A companion in a copy.
struct KeptPackage {
  std::string name, version;
  bool operator==(const KeptPackage&) const = default;
};

struct Kept {
  std::string version;  // exact; of the agent's package
  std::string folder;   // below the agent's: digits
  std::string origin;   // for people
  TimePoint since;
  std::vector<KeptFile> files;    // the package itself is the last one
  std::string package;            // its name; empty: written when there was but one it could be
  std::vector<KeptPackage> with;  // the companions that were installed, in the versions of then
  bool operator==(const Kept&) const = default;
};

// A plain path below a copy's folder, in which a line of `kept` ends: no "..", nothing absolute, nothing unprintable.
[[nodiscard]] bool is_kept_path(std::string_view path);
// The copies, that of the installed version first, then its predecessor's.
[[nodiscard]] std::string kept_text(const std::vector<Kept>& copies);
// Errc::invalid names the line.
[[nodiscard]] Result<std::vector<Kept>> parse_kept(std::string_view text);

}  // namespace upkeep::sdk
