// SPDX-License-Identifier: Apache-2.0
#pragma once
// The daemon's one inotify instance, shared by all watches, for the kernel grants a user only 128 of them. Owned by io's files
// and by each watch, so it lives as long as the last of them. It can fail where a limit of the host is reached; the error names
// the limit.

#include <asio/any_io_executor.hpp>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "io/fd.h"
#include "io/fd_pump.h"
#include "sdk/result.h"

struct inotify_event;

namespace upkeep::io {

// Somebody who wants to know of changes in folders.
class FolderUser {
 public:
  virtual ~FolderUser() = default;
  // `entries`: more than a file's content: names came or went, the folder itself did, or events were lost. May add and drop
  // folders of its own, and must not destroy another user.
  virtual void changed(bool entries) = 0;
};

class Inotify {
 public:
  [[nodiscard]] static sdk::Result<std::shared_ptr<Inotify>> make(const asio::any_io_executor& executor);
  // Use make().
  Inotify(const asio::any_io_executor& executor, Fd fd);

  // Folders are known by the kernel's number, which is the same for all users of one folder, whatever path led to it.
  [[nodiscard]] sdk::Result<int> add(const std::string& folder, FolderUser& user);
  // The kernel forgets the folder with its last user. A number that it has forgotten by itself is fine.
  void drop(int number, FolderUser& user);

 private:
  using Told = std::map<FolderUser*, bool>;  // whom to tell, and whether of entries
  void drain();
  void note(const inotify_event& event, Told& told);

  Fd fd_;
  std::map<int, std::set<FolderUser*>> users_;
  FdPump pump_;
};

// For errno of an inotify call: where it tells of a limit, the limit and the remedy.
[[nodiscard]] sdk::Error inotify_error(const std::string& what, int error);

}  // namespace upkeep::io
