// SPDX-License-Identifier: Apache-2.0
#pragma once
// The name of an image, as people and workloads write it and as its registry knows it. Pure; the text may come from anybody.

#include <string>
#include <string_view>

#include "sdk/result.h"

namespace upkeep::oci {

// host[:port]/path[:tag][@digest]; a name without a host is one of docker.io's, and there one without a folder is in "library".
//
//   "nginx"                              docker.io, library/nginx
//   "r.example.com:5000/a/b:1.2@sha256:…"  r.example.com:5000, a/b, 1.2, sha256:…
struct Reference {
  std::string name;        // as written, without tag and digest: "nginx"
  std::string registry;    // host and port, lower case: "docker.io", "localhost:5000", "[::1]:5000"
  std::string repository;  // "library/nginx"
  std::string tag;         // empty: none
  std::string digest;      // "sha256:" and 64 hexadecimal digits, or the same of sha512; empty: none

  // As it was written, with the tag and the digest that it has now.
  [[nodiscard]] std::string text() const;
  // Whether both are in one repository, however they are written.
  [[nodiscard]] bool same_repository(const Reference& other) const { return registry == other.registry && repository == other.repository; }
};

// invalid: no name of an image; says why and quotes the text.
[[nodiscard]] sdk::Result<Reference> parse_reference(std::string_view text);

// Whether an image can be tagged so: up to 128 letters, digits, "_", and but for the first "." and "-". So build metadata cannot be in one.
[[nodiscard]] bool is_tag(std::string_view text);
// Whether it can be a digest: see Reference::digest.
[[nodiscard]] bool is_digest(std::string_view text);
// The same, of SHA-256 only: what is verified here.
[[nodiscard]] bool is_sha256(std::string_view text);

}  // namespace upkeep::oci
