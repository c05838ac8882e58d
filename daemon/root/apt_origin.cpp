// SPDX-License-Identifier: Apache-2.0
#include "root/apt_origin.h"

#include <algorithm>

#include "sdk/kept.h"
#include "sdk/text.h"

namespace upkeep::root {
namespace {

using sdk::Errc;
using sdk::Result;
using sdk::split;
using sdk::trimmed;

constexpr std::size_t kMostSource = std::size_t{1024} * 1024;
constexpr const char* kFormat =
    "$(DESCRIPTION)\t$(REPO_URI)\t$(RELEASE)\t$(COMPONENT)\t$(ARCHITECTURE)\t$(URI)\t$(METAKEY)\t$(FILENAME)\t$(SOURCESENTRY)";

// As apt's pin `origin ""` sees it: file:, copy:, cdrom:, and mirror+file:, which images for clouds have for all of Debian.
bool has_no_host(std::string_view uri) {
  const auto rest = uri.substr(std::min(uri.find(':'), uri.size()));
  return !rest.starts_with("://") || rest.size() < 4 || rest[3] == '/';
}

// A flat repository has neither component nor architecture, and apt leaves the words for them as they are.
std::string or_nothing(std::string_view value) { return value.starts_with("$(") ? "" : std::string(value); }

// "./" in the paths of a flat repository is the folder itself.
std::string plain(std::string_view path) { return std::string(path.starts_with("./") ? path.substr(2) : path); }

// "signed-by=/a.gpg" in "deb [arch=amd64 signed-by=/a.gpg] https://…"
std::string signed_by_of_line(std::string_view line) {
  const auto open = line.find('['), close = line.find(']');
  if (open == std::string::npos || close == std::string::npos || close < open) return "";
  for (const auto& option : split(line.substr(open + 1, close - open - 1), ' '))
    if (sdk::lower(option).starts_with("signed-by=")) return std::string(option.substr(option.find('=') + 1));
  return "";
}

// The field of the stanza with that number, with the lines that continue it. Comments and blank stanzas do not count.
std::string signed_by_of_stanza(const std::string& text, std::uint64_t wanted) {
  std::uint64_t number = 0;
  bool inside = false, ours = false;
  std::string value;
  for (const auto& line : split(text, '\n')) {
    if (line.starts_with('#')) continue;
    if (trimmed(line).empty()) {
      inside = false;
      continue;
    }
    if (!inside) ++number;
    inside = true;
    const bool continues = line.front() == ' ' || line.front() == '\t';
    ours = number == wanted && (continues ? ours : sdk::lower(line).starts_with("signed-by:"));
    if (ours) value.append(continues ? "\n" : "").append(continues ? line : line.substr(line.find(':') + 1));
  }
  return value;
}

// `entry` is FILE:NUMBER, the number being that of a line or, in a .sources file, of a stanza.
Result<std::string> signed_by(Outside& outside, std::string_view entry) {
  const auto colon = entry.rfind(':');
  const auto number = colon == std::string_view::npos ? std::nullopt : sdk::parse_number(entry.substr(colon + 1));
  if (!number) return sdk::fail(Errc::internal, "apt names an entry of its sources that cannot be read: " + sdk::quoted(entry));
  const auto text = outside.files.read(std::string(entry.substr(0, colon)), kMostSource);
  if (!text) return sdk::fail("reading who signs the repository", text.error());
  if (entry.substr(0, colon).ends_with(".sources")) return signed_by_of_stanza(*text, *number);
  const auto lines = split(*text, '\n');
  return *number >= 1 && *number <= lines.size() ? signed_by_of_line(lines[*number - 1]) : std::string();
}

}  // namespace

Result<Origin> find_origin(Outside& outside, const std::string& package, const std::string& version) {
  const auto offers = run(outside, {"/usr/bin/apt-cache", "madison", package});
  if (!offers) return sdk::fail(offers.error());
  const auto targets = run(outside, {"/usr/bin/apt-get", "indextargets", "--format", kFormat, "Created-By: Packages"});
  if (!targets) return sdk::fail(targets.error());
  for (const auto& line : split(*offers, '\n')) {
    const auto columns = split(line, '|');
    if (columns.size() != 3 || trimmed(columns[0]) != package || trimmed(columns[1]) != version) continue;
    for (const auto& target : split(*targets, '\n')) {
      const auto f = split(target, '\t');
      if (f.size() != 9 || f[0] != trimmed(columns[2]) || has_no_host(f[1])) continue;
      const std::string shown(f[0]);
      if (!f[5].starts_with(f[1]) || !f[5].ends_with(f[6])) continue;
      const std::string index = plain(f[5].substr(f[1].size()));
      if (!sdk::is_kept_path(index) || index.size() < f[6].size())
        return sdk::fail(Errc::unsupported, shown + ": its index has a path that cannot be kept: " + sdk::quoted(index));
      auto key = signed_by(outside, f[8]);
      if (!key) return sdk::fail(key.error());
      return Origin{shown,
                    std::string(f[1]),
                    std::string(f[2]),
                    or_nothing(f[3]),
                    or_nothing(f[4]),
                    index.substr(0, index.size() - f[6].size()),
                    index,
                    *key,
                    std::string(f[7])};
    }
  }
  return sdk::fail(Errc::unsupported, "no repository of this host offers " + package + " " + version + " any more");
}

Result<std::string> no_store(Outside& outside) {
  const auto targets = run(outside, {"/usr/bin/apt-get", "indextargets", "--format", "$(REPO_URI)"});
  if (!targets) return sdk::fail(targets.error());
  for (const auto& uri : split(*targets, '\n'))
    if (!uri.empty() && has_no_host(uri) && !uri.starts_with("file:" + std::string(sdk::kStoreFolder)))
      return "its pin would put the source " + std::string(uri) + " of this host, which has no host name, behind as well";
  return std::string();
}

// Nothing but the index of packages is in a copy, in the form in which it was served.
std::string source_text(const Origin& origin, const std::string& uri, bool frozen) {
  std::string out = "Types: deb\nURIs: " + uri + "\nSuites: " + origin.suite + "\n";
  if (!origin.component.empty()) out += "Components: " + origin.component + "\n";
  if (!origin.architecture.empty()) out += "Architectures: " + origin.architecture + "\n";
  if (!trimmed(origin.signed_by).empty()) out += "Signed-By: " + std::string(trimmed(origin.signed_by)) + "\n";
  out += "Targets: Packages\nLanguages: none\nPDiffs: no\n";
  if (frozen) out += "By-Hash: no\nCheck-Valid-Until: no\n";
  return out;
}

}  // namespace upkeep::root
