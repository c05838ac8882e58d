// SPDX-License-Identifier: Apache-2.0
#pragma once
// `driver` of [installer]: PackageKit, the package manager's own tool, or whichever of them works on this host.

#include <memory>

#include "shared/native/native.h"
#include "shared/packages/settings.h"

namespace upkeep::shared::native {

// What `kind` says; `automatic` is PackageKit where that is ready, and the tool where only that is. Which one is found out at the first
// call, and again whenever ready() is asked.
[[nodiscard]] std::unique_ptr<packages::Driver> make_driver(sdk::Host& host, packages::DriverKind kind,
                                                            std::unique_ptr<packages::Driver> packagekit, const Tool& tool,
                                                            sdk::Millis deadline);

}  // namespace upkeep::shared::native
