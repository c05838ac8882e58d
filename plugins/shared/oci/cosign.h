// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where cosign puts signatures beside an image, in all three forms: the tag sha256-HEX.sig, bundles that the registry lists as referrers,
// and the same under the tag sha256-HEX where it lists none.

#include <string>

#include "shared/oci/repository.h"
#include "shared/oci/signature.h"

namespace upkeep::oci {

// Looks until one of the keys has signed the image of that digest, and returns which ("ECDSA P-256 key 65dc…"). denied: nobody has; says of
// each signature why it does not count. What cannot be read counts as none; a registry in trouble is its error (transient, timeout).
// Others may put what they like beside an image: of each form the first 50 are looked at, and of each at most 256 KiB.
[[nodiscard]] sdk::Task<sdk::Result<std::string>> find_signature(Repository& repository, const Keys& keys, std::string digest);

}  // namespace upkeep::oci
