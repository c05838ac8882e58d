// SPDX-License-Identifier: Apache-2.0
#include "installer/kubernetes/images.h"

#include "sdk/text.h"

namespace upkeep::plugins::kubernetes {

using sdk::Errc;
using sdk::fail;

namespace {

constexpr std::string_view kHole = "{version}";

}  // namespace

std::string Images::text() const {
  std::string out = main;
  for (const auto& one : also) out += " " + one.name + "=" + one.image;
  return out;
}

sdk::Result<Images> parse_images(std::string_view text) {
  const auto parts = sdk::split(text, ' ');
  Images out;
  out.main = parts.front();
  bool good = !out.main.empty();
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const auto sign = parts[i].find('=');
    good = good && sign != std::string_view::npos && shared::kube::is_label(parts[i].substr(0, sign)) && sign + 1 < parts[i].size();
    if (!good) break;
    out.also.push_back({std::string(parts[i].substr(0, sign)), std::string(parts[i].substr(sign + 1))});
  }
  if (!good) return fail(Errc::invalid, sdk::quoted(text) + " names no images");
  return out;
}

std::string tag_of(const std::string& tag_template, const sdk::Version& version, std::string_view tag_of_today) {
  std::string out = tag_template;
  if (out.empty()) {
    const bool with_v = tag_of_today.starts_with('v') && sdk::Version::parse(tag_of_today).has_value();
    out = with_v ? "v{version}" : "{version}";
  }
  return out.replace(out.find(kHole), kHole.size(), version.str());
}

std::optional<sdk::Version> version_of_tag(const std::string& tag_template, std::string_view tag) {
  if (!tag_template.empty()) {
    const auto hole = tag_template.find(kHole);
    const auto before = std::string_view(tag_template).substr(0, hole), after = std::string_view(tag_template).substr(hole + kHole.size());
    if (tag.size() < before.size() + after.size() || !tag.starts_with(before) || !tag.ends_with(after)) return std::nullopt;
    tag.remove_prefix(before.size());
    tag.remove_suffix(after.size());
  }
  auto version = sdk::Version::parse(tag);
  if (!version) return std::nullopt;
  return std::move(*version);
}

std::optional<sdk::Version> version_of(const std::string& tag_template, const std::string& image,
                                       const std::optional<std::string>& version_annotation) {
  const auto reference = oci::parse_reference(image);
  if (!reference) return std::nullopt;
  if (auto version = version_of_tag(tag_template, reference->tag)) return version;
  if (!version_annotation) return std::nullopt;
  const auto space = version_annotation->find(' ');
  if (space == std::string::npos || std::string_view(*version_annotation).substr(space + 1) != image) return std::nullopt;
  auto version = sdk::Version::parse(std::string_view(*version_annotation).substr(0, space));
  if (!version) return std::nullopt;
  return std::move(*version);
}

std::string version_annotation(const sdk::Version& version, const std::string& image) { return version.str() + " " + image; }

}  // namespace upkeep::plugins::kubernetes
