// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reads only what root alone could have written: every part of a path belongs to the owner, nobody else may write it, and
// none is a symbolic link. Anything else is Errc::denied, with the part that is wrong. Nothing is written here.

#include <sys/types.h>

#include "io/fd.h"
#include "sdk/host.h"

namespace upkeep::root {

class TrustedFiles : public sdk::Files {
 public:
  // Paths are below `base`, which is judged like every other part. Tests have a base and an owner of their own.
  explicit TrustedFiles(std::string base = "/", uid_t owner = 0) : base_(std::move(base)), owner_(owner) {}

  // Also true for what may not be read: it must not be passed over in silence.
  [[nodiscard]] bool exists(const std::string& path) override;
  [[nodiscard]] sdk::Result<std::string> read(const std::string& path, std::size_t max_bytes) override;
  [[nodiscard]] sdk::Result<std::vector<std::string>> list(const std::string& path) override;

  [[nodiscard]] sdk::Result<void> write_atomic(const std::string&, std::string_view) override { return only_reads(); }
  [[nodiscard]] sdk::Result<void> append_durable(const std::string&, std::string_view) override { return only_reads(); }
  [[nodiscard]] sdk::Result<void> truncate(const std::string&, std::size_t) override { return only_reads(); }
  [[nodiscard]] sdk::Result<void> rename(const std::string&, const std::string&) override { return only_reads(); }
  [[nodiscard]] sdk::Result<void> remove(const std::string&) override { return only_reads(); }
  [[nodiscard]] sdk::Result<std::unique_ptr<sdk::Watch>> watch(const std::string&) override { return sdk::fail(only_reads().error()); }

 private:
  static sdk::Result<void> only_reads() { return sdk::fail(sdk::Errc::unsupported, "only for reading"); }
  [[nodiscard]] sdk::Result<io::Fd> open(const std::string& path, int flags) const;

  std::string base_;
  uid_t owner_;
};

}  // namespace upkeep::root
