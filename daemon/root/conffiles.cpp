// SPDX-License-Identifier: Apache-2.0
#include "root/conffiles.h"

#include <filesystem>

#include "io/durable.h"
#include "sdk/root_helper.h"

namespace upkeep::root {
namespace {

namespace fs = std::filesystem;
using sdk::Errc;
using sdk::Result;

constexpr std::size_t kMostBytes = std::size_t{4} * 1024 * 1024;

using Packages = std::vector<Package>;

// A line for each package.
std::string stamp(const Package& now) { return now.name + " " + now.version + " " + now.installed_at + "\n"; }

// By the text of `then`: it is the version of then, and was installed since.
bool was_installed_again(const Package& now, const std::string& then) {
  const auto begin = ("\n" + then).find("\n" + now.name + " " + now.version + " ");
  return begin != std::string::npos && !std::string_view(then).substr(begin).starts_with(stamp(now));
}

// In the snapshot a file has its own path, below a folder that only root may enter.
Result<void> copy(Outside& outside, const std::string& from, const std::string& to) {
  std::error_code error;
  fs::create_directories(fs::path(outside.base + to).parent_path(), error);
  return run(outside, {"/usr/bin/cp", "--preserve=all", "--no-dereference", "--", outside.base + from, outside.base + to})
      .map([](const std::string&) {});
}

Result<void> take(Outside& outside, const std::string& agent, const Packages& packages) {
  const std::string folder = sdk::conffiles_path(agent), fresh = folder + ".new";
  std::error_code error;
  fs::remove_all(outside.base + fresh, error);
  fs::create_directories(outside.base + fresh, error);
  fs::permissions(outside.base + fresh, fs::perms(0700), error);
  if (error) return sdk::fail(io::errno_error("cannot make " + fresh, error.value()));
  std::string stamps;
  for (const auto& now : packages) {
    stamps += stamp(now);
    for (const auto& file : now.conffiles) {
      if (!outside.files.read(file.path, kMostBytes)) continue;  // gone, or not root's alone: nothing that could be put back
      if (auto copied = copy(outside, file.path, fresh + "/files" + file.path); !copied) return copied;
    }
  }
  if (auto written = io::write_atomic(outside.base + fresh + "/stamp", stamps, 0600); !written) return written;
  fs::remove_all(outside.base + folder, error);
  return io::rename_durable(outside.base + fresh, outside.base + folder);
}

// The length of a digest says which it is.
bool is_shipped(Outside& outside, const Conffile& file) {
  const auto said = run(outside, {file.digest.size() == 32 ? "/usr/bin/md5sum" : "/usr/bin/sha256sum", "--", outside.base + file.path});
  return said && said->starts_with(file.digest + " ");
}

Result<void> put_back(Outside& outside, const std::string& kept, const std::string& path) {
  const std::string fresh = path + ".upkeep-new";
  return copy(outside, kept, fresh).and_then([&] { return io::rename_durable(outside.base + fresh, outside.base + path); });
}

// One line for each file that is not as it was; empty: it is.
std::string compare(Outside& outside, const std::string& agent, const Conffile& file) {
  const std::string kept = sdk::conffiles_path(agent) + "/files" + file.path;
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
  const auto packages = look(outside, grant);
  if (!packages) return sdk::fail(packages.error());
  // In the middle of a change nothing is what a way back has to bring again: what was kept before it stays.
  for (const auto& now : *packages) {
    if (now.whole) continue;
    outside.out << now.name << " is " << now.status << ": left alone\n";
    return {};
  }
  const auto then = outside.files.read(sdk::conffiles_path(grant.agent) + "/stamp", 16384);
  std::string report;
  for (const auto& now : *packages) {
    if (!then || !was_installed_again(now, *then)) continue;
    for (const auto& file : now.conffiles) {
      const auto line = compare(outside, grant.agent, file);
      if (!line.empty()) report += line + "\n";
      for (const auto& end : grant.manager->left_overs)
        if (outside.files.exists(file.path + end)) report += file.path + end + " was left beside it\n";
    }
  }
  outside.out << report;
  if (auto written = write(outside, sdk::differences_path(grant.agent), report); !written) return written;
  return take(outside, grant.agent, *packages);
}

Result<void> forget_conffiles(Outside& outside, const std::string& agent) {
  std::error_code error;
  fs::remove_all(outside.base + sdk::conffiles_path(agent), error);
  fs::remove_all(outside.base + sdk::conffiles_path(agent) + ".new", error);
  if (error) return sdk::fail(io::errno_error("cannot remove " + sdk::conffiles_path(agent), error.value()));
  return remove(outside, sdk::differences_path(agent));
}

}  // namespace upkeep::root
