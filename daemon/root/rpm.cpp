// SPDX-License-Identifier: Apache-2.0
#include "root/rpm.h"

#include <algorithm>

#include "sdk/text.h"
#include "sdk/version.h"

namespace upkeep::root {
namespace {

using sdk::Errc;
using sdk::Result;
using sdk::split;
using sdk::trimmed;

constexpr const char* kQuery =
    "%{NAME}\t%|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}\t%{ARCH}\t%{INSTALLTIME}\t%{DBINSTANCE}\t%{LONGSIZE}\n";
constexpr std::size_t kMostConfigFiles = 500;
constexpr std::size_t kMostSources = std::size_t{1024} * 1024;

// A line of `rpm --dump` is "PATH SIZE MTIME DIGEST MODE OWNER GROUP CONFIG DOC RDEV LINK"; a path may have blanks, a plain file has no
// link.
void add_config_file(std::string_view line, std::vector<Conffile>& files) {
  const auto words = split(line, ' ');
  if (words.size() < 11 || !line.starts_with('/') || files.size() == kMostConfigFiles) return;
  const auto from_end = [&](std::size_t n) { return words[words.size() - n]; };
  if (from_end(1) != "X" || !from_end(7).starts_with("0100")) return;
  const auto path = line.substr(0, static_cast<std::size_t>(from_end(10).data() - line.data()) - 1);
  files.push_back({std::string(path), std::string(from_end(8)), false});
}

// What rpm installs beside itself on purpose, as kernels.
Result<bool> comes_several_times(Outside& outside, const std::string& package) {
  if (package.starts_with("kernel")) return true;
  const auto provides = run(outside, {"/usr/bin/rpm", "-q", "--provides", package});
  if (!provides) return sdk::fail(provides.error());
  const auto lines = split(*provides, '\n');
  return std::any_of(lines.begin(), lines.end(),
                     [](std::string_view line) { return line.starts_with("installonlypkg(") || line.starts_with("multiversion("); });
}

// Those that a transaction which did not end had yet to erase: another version of the same architecture was installed later. noarch takes
// the place of any architecture, and any that of noarch; two architectures stand beside each other, in whatever versions.
Result<std::vector<Instance>> left_over(Outside& outside, const std::string& package, const std::vector<Instance>& found) {
  std::vector<Instance> stay, out;
  for (const auto& one : found) {
    const bool replaced = std::any_of(stay.begin(), stay.end(), [&](const Instance& later) {
      return later.version != one.version && (later.arch == one.arch || later.arch == "noarch" || one.arch == "noarch");
    });
    (replaced ? out : stay).push_back(one);
  }
  if (out.empty()) return out;
  return comes_several_times(outside, package).map([&](bool several) { return several ? std::vector<Instance>() : out; });
}

}  // namespace

Result<std::vector<Instance>> instances(Outside& outside, const std::string& package) {
  // -a: a package that is not there is no failure.
  const auto text = run(outside, {"/usr/bin/rpm", "-qa", "--qf", kQuery, package});
  if (!text) return sdk::fail(text.error());
  std::vector<std::pair<std::pair<std::uint64_t, std::uint64_t>, Instance>> found;
  for (const auto line : split(*text, '\n')) {
    const auto f = split(line, '\t');
    if (f.size() != 6 || f[0] != package) continue;
    const auto time = sdk::parse_number(f[3]), number = sdk::parse_number(f[4]);
    const std::string version(f[1].starts_with("0:") ? f[1].substr(2) : f[1]), arch(f[2]);
    if (!time || !number || !sdk::is_package_version(version) || !sdk::is_package_name(arch))
      return sdk::fail(Errc::internal, "rpm says of " + package + " what cannot be read: " + sdk::quoted(line, 120));
    found.push_back({{*time, *number}, {version, arch, std::string(f[3]), sdk::parse_number(f[5]).value_or(0)}});
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<Instance> out;
  out.reserve(found.size());
  for (auto& one : found) out.push_back(std::move(one.second));
  return out;
}

Result<Package> look_at_rpm(Outside& outside, const std::string& package) {
  const auto found = instances(outside, package);
  if (!found) return sdk::fail(found.error());
  Package out;
  out.name = package;
  out.status = "not installed";
  if (found->empty()) return out;
  const auto old = left_over(outside, package, *found);
  if (!old) return sdk::fail(old.error());
  const Instance& last = found->front();
  out.there = true;
  out.whole = old->empty();
  out.status = out.whole ? "installed" : "installed twice";
  out.version = last.version;
  out.installed_at = last.installed_at;
  for (const auto& one : *found) out.size += one.size;
  if (!out.whole) return out;
  const auto files = run(outside, {"/usr/bin/rpm", "-q", "-c", "--dump", package});
  if (!files) return sdk::fail(files.error());
  for (const auto line : split(*files, '\n')) add_config_file(line, out.conffiles);
  return out;
}

Result<std::vector<std::string>> repair_rpm(Outside& outside, const std::vector<std::string>& packages, bool scripts) {
  std::vector<std::string> argv = {"/usr/bin/rpm", "--erase"};
  if (!scripts) argv.insert(argv.end(), {"--noscripts", "--notriggers"});
  const std::size_t none = argv.size();
  for (const auto& package : packages) {
    const auto old = instances(outside, package).and_then([&](const auto& found) { return left_over(outside, package, found); });
    if (!old) return sdk::fail(old.error());
    for (const auto& one : *old) argv.push_back(package + "-" + one.version + "." + one.arch);
  }
  if (argv.size() == none) argv.clear();
  return argv;
}

std::string Section::value(std::string_view key) const {
  const auto at = std::find_if(keys.begin(), keys.end(), [&](const auto& one) { return one.first == key; });
  return at == keys.end() ? "" : at->second;
}

std::vector<Section> sections_of(std::string_view text, const std::string& file) {
  std::vector<Section> out;
  for (const auto raw : split(text, '\n')) {
    const auto line = trimmed(raw);
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    const auto equals = line.find('=');
    if (raw.front() == ' ' || raw.front() == '\t') {
      if (!out.empty() && !out.back().keys.empty()) out.back().keys.back().second.append(" ").append(line);
    } else if (line.front() == '[' && line.back() == ']') {
      out.push_back({std::string(line.substr(1, line.size() - 2)), file, {}});
    } else if (!out.empty() && equals != std::string_view::npos) {
      out.back().keys.emplace_back(sdk::lower(trimmed(line.substr(0, equals))), trimmed(line.substr(equals + 1)));
    }
  }
  return out;
}

Result<std::vector<Section>> repositories(Outside& outside, const std::string& folder) {
  auto names = outside.files.list(folder);
  if (!names) return sdk::fail("reading the repositories of this host", names.error());
  std::sort(names->begin(), names->end());
  std::vector<Section> out;
  for (const auto& name : *names) {
    if (!name.ends_with(".repo") || name.starts_with("upkeep-store-")) continue;
    const auto text = outside.files.read(folder + "/" + name, kMostSources);
    if (!text) return sdk::fail("reading the repositories of this host", text.error());
    for (auto& section : sections_of(*text, folder + "/" + name))
      if (const auto enabled = section.value("enabled"); enabled.empty() || is_on(enabled)) out.push_back(std::move(section));
  }
  return out;
}

bool is_on(std::string_view value) {
  const auto word = sdk::lower(value);
  return word == "1" || word == "yes" || word == "true" || word == "on";
}

std::string store_id(const std::string& agent) { return "upkeep-store-" + agent + "-N"; }

}  // namespace upkeep::root
