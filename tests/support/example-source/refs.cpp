// SPDX-License-Identifier: Apache-2.0
#include "refs.h"

#include <algorithm>
#include <array>
#include <optional>

#include "sdk/text.h"
#include "sdk/version.h"

namespace tags {
namespace {

using sdk::Errc;
using sdk::fail;
using sdk::Result;

constexpr std::string_view kTags = "refs/tags/";
constexpr std::size_t kMostLoose = 256;  // of one file: an object's name and a newline

// The name of an object: SHA-1 or SHA-256.
bool is_object(std::string_view text) {
  return (text.size() == 40 || text.size() == 64) &&
         std::all_of(text.begin(), text.end(), [](char c) { return sdk::is_digit(c) || (c >= 'a' && c <= 'f'); });
}

Result<void> too_many(const std::string& where) {
  return fail(Errc::invalid, where + ": more than " + std::to_string(kMostTags) + " tags");
}

// Tags of one folder of loose refs; a folder that does not exist has none.
Result<void> add_loose(sdk::Files& files, const std::string& folder, const std::string& prefix, std::set<std::string>& out) {
  const std::string where = folder + "/" + std::string(kTags) + prefix;
  const auto names = files.list(where);
  if (!names && names.error().code == Errc::unsupported) return {};
  if (!names) return fail(names.error());
  if (names->size() > kMostTags) return too_many(where);
  for (const std::string& name : *names) {
    // git's own temporary files end so, and no ref may.
    if (name.ends_with(".lock") || !sdk::Version::parse(name)) continue;
    const auto text = files.read(where + name, kMostLoose);
    if (!text && text.error().code == Errc::unsupported) continue;  // deleted, or packed, just now
    if (!text) return fail(text.error());
    if (!is_object(sdk::trimmed(*text))) return fail(Errc::invalid, where + name + ": " + sdk::quoted(*text) + " is no object's name");
    out.insert(prefix + name);
  }
  return {};
}

// "OBJECT refs/tags/NAME" → NAME; empty: a line about something else; nullopt: git does not write such a line.
std::optional<std::string> tag_of(std::string_view line) {
  if (line.starts_with('#')) return "";
  if (line.starts_with('^')) return is_object(line.substr(1)) ? std::optional<std::string>("") : std::nullopt;
  const auto blank = line.find(' ');
  if (blank == std::string_view::npos || !is_object(line.substr(0, blank))) return std::nullopt;
  const std::string_view ref = line.substr(blank + 1);
  if (!ref.starts_with("refs/")) return std::nullopt;
  return ref.starts_with(kTags) ? std::string(ref.substr(kTags.size())) : "";
}

}  // namespace

Result<std::set<std::string>> parse_packed(std::string_view text, const std::string& shown) {
  std::set<std::string> out;
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.empty()) return out;
  std::size_t number = 0;
  for (const std::string_view line : sdk::split(text, '\n')) {
    ++number;
    const auto tag = tag_of(line);
    const std::string place = shown + ":" + std::to_string(number);
    if (!tag) return fail(Errc::invalid, place + ": " + sdk::quoted(line) + " is no line of packed-refs");
    if (!tag->empty()) out.insert(*tag);
    if (out.size() > kMostTags) return fail(too_many(place).error());
  }
  return out;
}

Result<std::set<std::string>> read_tags(sdk::Files& files, const std::string& folder) {
  // The folders of loose refs first: git packs a ref before it removes the loose one, so none is missed.
  std::set<std::string> out;
  for (const char* prefix : {"", "critical/"}) {
    if (const auto added = add_loose(files, folder, prefix, out); !added) return fail(added.error());
  }
  const std::string packed = folder + "/packed-refs";
  const auto text = files.read(packed, kMostPacked);
  if (!text && text.error().code != Errc::unsupported) return fail(text.error());
  if (!text && !files.exists(folder + "/refs"))
    return fail(Errc::invalid, folder + ": no git repository: neither refs nor packed-refs is there");
  if (!text) return out;
  auto more = parse_packed(*text, packed);
  if (more) more->merge(out);
  return more;
}

}  // namespace tags
