// SPDX-License-Identifier: Apache-2.0
#pragma once
// Whether what cosign wrote is a signature of an image by one of our keys. Pure. The transparency log is not asked and certificates do not
// count: it is the configured key or nobody. The name of the repository that a signer wrote down does not count either: the digest says
// all.

#include <string>
#include <string_view>
#include <vector>

#include "sdk/result.h"
#include "shared/oci/public_key.h"

namespace upkeep::oci {

using Keys = std::vector<PublicKey>;

// What cosign calls its signatures of images, and also their type in a bundle.
inline constexpr std::string_view kSignPredicate = "https://sigstore.dev/cosign/sign/v1";

// All of them return which key it is. Errors: denied (whose signature, or of what), invalid (it cannot be read).

// The classic form: a payload and, in base64, its signature. `digest`: of the image, "sha256:…".
// Source: github.com/sigstore/cosign, specs/SIGNATURE_SPEC.md.
[[nodiscard]] sdk::Result<std::string> check_payload(const Keys& keys, std::string_view payload, std::string_view signature,
                                                     std::string_view digest);
// A sigstore bundle: JSON with a DSSE envelope around an in-toto statement.
// Source: github.com/sigstore/cosign, specs/BUNDLE_SPEC.md; github.com/secure-systems-lab/dsse, protocol.md.
[[nodiscard]] sdk::Result<std::string> check_bundle(const Keys& keys, std::string_view bundle, std::string_view digest);

}  // namespace upkeep::oci
