// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reads only what root alone could have written: every part of a path belongs to the owner, nobody else may write it, and
// none is a symbolic link. Anything else is Errc::denied, with the part that is wrong. Nothing is written here.

#include <sys/types.h>

#include "io/fd.h"
#include "io/files.h"

namespace upkeep::root {

class TrustedFiles : public io::RealFiles {  // whose writing is for a state folder, and here is none
 public:
  // Paths are below `base`, which is judged like every other part. Tests have a base and an owner of their own.
  explicit TrustedFiles(std::string base = "/", uid_t owner = 0) : RealFiles({}, ""), base_(std::move(base)), owner_(owner) {}

  // Also true for what may not be read: it must not be passed over in silence.
  [[nodiscard]] bool exists(const std::string& path) override;
  [[nodiscard]] sdk::Result<std::string> read(const std::string& path, std::size_t max_bytes) override;
  [[nodiscard]] sdk::Result<std::vector<std::string>> list(const std::string& path) override;

 private:
  [[nodiscard]] sdk::Result<io::Fd> open(const std::string& path, int flags) const;

  std::string base_;
  uid_t owner_;
};

}  // namespace upkeep::root
