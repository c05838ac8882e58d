// SPDX-License-Identifier: Apache-2.0
#include "sdk/source.h"

namespace upkeep::sdk {

Task<Result<std::optional<std::string>>> Source::get(std::string name) {
  co_return fail(Errc::unsupported, origin() + ": nothing can be published there, and " + name + " not be looked at before");
}

Task<Result<void>> Source::put(Object object) {
  co_return fail(Errc::unsupported, origin() + ": " + object.name + " cannot be written there");
}

}  // namespace upkeep::sdk
