// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where a package comes from, as apt itself tells it, and the source files that are made of that. Of the host's own source files one
// value is read: who signs.

#include <cstdint>
#include <string>
#include <vector>

#include "root/outside.h"

namespace upkeep::root {

struct Origin {
  std::string shown;         // "https://packages.example.com stable/main amd64 Packages"
  std::string uri;           // "https://packages.example.com/"
  std::string suite;         // "stable", or "./" of a flat repository
  std::string component;     // empty: a flat repository
  std::string architecture;  // "amd64"
  std::string release;       // where its InRelease is, below the URI: "dists/stable/"; empty: right there
  std::string index;         // and its index, uncompressed: "dists/stable/main/binary-amd64/Packages"
  std::string signed_by;     // as it stands in the host's source file; empty: any key that apt trusts
  std::string list;          // apt's own file of the index
};

// A repository with a host name that offers this very version, by the lists that apt has. Errc::unsupported: none does any more.
[[nodiscard]] sdk::Result<Origin> find_origin(Outside& outside, const std::string& package, const std::string& version);

// Why there can be no copies here: a source of this host that has no host name (file:, copy:, cdrom:, mirror+file:) and is not ours.
[[nodiscard]] sdk::Result<std::string> no_store(Outside& outside);

// A source file for the same part of a repository, at other addresses. A frozen copy outlives its Valid-Until.
[[nodiscard]] std::string source_text(const Origin& origin, const std::string& uri, bool frozen);

}  // namespace upkeep::root
