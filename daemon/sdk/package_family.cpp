// SPDX-License-Identifier: Apache-2.0
#include "sdk/package_family.h"

#include <array>
#include <string>

#include "sdk/text.h"

namespace upkeep::sdk {
namespace {

struct Row {
  std::string_view word, family;
};
constexpr std::array<Row, 6> kBackends = {
    {{"apt", "apt"}, {"aptcc", "apt"}, {"dnf", "yum"}, {"dnf5", "yum"}, {"yum", "yum"}, {"zypp", "zypper"}}};
constexpr std::array<Row, 9> kSystems = {{{"debian", "apt"},
                                          {"ubuntu", "apt"},
                                          {"rhel", "yum"},
                                          {"fedora", "yum"},
                                          {"centos", "yum"},
                                          {"amzn", "yum"},
                                          {"suse", "zypper"},
                                          {"opensuse", "zypper"},
                                          {"sles", "zypper"}}};

template <std::size_t N>
std::string_view family_in(const std::array<Row, N>& rows, std::string_view word) {
  for (const auto& row : rows)
    if (row.word == word) return row.family;
  return {};
}

// KEY=value, KEY="value" or KEY='value'; the last one counts, as for a shell.
std::string_view value_of(std::string_view text, std::string_view key) {
  std::string_view out;
  for (const auto raw : split(text, '\n')) {
    const auto line = trimmed(raw);
    if (line.size() <= key.size() || !line.starts_with(key) || line[key.size()] != '=') continue;
    out = trimmed(line.substr(key.size() + 1));
    const bool in_quotes = out.size() >= 2 && out.front() == out.back() && (out.front() == '"' || out.front() == '\'');
    if (in_quotes) out = out.substr(1, out.size() - 2);
  }
  return out;
}

}  // namespace

Result<std::string_view> pick_family(std::string_view os_release, std::string_view backend) {
  if (const auto family = family_in(kBackends, backend); !family.empty()) return family;
  const auto id = value_of(os_release, "ID"), like = value_of(os_release, "ID_LIKE");
  for (const auto text : {id, like})
    for (const auto word : split(text, ' '))
      if (const auto family = family_in(kSystems, word); !family.empty()) return family;
  return fail(Errc::unsupported, "cannot tell whether packages are apt's, yum's or zypper's: PackageKit's backend is " +
                                     (backend.empty() ? std::string("not known") : quoted(backend)) + ", and os-release says ID=" +
                                     quoted(id) + " and ID_LIKE=" + quoted(like) + "; name the installer in place of \"auto\"");
}

std::vector<std::string> backend_question() {
  return words({"/usr/bin/busctl", "--timeout=20", "get-property", "org.freedesktop.PackageKit", "/org/freedesktop/PackageKit",
                "org.freedesktop.PackageKit", "BackendName"});
}

std::string_view backend_in(std::string_view answer) {
  const auto parts = split(answer, '"');  // s "apt"
  return parts.size() == 3 ? parts[1] : "";
}

}  // namespace upkeep::sdk
