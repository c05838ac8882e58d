// SPDX-License-Identifier: Apache-2.0
#pragma once
// A strict reader for the little XML that zypper prints and object stores answer with: elements, attributes, text, the five entities and
// characters by number. No document types, comments, or anything else that these have no use for; depth and number of elements are
// bounded.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sdk/result.h"

namespace upkeep::shared::xml {

struct XmlElement {
  std::string name;  // with its prefix, if it has one
  std::vector<std::pair<std::string, std::string>> attributes;
  std::string text;  // its own, without that of its children
  std::vector<XmlElement> children;

  // nullptr: it has no such attribute.
  [[nodiscard]] const std::string* attribute(std::string_view name) const;
  // The first of its own children that has that name; nullptr: there is none.
  [[nodiscard]] const XmlElement* child(std::string_view name) const;
  // Every element of that name below it, at any depth.
  [[nodiscard]] std::vector<const XmlElement*> all(std::string_view name) const;
};

// The root element. Errc::internal says at which line it stopped.
[[nodiscard]] sdk::Result<XmlElement> parse_xml(std::string_view text);

}  // namespace upkeep::shared::xml
