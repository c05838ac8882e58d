// SPDX-License-Identifier: Apache-2.0
#pragma once
// A strict reader for the little XML that zypper prints: elements, attributes, text and the five entities. No document types, comments,
// or anything else that such a program has no use for; depth and number of elements are bounded.

#include <string>
#include <string_view>
#include <vector>

#include "sdk/result.h"

namespace upkeep::shared::native {

struct XmlElement {
  std::string name;
  std::vector<std::pair<std::string, std::string>> attributes;
  std::string text;  // its own, without that of its children
  std::vector<XmlElement> children;

  // nullptr: it has no such attribute.
  [[nodiscard]] const std::string* attribute(std::string_view name) const;
  // Every element of that name below it, at any depth.
  [[nodiscard]] std::vector<const XmlElement*> all(std::string_view name) const;
};

// The root element. Errc::internal says at which line it stopped.
[[nodiscard]] sdk::Result<XmlElement> parse_xml(std::string_view text);

}  // namespace upkeep::shared::native
