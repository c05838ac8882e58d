// SPDX-License-Identifier: Apache-2.0
#pragma once
// Versions and images: which version an image's tag says, which tag a version has, and the exact version of a workload, which names the
// images of all containers that are kept. Pure.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "installer/kubernetes/workload.h"
#include "sdk/result.h"
#include "sdk/version.h"
#include "shared/oci/reference.h"

namespace upkeep::plugins::kubernetes {

// What stands in the workload for people and for the daemon that comes next.
inline constexpr std::string_view kOperationAnnotation = "upkeep.dev/operation";
inline constexpr std::string_view kVersionAnnotation = "upkeep.dev/version";  // "14.3.33 IMAGE": the version that this image has

// The images of the kept containers, the managed one first: as the exact version of an agent
//
//   registry.example.com/app:1.2.3                                         one container
//   registry.example.com/app:1.2.3 helper=registry.example.com/helper:1.2.3   and those that move together with it
struct Images {
  std::string main;
  std::vector<Container> also;
  [[nodiscard]] std::string text() const;
};
// invalid: it is none that text() writes.
[[nodiscard]] sdk::Result<Images> parse_images(std::string_view text);

// "v{version}": how a version is spelled in a tag. Empty: as the tag of today spells it, with or without v.
[[nodiscard]] std::string tag_of(const std::string& tag_template, const sdk::Version& version, std::string_view tag_of_today);
// The version that a tag says; nullopt: none ("latest", no tag).
[[nodiscard]] std::optional<sdk::Version> version_of_tag(const std::string& tag_template, std::string_view tag);

// The version of an image: of its tag, else of the annotation, if that is about this very image.
[[nodiscard]] std::optional<sdk::Version> version_of(const std::string& tag_template, const std::string& image,
                                                     const std::optional<std::string>& version_annotation);

// What the annotation says.
[[nodiscard]] std::string version_annotation(const sdk::Version& version, const std::string& image);

}  // namespace upkeep::plugins::kubernetes
