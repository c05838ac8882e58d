// SPDX-License-Identifier: Apache-2.0
#include "sdk/source.h"

namespace upkeep::sdk {

Task<Result<void>> Source::put(Object object) {
  co_return fail(Errc::unsupported, origin() + ": " + object.name + " cannot be written there");
}

}  // namespace upkeep::sdk
