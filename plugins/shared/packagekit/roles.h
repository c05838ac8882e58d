// SPDX-License-Identifier: Apache-2.0
#pragma once
// The few things an installer asks of PackageKit, each a transaction of its own.

#include <chrono>
#include <string>
#include <vector>

#include "sdk/host.h"
#include "sdk/installer.h"
#include "shared/packagekit/package_id.h"
#include "shared/packagekit/transaction.h"

namespace upkeep::shared::packagekit {

// Runs it in a new transaction, whose path, with `more` behind it, is noted before anything is asked, if there is a note. One that was
// ended before it had begun is followed by another, twice at most: our own package store tells packagekitd to quit too.
[[nodiscard]] sdk::Task<sdk::Result<Outcome>> run_new(sdk::Host& host, Request request, sdk::Note* note = nullptr, std::string more = "");

// How long ago PackageKit read the package lists; hours(24 * 3650) or more when it never did.
[[nodiscard]] sdk::Task<sdk::Result<std::chrono::seconds>> age_of_lists(sdk::Host& host);

// Reads the package lists anew. An error of any one repository of the host fails the whole; the lists that were there
// before go on being used. Success is no proof that a version is offered: look.
[[nodiscard]] sdk::Task<sdk::Result<void>> refresh(sdk::Host& host, bool force, sdk::Millis most);

// What it lists of these names, without a refresh.
struct Listed {
  std::vector<PackageId> installed, available;
};
[[nodiscard]] sdk::Task<sdk::Result<Listed>> resolve(sdk::Host& host, std::vector<std::string> names, sdk::Millis most);

// PackageKit's word for the package manager that it works with: "apt", "dnf", "zypp".
[[nodiscard]] sdk::Task<sdk::Result<std::string>> backend_name(sdk::Host& host);

// Asks for exactly these ids (flags of numbers.h). With kSimulate nothing changes.
[[nodiscard]] Request install(std::uint64_t flags, std::vector<std::string> ids, sdk::Millis most);

// Asks the backend to put its own state in order.
[[nodiscard]] sdk::Task<sdk::Result<void>> repair_system(sdk::Host& host, sdk::Millis most);

// The process id of a packagekitd that runs and has no transaction; empty otherwise, and when that cannot be told.
[[nodiscard]] sdk::Task<std::string> idle_process(sdk::Host& host);

}  // namespace upkeep::shared::packagekit
