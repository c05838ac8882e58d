// SPDX-License-Identifier: Apache-2.0
#pragma once
// An owned file descriptor, and the one place where errno becomes an error.

#include <unistd.h>

#include <string_view>
#include <utility>

#include "sdk/result.h"

namespace upkeep::io {

class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) reset(std::exchange(other.fd_, -1));
    return *this;
  }
  ~Fd() { reset(); }

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] explicit operator bool() const { return fd_ >= 0; }
  // For whoever closes it from now on.
  int release() { return std::exchange(fd_, -1); }
  void reset(int fd = -1) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
  }

 private:
  int fd_ = -1;
};

// The reaction that an errno asks for.
[[nodiscard]] sdk::Errc errc_of(int error);

// "what: No space left on device".
[[nodiscard]] sdk::Error errno_error(std::string_view what, int error);

}  // namespace upkeep::io
