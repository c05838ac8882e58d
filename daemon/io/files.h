// SPDX-License-Identifier: Apache-2.0
#pragma once
// Files: bounded reads anywhere, durable writes below the state folder and nowhere else.

#include <asio/any_io_executor.hpp>
#include <memory>
#include <set>
#include <string>

#include "sdk/host.h"

namespace upkeep::io {

class Inotify;

class RealFiles : public sdk::Files {
 public:
  // An absolute folder. Empty: nothing may be written, and relative paths are refused.
  RealFiles(const asio::any_io_executor& executor, std::string state_dir);

  [[nodiscard]] bool exists(const std::string& path) override;
  [[nodiscard]] std::string absolute(const std::string& path) override { return to_read(path).value_or(path); }
  [[nodiscard]] sdk::Result<std::string> read(const std::string& path, std::size_t max_bytes) override;
  [[nodiscard]] sdk::Result<std::vector<std::string>> list(const std::string& path) override;
  [[nodiscard]] sdk::Result<void> write_atomic(const std::string& path, std::string_view bytes) override;
  [[nodiscard]] sdk::Result<void> append_durable(const std::string& path, std::string_view bytes) override;
  [[nodiscard]] sdk::Result<void> truncate(const std::string& path, std::size_t size) override;
  [[nodiscard]] sdk::Result<void> rename(const std::string& from, const std::string& to) override;
  // A file, or an empty folder. What is not there is removed already.
  [[nodiscard]] sdk::Result<void> remove(const std::string& path) override;
  // Of a folder: it and the folders below it. Of a file: its folder, because files are replaced by renaming.
  [[nodiscard]] sdk::Result<std::unique_ptr<sdk::Watch>> watch(const std::string& path) override;

 private:
  [[nodiscard]] sdk::Result<std::string> to_read(const std::string& path) const;
  [[nodiscard]] sdk::Result<std::string> to_write(const std::string& path) const;
  asio::any_io_executor executor_;
  std::string state_dir_;
  std::set<std::string> named_;       // files whose names are known to be durable
  std::shared_ptr<Inotify> inotify_;  // made for the first watch
};

}  // namespace upkeep::io
