// SPDX-License-Identifier: Apache-2.0
#pragma once
// Release versions, as channels name them (semantic versions, semver.org 2.0.0), and how the versions of packages
// relate to them. A version string from outside is hostile until it parsed as a Version.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/result.h"

namespace upkeep::sdk {

class Version {
 public:
  // Three numeric parts, optional pre-release and build metadata, optional leading v; at most 128 characters.
  [[nodiscard]] static Result<Version> parse(std::string_view text);

  [[nodiscard]] std::uint64_t major() const { return major_; }
  [[nodiscard]] std::uint64_t minor() const { return minor_; }
  [[nodiscard]] std::uint64_t patch() const { return patch_; }
  [[nodiscard]] const std::string& prerelease() const { return prerelease_; }
  // Canonical text without v, build metadata included.
  [[nodiscard]] std::string str() const;

  // Semver precedence: build metadata does not count.
  friend std::strong_ordering operator<=>(const Version& a, const Version& b);
  friend bool operator==(const Version& a, const Version& b) { return (a <=> b) == 0; }

 private:
  std::uint64_t major_ = 0, minor_ = 0, patch_ = 0;
  std::string prerelease_, build_;
};

// The release version of a package version: epoch and revision stripped ("1:14.3.33-1+b2", rpm "14.3.33-1.el9"); a
// revision that begins with a letter is a pre-release ("2.0.0-rc.1", and so is "2.0.0~rc.1"); build metadata does not
// count ("7.0.9+dfsg"). nullopt: the upstream part is no semantic version.
[[nodiscard]] std::optional<Version> release_of(std::string_view package_version);

// Whether a package version stands for the target. With the configured version_template ("{version}-1"): the filled template and
// nothing else. With none (empty): the target's own text, or what has the target as its release version.
[[nodiscard]] bool accepts(std::string_view version_template, const Version& target, std::string_view package_version);

// The package version to install for the target out of those offered, which the package manager lists newest first.
// With a template: the filled template (whether or not it is offered must be asked by the caller). nullopt: none fits.
[[nodiscard]] std::optional<std::string> choose_package_version(std::string_view version_template, const Version& target,
                                                                const std::vector<std::string>& offered);

// A package version that may stand in a command or a D-Bus id: characters of Debian and rpm versions, at most 128.
[[nodiscard]] bool is_package_version(std::string_view text);
// A package of dpkg or rpm, at most 128 characters; no architecture, no version, nothing that a shell, a D-Bus id or JavaScript
// would read as more than a name. The one rule for the configuration and for `upkeep enable`.
[[nodiscard]] bool is_package_name(std::string_view text);

}  // namespace upkeep::sdk
