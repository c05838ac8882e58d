// SPDX-License-Identifier: Apache-2.0
#include "io/watch.h"

#include <filesystem>
#include <optional>

#include "io/waiter.h"

namespace upkeep::io {

namespace fs = std::filesystem;
using sdk::Errc;
using sdk::fail;
using sdk::Result;
using sdk::Task;

namespace {

constexpr int kMaxDepth = 4, kMaxFolders = 256;

// What the watch and whoever waits share; the one who waits may outlive the watch.
struct Shared {
  explicit Shared(const asio::any_io_executor& executor) : changed(executor) {}
  Waiter changed;
  std::optional<sdk::Error> ended;  // why nothing is watched any more
};

class FolderWatch : public sdk::Watch, public FolderUser {
 public:
  FolderWatch(const asio::any_io_executor& executor, std::shared_ptr<Inotify> inotify, std::string folder, bool below)
      : shared_(std::make_shared<Shared>(executor)), inotify_(std::move(inotify)), folder_(std::move(folder)), below_(below) {}
  FolderWatch(const FolderWatch&) = delete;
  FolderWatch& operator=(const FolderWatch&) = delete;
  ~FolderWatch() override {
    for (const int number : numbers_) inotify_->drop(number, *this);
  }

  // Watches the folders that are there now, and no others.
  Result<void> look() {
    std::set<int> now;
    const auto looked = add_folders(now);
    for (const int number : numbers_)
      if (!now.contains(number)) inotify_->drop(number, *this);
    numbers_ = std::move(now);
    return looked;
  }

  Task<Result<void>> next() override { return wait(shared_); }

  void changed(bool entries) override {
    if (entries) {
      shared_->ended.reset();
      if (const auto looked = look(); !looked) shared_->ended = looked.error();
    }
    shared_->changed.notify();
  }

 private:
  static Task<Result<void>> wait(std::shared_ptr<Shared> shared) {
    const auto until = shared->ended ? Waiter::SteadyTime::min() : Waiter::SteadyTime::max();
    const Woken woken = co_await shared->changed.wait(until);
    if (woken == Woken::cancelled) co_return fail(Errc::cancelled, "watching was stopped");
    if (woken == Woken::expired) co_return fail(*shared->ended);
    co_return Result<void>();
  }

  Result<void> add_folders(std::set<int>& now) {
    const auto top = inotify_->add(folder_, *this);
    if (!top) return fail(top.error());
    now.insert(*top);
    if (!below_) return {};
    std::error_code ec;
    int folders = 1;
    for (fs::recursive_directory_iterator it(folder_, fs::directory_options::skip_permission_denied, ec), end; !ec && it != end;
         it.increment(ec)) {
      if (it.depth() + 1 >= kMaxDepth) it.disable_recursion_pending();
      std::error_code ignored;
      if (!it->is_directory(ignored) || ++folders > kMaxFolders) continue;
      const auto added = inotify_->add(it->path(), *this);
      if (added) now.insert(*added);
      // One that is gone again, or not ours to read, is none of our business; a limit is.
      if (!added && added.error().code == Errc::transient) return fail(added.error());
    }
    return {};
  }

  std::shared_ptr<Shared> shared_;
  std::shared_ptr<Inotify> inotify_;
  std::string folder_;
  bool below_;
  std::set<int> numbers_;
};

}  // namespace

Result<std::unique_ptr<sdk::Watch>> watch_path(const asio::any_io_executor& executor, std::shared_ptr<Inotify> inotify,
                                               const std::string& path) {
  std::error_code ec;
  const bool is_folder = fs::is_directory(path, ec);
  const fs::path folder = is_folder ? fs::path(path) : fs::path(path).parent_path();
  auto watch = std::make_unique<FolderWatch>(executor, std::move(inotify), folder.string(), is_folder);
  if (auto looked = watch->look(); !looked) return fail(looked.error());
  return watch;
}

}  // namespace upkeep::io
