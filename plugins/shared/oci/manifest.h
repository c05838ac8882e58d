// SPDX-License-Identifier: Apache-2.0
#pragma once
// What of a manifest or an index the search for signatures needs. Pure.
// Source: github.com/opencontainers/image-spec, manifest.md, image-index.md, descriptor.md.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/result.h"

namespace upkeep::oci {

inline constexpr std::size_t kMostManifest = 4 * 1024 * 1024;  // bytes: what registries keep, by the specification

// The media types of what a tag leads to, for an Accept header: an index or one platform's manifest, OCI's and docker's.
inline constexpr std::string_view kManifestTypes =
    "application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, "
    "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json";
inline constexpr std::string_view kIndexType = "application/vnd.oci.image.index.v1+json";
// Whether a Content-Type is one of kManifestTypes.
[[nodiscard]] bool is_manifest_type(std::string_view content_type);
[[nodiscard]] bool is_index_type(std::string_view content_type);
// Why this cannot be what its Content-Type says; empty: it can.
[[nodiscard]] std::string manifest_problem(std::string_view bytes, std::string_view content_type);

// Something that a manifest points to. The digest is one of SHA-256; what has another is left out.
struct Descriptor {
  std::string media_type, artifact_type;
  std::string digest;
  std::uint64_t size = 0;
  std::string signature;  // annotation dev.cosignproject.cosign/signature
  std::string predicate;  // annotation dev.sigstore.bundle.predicateType
};

struct Manifest {
  std::vector<Descriptor> layers;     // of a manifest
  std::vector<Descriptor> manifests;  // of an index
  std::string subject;                // the digest of what it is about; empty: nothing
};

// invalid: cannot be read, or has more than 1000 of them.
[[nodiscard]] sdk::Result<Manifest> parse_manifest(std::string_view bytes);

}  // namespace upkeep::oci
