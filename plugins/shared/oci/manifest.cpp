// SPDX-License-Identifier: Apache-2.0
#include "shared/oci/manifest.h"

#include "sdk/text.h"
#include "shared/oci/json.h"
#include "shared/oci/reference.h"

namespace upkeep::oci {

using sdk::Errc;
using sdk::fail;

namespace {

constexpr std::size_t kMostParts = 1000;

// Without parameters.
std::string_view type_of(std::string_view content_type) { return sdk::trimmed(content_type.substr(0, content_type.find(';'))); }

Descriptor descriptor_of(const Json& from) {
  Descriptor out;
  out.media_type = text_at(from, {"mediaType"});
  out.artifact_type = text_at(from, {"artifactType"});
  out.digest = text_at(from, {"digest"});
  if (const Json* size = at(from, {"size"}); size && size->is_number_unsigned()) out.size = size->get<std::uint64_t>();
  out.signature = text_at(from, {"annotations", "dev.cosignproject.cosign/signature"});
  out.predicate = text_at(from, {"annotations", "dev.sigstore.bundle.predicateType"});
  return out;
}

std::vector<Descriptor> descriptors_of(const Json::array_t& list) {
  std::vector<Descriptor> out;
  for (const Json& one : list)
    if (Descriptor descriptor = descriptor_of(one); is_sha256(descriptor.digest)) out.push_back(std::move(descriptor));
  return out;
}

}  // namespace

bool is_manifest_type(std::string_view content_type) {
  const auto type = type_of(content_type);
  for (const std::string_view known : sdk::split(kManifestTypes, ','))
    if (sdk::trimmed(known) == type) return true;
  return false;
}

bool is_index_type(std::string_view content_type) { return type_of(content_type) == kIndexType; }

std::string manifest_problem(std::string_view bytes, std::string_view content_type) {
  const auto parsed = parse_object(bytes, kMostManifest);
  if (!parsed) return parsed.error().message;
  const auto inside = text_at(*parsed, {"mediaType"});
  if (!inside.empty() && inside != type_of(content_type))
    return "is called " + sdk::quoted(type_of(content_type)) + ", and calls itself " + sdk::quoted(inside);
  const auto* parts = at(*parsed, {"manifests"}) ? at(*parsed, {"manifests"}) : at(*parsed, {"layers"});
  return parts && parts->is_array() ? "" : "is no manifest: it has neither layers nor manifests";
}

sdk::Result<Manifest> parse_manifest(std::string_view bytes) {
  const auto parsed = parse_object(bytes);
  if (!parsed) return fail(parsed.error());
  const auto& layers = list_at(*parsed, {"layers"});
  const auto& manifests = list_at(*parsed, {"manifests"});
  if (layers.size() > kMostParts || manifests.size() > kMostParts)
    return fail(Errc::invalid, "has more than " + std::to_string(kMostParts) + " layers or manifests");
  return Manifest{descriptors_of(layers), descriptors_of(manifests), text_at(*parsed, {"subject", "digest"})};
}

}  // namespace upkeep::oci
