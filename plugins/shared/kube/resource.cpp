// SPDX-License-Identifier: Apache-2.0
#include "shared/kube/resource.h"

#include <algorithm>

#include "sdk/text.h"

namespace upkeep::plugins::shared::kube {

namespace {

bool alnum(char c) { return (c >= 'a' && c <= 'z') || sdk::is_digit(c); }

}  // namespace

std::string Resource::path() const {
  std::string out = (group_version.find('/') == std::string::npos ? "/api/" : "/apis/") + group_version;
  if (!space.empty()) out += "/namespaces/" + space;
  out += "/" + kind;
  if (!name.empty()) out += "/" + name;
  return sub.empty() ? out : out + "/" + sub;
}

std::string Resource::shown() const {
  if (name.empty()) return kind + " in " + space;
  std::string one = kind;
  if (one.ends_with('s')) one.pop_back();
  return one + " " + space + "/" + name + (sub.empty() ? "" : " (" + sub + ")");
}

bool is_label(std::string_view text) {
  constexpr std::size_t kLongest = 63;
  if (text.empty() || text.size() > kLongest || !alnum(text.front()) || !alnum(text.back())) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return alnum(c) || c == '-'; });
}

bool is_name(std::string_view text) {
  constexpr std::size_t kLongest = 253;
  if (text.size() > kLongest) return false;
  const auto parts = sdk::split(text, '.');
  return std::all_of(parts.begin(), parts.end(), [](std::string_view part) {
    return !part.empty() && alnum(part.front()) && alnum(part.back()) &&
           std::all_of(part.begin(), part.end(), [](char c) { return alnum(c) || c == '-'; });
  });
}

}  // namespace upkeep::plugins::shared::kube
