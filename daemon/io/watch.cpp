// SPDX-License-Identifier: Apache-2.0
#include "io/watch.h"

#include <sys/inotify.h>

#include <array>
#include <cerrno>
#include <filesystem>

#include "io/fd.h"
#include "io/fd_pump.h"
#include "io/waiter.h"

namespace upkeep::io {

namespace fs = std::filesystem;
using sdk::Errc;
using sdk::fail;
using sdk::Result;
using sdk::Task;

namespace {

constexpr std::uint32_t kEvents = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_CLOSE_WRITE | IN_ATTRIB | IN_ONLYDIR;
constexpr int kMaxDepth = 4, kMaxFolders = 256;

// What the descriptor and whoever waits share; the one who waits may outlive the watch.
struct Shared {
  explicit Shared(const asio::any_io_executor& executor) : changed(executor) {}
  Waiter changed;
};

class Inotify : public sdk::Watch {
 public:
  Inotify(const asio::any_io_executor& executor, Fd fd, std::string folder)
      : shared_(std::make_shared<Shared>(executor)),
        fd_(std::move(fd)),
        folder_(std::move(folder)),
        pump_(executor, fd_.get(), [this] { drain(); }) {}

  Result<void> add_all() {
    if (inotify_add_watch(fd_.get(), folder_.c_str(), kEvents) < 0) {
      const int error = errno;
      return fail(errno_error("cannot watch " + folder_, error));
    }
    std::error_code ec;
    int folders = 1;
    for (fs::recursive_directory_iterator it(folder_, fs::directory_options::skip_permission_denied, ec), end; !ec && it != end;
         it.increment(ec)) {
      if (it.depth() + 1 >= kMaxDepth) it.disable_recursion_pending();
      // A folder that is already watched, or gone again, is none of our business.
      std::error_code ignored;
      if (it->is_directory(ignored) && ++folders <= kMaxFolders) inotify_add_watch(fd_.get(), it->path().c_str(), kEvents);
    }
    return {};
  }

  Task<Result<void>> next() override { return wait(shared_); }

 private:
  static Task<Result<void>> wait(std::shared_ptr<Shared> shared) {
    const Woken woken = co_await shared->changed.wait();
    if (woken == Woken::cancelled) co_return fail(Errc::cancelled, "watching was stopped");
    co_return Result<void>();
  }

  void drain() {
    std::array<char, 4096> events;
    while (::read(fd_.get(), events.data(), events.size()) > 0) {
    }
    (void)add_all();  // there may be new folders; if ours is gone, whoever waits finds out
    shared_->changed.notify();
  }

  std::shared_ptr<Shared> shared_;
  Fd fd_;
  std::string folder_;
  FdPump pump_;
};

}  // namespace

Result<std::unique_ptr<sdk::Watch>> watch_path(const asio::any_io_executor& executor, const std::string& path) {
  std::error_code ec;
  const fs::path folder = fs::is_directory(path, ec) ? fs::path(path) : fs::path(path).parent_path();
  Fd fd(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (!fd) {
    const int error = errno;
    return fail(errno_error("cannot watch " + path, error));
  }
  auto watch = std::make_unique<Inotify>(executor, std::move(fd), folder.string());
  if (auto added = watch->add_all(); !added) return fail(added.error());
  return watch;
}

}  // namespace upkeep::io
