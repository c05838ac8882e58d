// SPDX-License-Identifier: Apache-2.0
// Reading release.json. Each member has a reader of its own; the first thing that is wrong is what the error says.
#include "core/release_document.h"

#include <algorithm>
#include <array>
#include <functional>

#include "core/config_json.h"
#include "core/strict_json.h"
#include "sdk/text.h"

namespace upkeep::core {

using nlohmann::json;
using sdk::Errc;
using sdk::quoted;
using sdk::Result;

namespace {

constexpr std::size_t kLongestText = 512;
// What other readers of JSON hold exactly.
constexpr std::uint64_t kHighestSerial = (std::uint64_t(1) << 53) - 1;

using Problem = std::string;  // "" when there is none

Problem read_text(const json& value, std::string& out, std::size_t longest = kLongestText) {
  if (!value.is_string()) return "must be text";
  out = value.get<std::string>();
  if (out.empty()) return "is empty";
  if (out.size() > longest) return "is longer than " + std::to_string(longest) + " bytes";
  if (std::any_of(out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }))
    return "has control characters";
  return "";
}

Problem read_version(const json& value, std::optional<sdk::Version>& out) {
  std::string text;
  if (auto problem = read_text(value, text); !problem.empty()) return problem;
  const auto version = sdk::Version::parse(text);
  if (!version) return version.error().message;
  out = *version;
  return "";
}

Problem read_time(const json& value, std::optional<sdk::TimePoint>& out) {
  std::string text;
  if (auto problem = read_text(value, text); !problem.empty()) return problem;
  const auto time = sdk::parse_rfc3339(text);
  if (!time) return time.error().message;
  out = *time;
  return "";
}

// The members of one entry of a list: each of `required` is there, and no other than those and `optional`.
Problem check_entry(const json& entry, std::initializer_list<std::string_view> required, std::initializer_list<std::string_view> optional) {
  if (!entry.is_object()) return "must be a list of objects";
  for (const auto name : required)
    if (!entry.contains(name)) return "has an entry without " + quoted(name);
  const auto among = [](const auto& names, const std::string& name) { return std::find(names.begin(), names.end(), name) != names.end(); };
  for (const auto& [name, value] : entry.items())
    if (!among(required, name) && !among(optional, name)) return "has an entry with an unknown member " + quoted(name);
  return "";
}

Problem read_rollout(const json& value, Document& out) {
  if (!value.is_array() || value.empty()) return "must be a list of stages";
  for (const json& entry : value) {
    if (auto problem = check_entry(entry, {"starts", "percent"}, {}); !problem.empty()) return problem;
    std::optional<sdk::TimePoint> starts;
    if (auto problem = read_time(entry["starts"], starts); !problem.empty()) return "starts " + problem;
    const json& percent = entry["percent"];
    if (!percent.is_number_unsigned() || percent.get<std::uint64_t>() > 100) return "percent must be a whole number from 0 to 100";
    out.release.rollout.push_back({*starts, percent.get<int>()});
  }
  return "";
}

Problem read_withdrawn(const json& value, Document& out) {
  if (!value.is_array()) return "must be a list";
  for (const json& entry : value) {
    if (auto problem = check_entry(entry, {"version"}, {"go_to"}); !problem.empty()) return problem;
    std::optional<sdk::Version> version, go_to;
    if (auto problem = read_version(entry["version"], version); !problem.empty()) return "version " + problem;
    if (entry.contains("go_to"))
      if (auto problem = read_version(entry["go_to"], go_to); !problem.empty()) return "go_to " + problem;
    if (go_to == version) return "sends " + version->str() + " to itself";
    const auto& before = out.release.withdrawn;
    if (std::any_of(before.begin(), before.end(), [&](const auto& one) { return one.version == *version; }))
      return "names " + version->str() + " twice";
    out.release.withdrawn.push_back({*version, go_to});
  }
  return "";
}

// Name → what stands for it: `prefix` and 64 hexadecimal digits.
Problem read_digests(const json& value, std::string_view prefix, std::map<std::string, std::string>& out) {
  if (!value.is_object()) return "must be a table";
  for (const auto& [name, digest] : value.items()) {
    std::string text;
    if (name.empty() || name.size() > kLongestText || !std::all_of(name.begin(), name.end(), [](char c) { return c > 0x20 && c < 0x7f; }))
      return "has a name that is none: " + quoted(name);
    if (auto problem = read_text(digest, text); !problem.empty()) return quoted(name) + " " + problem;
    const std::string_view hex = std::string_view(text).substr(std::min(prefix.size(), text.size()));
    const auto is_hex = [](char c) { return sdk::is_digit(c) || (c >= 'a' && c <= 'f'); };
    if (!text.starts_with(prefix) || hex.size() != 64 || !std::all_of(hex.begin(), hex.end(), is_hex))
      return quoted(name) + " must be " + (prefix.empty() ? "" : quoted(prefix) + " and ") + "64 hexadecimal digits in lower case";
    out.emplace(name, std::move(text));
  }
  return "";
}

Problem read_packages(const json& value, Document& out) {
  if (auto problem = read_digests(value, "", out.release.packages); !problem.empty()) return problem;
  for (const auto& [name, digest] : out.release.packages)
    if (name.find('/') != std::string::npos) return "names a file with a folder: " + quoted(name);
  return "";
}

Problem read_notes(const json& value, Document& out) {
  if (auto problem = read_text(value, out.release.notes_url); !problem.empty()) return problem;
  return out.release.notes_url.starts_with("https://") ? "" : "must be an https address";
}

bool has_null(const json& value) { return value.is_null() || (value.is_structured() && std::any_of(value.begin(), value.end(), has_null)); }

Problem read_schedule(const json& value, Document& out) {
  if (!value.is_object()) return "must be a table";
  if (has_null(value)) return "has a value that is null";
  out.release.schedule = config_from_json(value);
  return "";
}

Problem read_keys(const json& value, Document& out) {
  if (!value.is_array() || value.size() > kMostAnnounced) return "must be a list of at most " + std::to_string(kMostAnnounced) + " keys";
  out.keys.emplace();
  for (const json& entry : value) {
    std::string text;
    if (auto problem = read_text(entry, text); !problem.empty()) return problem;
    auto key = parse_minisign_key(text);
    if (!key) return key.error().message;
    if (std::any_of(out.keys->begin(), out.keys->end(), [&](const auto& one) { return one.id == key->id; }))
      return "names the key " + key->id + " twice";
    out.keys->push_back(std::move(*key));
  }
  return "";
}

Problem read_serial(const json& value, Document& out) {
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() < 1 || value.get<std::uint64_t>() > kHighestSerial)
    return "must be a whole number from 1 to " + std::to_string(kHighestSerial);
  out.release.serial = value.get<std::uint64_t>();
  return "";
}

Problem read_release_version(const json& value, Document& out) {
  return value == "none" ? Problem() : read_version(value, out.release.version);
}

Problem read_critical(const json& value, Document& out) {
  if (!value.is_boolean()) return "must be true or false";
  out.release.critical = value.get<bool>();
  return "";
}

struct Member {
  std::string_view name;
  bool required;
  Problem (*read)(const json&, Document&);
};

constexpr std::array<Member, 15> kMembers = {{
    {"channel", true, [](const json& value, Document& out) { return read_text(value, out.channel); }},
    {"version", true, read_release_version},
    {"critical", true, read_critical},
    {"serial", true, read_serial},
    {"issued", true, [](const json& value, Document& out) { return read_time(value, out.release.issued); }},
    {"expires", true, [](const json& value, Document& out) { return read_time(value, out.release.expires); }},
    {"notes", false, read_notes},
    {"not_before", false, [](const json& value, Document& out) { return read_time(value, out.release.not_before); }},
    {"minimum_from", false, [](const json& value, Document& out) { return read_version(value, out.release.minimum_from); }},
    {"rollout", false, read_rollout},
    {"withdrawn", false, read_withdrawn},
    {"schedule", false, read_schedule},
    {"images", false, [](const json& value, Document& out) { return read_digests(value, "sha256:", out.release.images); }},
    {"packages", false, read_packages},
    {"keys", false, read_keys},
}};

const Member* find_member(std::string_view name) {
  const auto* found = std::find_if(kMembers.begin(), kMembers.end(), [&](const Member& member) { return member.name == name; });
  return found == kMembers.end() ? nullptr : found;
}

Result<void> check_requires(const json& document) {
  const auto wanted = document.find("requires");
  if (wanted == document.end()) return {};
  if (!wanted->is_array()) return sdk::fail(Errc::invalid, "requires must be a list of names");
  for (const json& one : *wanted) {
    if (!one.is_string()) return sdk::fail(Errc::invalid, "requires must be a list of names");
    if (find_member(one.get<std::string>()) == nullptr)
      return sdk::fail(Errc::unsupported, "it requires " + quoted(one.get<std::string>()) + ", which this version of Upkeep does not know");
  }
  return {};
}

}  // namespace

Result<Document> parse_document(std::string_view bytes) {
  if (bytes.size() > kMostDocumentBytes) return sdk::fail(Errc::invalid, "it is longer than 64 KiB");
  const auto parsed = parse_strict_json(bytes, {.depth = kMostDepth, .entries = kMostEntries});
  if (!parsed) return sdk::fail(parsed.error());
  if (const auto known = check_requires(*parsed); !known) return sdk::fail(known.error());
  Document out;
  for (const Member& member : kMembers) {
    const auto value = parsed->find(member.name);
    if (value == parsed->end()) {
      if (member.required) return sdk::fail(Errc::invalid, std::string(member.name) + " is missing");
      continue;
    }
    if (const Problem problem = member.read(*value, out); !problem.empty())
      return sdk::fail(Errc::invalid, std::string(member.name) + ": " + problem);
  }
  if (*out.release.expires <= *out.release.issued) return sdk::fail(Errc::invalid, "expires: is not later than issued");
  constexpr std::size_t kMostWarnings = 5;
  for (const auto& [name, value] : parsed->items())
    if (name != "requires" && find_member(name) == nullptr && out.warnings.size() < kMostWarnings)
      out.warnings.push_back("release.json has an unknown member " + quoted(name) + ", which is left alone");
  return out;
}

}  // namespace upkeep::core
