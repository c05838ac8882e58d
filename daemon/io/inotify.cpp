// SPDX-License-Identifier: Apache-2.0
#include "io/inotify.h"

#include <sys/inotify.h>

#include <array>
#include <cerrno>
#include <utility>

namespace upkeep::io {

using sdk::fail;
using sdk::Result;

namespace {

constexpr std::uint32_t kContent = IN_CLOSE_WRITE | IN_ATTRIB;
constexpr std::uint32_t kEntries = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF;

}  // namespace

sdk::Error inotify_error(const std::string& what, int error) {
  if (error == EMFILE)
    return {errc_of(error), what +
                                ": no instance left for this user (raise the sysctl fs.inotify.max_user_instances), or no file "
                                "descriptor for this process (raise LimitNOFILE= of its unit)"};
  if (error == ENOSPC)
    return {errc_of(error), what + ": no inotify watch left for this user (raise the sysctl fs.inotify.max_user_watches)"};
  return errno_error(what, error);
}

Result<std::shared_ptr<Inotify>> Inotify::make(const asio::any_io_executor& executor) {
  Fd fd(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (!fd) {
    const int error = errno;
    return fail(inotify_error("inotify", error));
  }
  return std::make_shared<Inotify>(executor, std::move(fd));
}

Inotify::Inotify(const asio::any_io_executor& executor, Fd fd) : fd_(std::move(fd)), pump_(executor, fd_.get(), [this] { drain(); }) {}

Result<int> Inotify::add(const std::string& folder, FolderUser& user) {
  const int number = inotify_add_watch(fd_.get(), folder.c_str(), kContent | kEntries | IN_ONLYDIR);
  if (number < 0) {
    const int error = errno;
    return fail(inotify_error("cannot watch " + folder, error));
  }
  users_[number].insert(&user);
  return number;
}

void Inotify::drop(int number, FolderUser& user) {
  const auto found = users_.find(number);
  if (found == users_.end() || found->second.erase(&user) == 0 || !found->second.empty()) return;
  users_.erase(found);
  inotify_rm_watch(fd_.get(), number);
}

// No coroutine runs in here, so no watch goes in here either: waking is done by the loop, later.
void Inotify::drain() {
  alignas(inotify_event) std::array<char, 4096> bytes;
  Told told;
  for (ssize_t size = 0; (size = ::read(fd_.get(), bytes.data(), bytes.size())) > 0;) {
    for (const char* at = bytes.data(); at < bytes.data() + size;) {
      const auto& event = *reinterpret_cast<const inotify_event*>(at);
      note(event, told);
      at += sizeof(inotify_event) + event.len;
    }
  }
  for (const auto& [user, entries] : told) user->changed(entries);
}

void Inotify::note(const inotify_event& event, Told& told) {
  if (event.mask & IN_Q_OVERFLOW) {
    for (const auto& [number, users] : users_)
      for (auto* user : users) told[user] = true;
    return;
  }
  const auto found = users_.find(event.wd);
  if (found == users_.end()) return;  // dropped while this was on its way
  for (auto* user : found->second) told[user] |= (event.mask & ~kContent & ~IN_ISDIR) != 0;
  if (event.mask & IN_IGNORED) users_.erase(found);  // the kernel's word that the folder is gone
}

}  // namespace upkeep::io
