// SPDX-License-Identifier: Apache-2.0
#include "root/conffiles.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "io/durable.h"
#include "sdk/root_helper.h"
#include "sdk/text.h"

namespace upkeep::root {
namespace {

namespace fs = std::filesystem;
using sdk::Errc;
using sdk::Result;

constexpr std::size_t kMostFiles = 500, kMostBytes = std::size_t{4} * 1024 * 1024;
constexpr std::string_view kLeftOvers[] = {".dpkg-dist", ".dpkg-new", ".dpkg-old"};

struct Conffile {
  std::string path, md5;  // of what the package ships
  bool obsolete = false;  // the installed version does not ship it any more
};
struct Seen {
  std::string status, version, installed_at;
  std::vector<Conffile> files;
};

// dpkg's lines are " PATH MD5[ obsolete]"; a path may have blanks.
Result<Seen> look(Outside& outside, const std::string& package) {
  const auto text = run(
      outside, {"/usr/bin/dpkg-query", "-W", "-f", "${db:Status-Status}\n${Version}\n${db-fsys:Last-Modified}\n${Conffiles}\n", package});
  if (!text) return sdk::fail(text.error());
  std::istringstream lines(*text);
  Seen seen;
  std::getline(lines, seen.status);
  std::getline(lines, seen.version);
  std::getline(lines, seen.installed_at);
  for (std::string line; std::getline(lines, line) && seen.files.size() < kMostFiles;) {
    Conffile file;
    std::string_view rest = sdk::trimmed(line);
    if (rest.ends_with(" obsolete")) {
      file.obsolete = true;
      rest.remove_suffix(std::string_view(" obsolete").size());
    }
    const auto blank = rest.rfind(' ');
    if (!rest.starts_with('/') || blank == std::string_view::npos) continue;
    file.path = rest.substr(0, blank);
    file.md5 = rest.substr(blank + 1);
    seen.files.push_back(std::move(file));
  }
  return seen;
}

std::string stamp(const Seen& seen) { return seen.version + "\n" + seen.installed_at + "\n"; }

// In the snapshot a file has its own path, below a folder that only root may enter.
Result<void> copy(Outside& outside, const std::string& from, const std::string& to) {
  std::error_code error;
  fs::create_directories(fs::path(outside.base + to).parent_path(), error);
  return run(outside, {"/usr/bin/cp", "--preserve=all", "--no-dereference", "--", outside.base + from, outside.base + to})
      .map([](const std::string&) {});
}

Result<void> take(Outside& outside, const std::string& agent, const Seen& now) {
  const std::string folder = sdk::conffiles_path(agent), fresh = folder + ".new";
  std::error_code error;
  fs::remove_all(outside.base + fresh, error);
  fs::create_directories(outside.base + fresh, error);
  fs::permissions(outside.base + fresh, fs::perms(0700), error);
  if (error) return sdk::fail(io::errno_error("cannot make " + fresh, error.value()));
  for (const auto& file : now.files) {
    if (!outside.files.read(file.path, kMostBytes)) continue;  // gone, or not root's alone: nothing that could be put back
    if (auto copied = copy(outside, file.path, fresh + "/files" + file.path); !copied) return copied;
  }
  if (auto written = io::write_atomic(outside.base + fresh + "/stamp", stamp(now), 0600); !written) return written;
  fs::remove_all(outside.base + folder, error);
  return io::rename_durable(outside.base + fresh, outside.base + folder);
}

bool is_shipped(Outside& outside, const Conffile& file) {
  const auto said = run(outside, {"/usr/bin/md5sum", "--", outside.base + file.path});
  return said && said->starts_with(file.md5 + " ");
}

Result<void> put_back(Outside& outside, const std::string& kept, const std::string& path) {
  const std::string fresh = path + ".upkeep-new";
  return copy(outside, kept, fresh).and_then([&] { return io::rename_durable(outside.base + fresh, outside.base + path); });
}

// One line for each file that is not as it was; empty: it is.
std::string compare(Outside& outside, const std::string& folder, const Conffile& file) {
  const std::string kept = folder + "/files" + file.path;
  const auto before = outside.files.read(kept, kMostBytes), after = outside.files.read(file.path, kMostBytes);
  if (before && after && *before == *after) return "";
  if (!before && before.error().code != Errc::unsupported) return file.path + " was not compared: " + before.error().message;
  if (!after && after.error().code != Errc::unsupported) return file.path + " was not compared: " + after.error().message;
  if (before && !after) return file.path + " is gone";
  if (!before)
    return after ? file.path + " was not there before" + (file.obsolete ? ", and belongs to the version that was left" : "") : "";
  if (!is_shipped(outside, file)) return file.path + " is not as it was before";
  if (auto done = put_back(outside, kept, file.path); !done) return file.path + " is not as it was before: " + done.error().message;
  return file.path + " had been replaced, and was put back as it was before";
}

}  // namespace

Result<void> keep_conffiles(Outside& outside, const Grant& grant) {
  const auto now = look(outside, grant.package);
  if (!now) return sdk::fail(now.error());
  // In the middle of a change nothing is what a way back has to bring again: what was kept before it stays.
  if (now->status != "installed" && !now->status.starts_with("triggers-")) {
    outside.out << grant.package << " is " << now->status << ": left alone\n";
    return {};
  }
  const std::string folder = sdk::conffiles_path(grant.agent);
  const auto then = outside.files.read(folder + "/stamp", 4096);
  std::string report;
  if (then && *then != stamp(*now) && then->starts_with(now->version + "\n")) {
    for (const auto& file : now->files) {
      const auto line = compare(outside, folder, file);
      if (!line.empty()) report += line + "\n";
      for (const auto end : kLeftOvers)
        if (outside.files.exists(file.path + std::string(end))) report += file.path + std::string(end) + " was left beside it by dpkg\n";
    }
    outside.out << report;
  }
  if (auto written = write(outside, sdk::differences_path(grant.agent), report); !written) return written;
  return take(outside, grant.agent, *now);
}

Result<void> forget_conffiles(Outside& outside, const std::string& agent) {
  std::error_code error;
  fs::remove_all(outside.base + sdk::conffiles_path(agent), error);
  fs::remove_all(outside.base + sdk::conffiles_path(agent) + ".new", error);
  if (error) return sdk::fail(io::errno_error("cannot remove " + sdk::conffiles_path(agent), error.value()));
  return remove(outside, sdk::differences_path(agent));
}

}  // namespace upkeep::root
