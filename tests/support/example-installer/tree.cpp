// SPDX-License-Identifier: Apache-2.0
#include "tree.h"

#include "sdk/text.h"
#include "sdk/version.h"

namespace versions {

using sdk::Errc;
using sdk::fail;
using sdk::Result;
using sdk::Task;

namespace {

constexpr std::string_view kHole = "{version}";
constexpr std::string_view kInto = "versions/";

// Which reaction a program's complaint asks for: what is nobody's fault must not count against the version.
Errc code_of(const std::string& complaint) {
  for (const char* words : {"No space left on device", "Disk quota exceeded"})
    if (complaint.find(words) != std::string::npos) return Errc::transient;
  for (const char* words : {"Permission denied", "Read-only file system", "Operation not permitted"})
    if (complaint.find(words) != std::string::npos) return Errc::denied;
  return Errc::internal;
}

template <typename... Words>
std::vector<std::string> words(const Words&... all) {
  return {std::string(all)...};
}

// A program that has to succeed.
Task<Result<void>> run(sdk::Host& host, std::vector<std::string> argv, sdk::Millis most) {
  const std::string what = argv[0].substr(argv[0].rfind('/') + 1);
  sdk::ProcessRequest request(std::move(argv));
  request.deadline = most;
  request.max_output = 4096;
  request.keep_last = true;
  const auto done = co_await host.process().run(std::move(request));
  if (!done) co_return fail(what, done.error());
  if (done->exit_code == 0) co_return Result<void>();
  if (done->exit_code < 0) co_return fail(Errc::transient, what + " was ended by signal " + std::to_string(done->signal));
  co_return fail(code_of(done->err), what + " failed: " + sdk::quoted(sdk::trimmed(done->err), 300));
}

}  // namespace

bool is_folder_name(const std::string& text) {
  const auto version = sdk::Version::parse(text);
  return version && version->str() == text;
}

std::string Tree::archive_of(const std::string& version) const {
  std::string out = archive_;
  return out.replace(out.find(kHole), kHole.size(), version);
}

Result<std::vector<std::string>> Tree::list() const {
  const auto names = host_.files().list(prefix_ + "/versions");
  if (!names && names.error().code == Errc::unsupported) return std::vector<std::string>();
  if (!names) return fail(names.error());
  std::vector<std::string> out;
  for (const std::string& name : *names)
    if (is_folder_name(name) && has(name)) out.push_back(name);
  return out;
}

Task<Result<std::string>> Tree::current() {
  const std::string link = prefix_ + "/current";
  sdk::ProcessRequest request(words("/usr/bin/readlink", "-n", link));
  request.max_output = 1024;
  const auto done = co_await host_.process().run(std::move(request));
  if (!done) co_return fail("readlink", done.error());
  if (done->exit_code != 0 && !host_.files().exists(link)) co_return std::string();
  if (done->exit_code != 0) co_return fail(Errc::invalid, link + ": is no symbolic link that can be read");
  std::string to = done->out;
  if (to.starts_with(prefix_ + "/")) to.erase(0, prefix_.size() + 1);  // whoever made it may have written all of the path
  const std::string version = to.starts_with(kInto) ? to.substr(kInto.size()) : std::string();
  if (!is_folder_name(version))
    co_return fail(Errc::invalid, link + ": points to " + sdk::quoted(done->out) + ", which is no version: versions/1.2.3 would be one");
  co_return version;
}

Task<Result<void>> Tree::may_write() {
  const auto done = co_await run(host_, words("/usr/bin/test", "-w", prefix_), most_);
  if (done) co_return Result<void>();
  co_return fail(Errc::denied,
                 "upkeepd may not write to " + prefix_ +
                     ": give the folder to the user upkeep, and name it in a drop-in of upkeepd.service (ReadWritePaths=" + prefix_ + ")");
}

Task<Result<void>> Tree::test_archive(std::string version) {
  const std::string archive = archive_of(version);
  const auto done = co_await run(host_, words("/usr/bin/tar", "-tf", archive), most_);
  if (done) co_return Result<void>();
  const Errc code = done.error().code == Errc::internal ? Errc::invalid : done.error().code;
  co_return fail(code, archive + ": " + done.error().message);
}

Task<Result<void>> Tree::sync() { co_return co_await run(host_, words("/usr/bin/sync", "-f", prefix_), most_); }

Task<Result<void>> Tree::remove_unfinished() { co_return co_await run(host_, words("/usr/bin/rm", "-rf", folder_of(".new")), most_); }

Task<Result<void>> Tree::remove(std::string version) {
  // Its name goes first, so that no half of it is ever taken for a version.
  const std::string unfinished = folder_of(".new"), folder = folder_of(version);
  auto done = co_await remove_unfinished();
  if (!done) co_return done;
  done = co_await run(host_, words("/usr/bin/mv", "-T", folder, unfinished), most_);
  if (!done) co_return done;
  co_return co_await remove_unfinished();
}

Task<Result<void>> Tree::unpack(std::string version) {
  if (has(version)) co_return Result<void>();
  const std::string archive = archive_of(version), unfinished = folder_of(".new"), folder = folder_of(version);
  host_.progress({std::nullopt, "unpacking " + archive});
  auto done = co_await remove_unfinished();
  if (!done) co_return done;

  // Modes are given: whoever runs the agent reads it, and the daemon's own mask would not let them.
  auto folders = words("/usr/bin/install", "-d", "-m", "755");
  if (!host_.files().exists(prefix_ + "/versions")) folders.push_back(prefix_ + "/versions");
  folders.push_back(unfinished);
  done = co_await run(host_, std::move(folders), most_);
  if (!done) co_return done;

  done = co_await run(host_, words("/usr/bin/tar", "-xpf", archive, "--no-same-owner", "-C", unfinished), most_);
  if (!done) co_return fail("unpacking " + archive, done.error());

  done = co_await sync();
  if (!done) co_return done;
  done = co_await run(host_, words("/usr/bin/mv", "-T", unfinished, folder), most_);
  if (!done) co_return done;
  co_return co_await sync();  // its name before the link that will say it
}

Task<Result<void>> Tree::switch_to(std::string version) {
  const auto now = co_await current();
  if (!now) co_return fail(now.error());
  if (*now == version) co_return Result<void>();
  const std::string next = prefix_ + "/current.new";
  auto done = co_await run(host_, words("/usr/bin/ln", "-sfn", std::string(kInto) + version, next), most_);
  if (!done) co_return done;
  done = co_await run(host_, words("/usr/bin/mv", "-fT", next, prefix_ + "/current"), most_);
  if (!done) co_return done;
  co_return co_await sync();
}

}  // namespace versions
