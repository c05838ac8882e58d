// SPDX-License-Identifier: Apache-2.0
#include "sdk/kept.h"

#include <algorithm>

#include "sdk/text.h"
#include "sdk/version.h"

namespace upkeep::sdk {
namespace {

bool digits(std::string_view text, std::string_view more) {
  return std::all_of(text.begin(), text.end(), [&](char c) { return is_digit(c) || more.find(c) != std::string_view::npos; });
}

bool read_file_line(std::string_view rest, Kept& copy) {
  const auto first = rest.find(' ');
  const auto second = first == std::string_view::npos ? first : rest.find(' ', first + 1);
  if (second == std::string_view::npos) return false;
  const auto size = parse_number(rest.substr(first + 1, second - first - 1));
  const KeptFile file{std::string(rest.substr(second + 1)), size.value_or(0), std::string(rest.substr(0, first))};
  if (!size || file.sha256.size() != 64 || !digits(file.sha256, "abcdef") || !is_kept_path(file.path)) return false;
  copy.files.push_back(file);
  return true;
}

bool read_companion(std::string_view rest, Kept& copy) {
  const auto blank = std::min(rest.find(' '), rest.size());
  const KeptPackage one{std::string(rest.substr(0, blank)), std::string(rest.substr(std::min(blank + 1, rest.size())))};
  copy.with.push_back(one);
  return is_package_name(one.name) && is_package_version(one.version);
}

bool read_line(std::string_view word, std::string_view rest, Kept& copy) {
  if (word == "file") return read_file_line(rest, copy);
  if (word == "folder") return !(copy.folder = rest).empty() && rest.size() <= 9 && digits(rest, "");
  if (word == "package") return is_package_name(copy.package = rest);
  if (word == "with") return read_companion(rest, copy);
  if (word == "origin") return !(copy.origin = rest).empty();
  if (word == "since") {
    const auto time = parse_rfc3339(rest);
    if (time) copy.since = *time;
    return time.has_value();
  }
  return false;
}

bool complete(const Kept& copy) { return !copy.folder.empty() && !copy.origin.empty() && !copy.files.empty(); }

}  // namespace

bool is_kept_path(std::string_view path) {
  if (path.empty() || path.front() == '/' || path.size() > 1024) return false;
  for (std::size_t begin = 0; begin <= path.size();) {
    const auto end = std::min(path.find('/', begin), path.size());
    const auto part = path.substr(begin, end - begin);
    if (part.empty() || part == "." || part == "..") return false;
    begin = end + 1;
  }
  return std::none_of(path.begin(), path.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; });
}

std::string kept_text(const std::vector<Kept>& copies) {
  std::string out;
  for (const auto& copy : copies) {
    out += "version " + copy.version + "\nfolder " + copy.folder + "\norigin " + copy.origin + "\nsince " + rfc3339(copy.since) + "\n";
    if (!copy.package.empty()) out += "package " + copy.package + "\n";
    for (const auto& one : copy.with) out += "with " + one.name + " " + one.version + "\n";
    for (const auto& file : copy.files) out += "file " + file.sha256 + " " + std::to_string(file.size) + " " + file.path + "\n";
  }
  return out;
}

Result<std::vector<Kept>> parse_kept(std::string_view text) {
  std::vector<Kept> copies;
  for (std::size_t line = 1; !text.empty(); ++line) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto words = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const auto blank = std::min(words.find(' '), words.size());
    const auto word = words.substr(0, blank), rest = words.substr(std::min(blank + 1, words.size()));
    bool good = false;
    if (word == "version") {
      good = is_package_version(rest) && (copies.empty() || complete(copies.back()));
      copies.emplace_back().version = rest;
    } else if (!copies.empty()) {
      good = read_line(word, rest, copies.back());
    }
    if (!good)
      return fail(Errc::invalid, "line " + std::to_string(line) + " of what the store holds cannot be read: " + quoted(words, 120));
  }
  if (!copies.empty() && !complete(copies.back())) return fail(Errc::invalid, "what the store holds ends too early");
  return copies;
}

}  // namespace upkeep::sdk
