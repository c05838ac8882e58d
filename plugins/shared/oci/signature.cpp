// SPDX-License-Identifier: Apache-2.0
#include "shared/oci/signature.h"

#include <algorithm>

#include "sdk/base64.h"
#include "sdk/text.h"
#include "shared/oci/json.h"
#include "shared/oci/reference.h"

namespace upkeep::oci {

using sdk::Errc;
using sdk::fail;
using sdk::Result;

namespace {

constexpr std::size_t kMostSignature = 4096;  // of bytes; RSA with 8192 bits needs 1024
constexpr std::size_t kMostSubjects = 100;
constexpr std::string_view kPayloadType = "cosign container image signature", kInToto = "application/vnd.in-toto+json";
constexpr std::string_view kBundle = "application/vnd.dev.sigstore.bundle";

Result<std::string> signer_of(const Keys& keys, std::string_view message, std::string_view signature_in_base64) {
  if (signature_in_base64.size() > kMostSignature) return fail(Errc::invalid, "its signature is too long");
  const auto signature = sdk::from_base64(signature_in_base64);
  if (!signature || signature->empty()) return fail(Errc::invalid, "its signature is no base64");
  const auto signer = std::find_if(keys.begin(), keys.end(), [&](const PublicKey& key) { return key.verifies(message, *signature); });
  if (signer == keys.end())
    return fail(Errc::denied, keys.size() == 1 ? "it is not signed with " + keys[0].shown() : "it is not signed with one of our keys");
  return signer->shown();
}

tl::unexpected<sdk::Error> of_another(const std::string& digest) {
  return fail(Errc::denied, "it is signed, but for " + (is_digest(digest) ? digest : "something") + ", which is another image");
}

// What is signed in DSSE.
std::string pre_authentication_encoding(std::string_view type, std::string_view body) {
  std::string out = "DSSEv1 ";
  out.append(std::to_string(type.size())).append(" ").append(type).append(" ");
  out.append(std::to_string(body.size())).append(" ").append(body);
  return out;
}

Result<void> check_statement(std::string_view statement, std::string_view digest) {
  const auto parsed = parse_object(statement);
  if (!parsed) return fail("its statement", parsed.error());
  if (!text_at(*parsed, {"_type"}).starts_with("https://in-toto.io/Statement/"))
    return fail(Errc::invalid, "its statement is none of in-toto");
  if (const auto predicate = text_at(*parsed, {"predicateType"}); predicate != kSignPredicate)
    return fail(Errc::denied, "it says " + sdk::quoted(predicate) + " of the image, and is no signature");
  const auto& subjects = list_at(*parsed, {"subject"});
  if (subjects.empty() || subjects.size() > kMostSubjects) return fail(Errc::invalid, "its statement is of nothing, or of too much");
  const auto is_it = [&](const Json& subject) { return "sha256:" + text_at(subject, {"digest", "sha256"}) == digest; };
  if (std::any_of(subjects.begin(), subjects.end(), is_it)) return {};
  return of_another("sha256:" + text_at(subjects.front(), {"digest", "sha256"}));
}

}  // namespace

Result<std::string> check_payload(const Keys& keys, std::string_view payload, std::string_view signature, std::string_view digest) {
  auto signer = signer_of(keys, payload, signature);
  if (!signer) return signer;
  const auto parsed = parse_object(payload);
  if (!parsed) return fail("its payload", parsed.error());
  if (const auto type = text_at(*parsed, {"critical", "type"}); type != kPayloadType && type != kSignPredicate)
    return fail(Errc::denied, "it is signed as " + sdk::quoted(type) + ", and is no signature of an image");
  const auto of = text_at(*parsed, {"critical", "image", "docker-manifest-digest"});
  if (of != digest) return of_another(of);
  return signer;
}

Result<std::string> check_bundle(const Keys& keys, std::string_view bundle, std::string_view digest) {
  const auto parsed = parse_object(bundle);
  if (!parsed) return fail("the bundle", parsed.error());
  if (!text_at(*parsed, {"mediaType"}).starts_with(kBundle)) return fail(Errc::invalid, "it is no sigstore bundle");
  const Json* envelope = at(*parsed, {"dsseEnvelope"});
  if (!envelope) return fail(Errc::invalid, "the bundle has no DSSE envelope");
  if (text_at(*envelope, {"payloadType"}) != kInToto) return fail(Errc::invalid, "the bundle's payload is no in-toto statement");
  const auto& signatures = list_at(*envelope, {"signatures"});
  if (signatures.size() != 1)
    return fail(Errc::invalid, "the bundle has " + std::to_string(signatures.size()) + " signatures instead of one");
  const auto statement = sdk::from_base64(text_at(*envelope, {"payload"}));
  if (!statement) return fail(Errc::invalid, "the bundle's payload is no base64");
  auto signer = signer_of(keys, pre_authentication_encoding(kInToto, *statement), text_at(signatures.front(), {"sig"}));
  if (!signer) return signer;
  if (const auto good = check_statement(*statement, digest); !good) return fail(good.error());
  return signer;
}

}  // namespace upkeep::oci
