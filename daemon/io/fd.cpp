// SPDX-License-Identifier: Apache-2.0
#include "io/fd.h"

#include <cerrno>
#include <string>
#include <system_error>

namespace upkeep::io {

using sdk::Errc;

Errc errc_of(int error) {
  switch (error) {
    case EACCES:
    case EPERM:
    case EROFS:
      return Errc::denied;
    case ENOENT:
    case ENOTDIR:
    case ENOSYS:
      return Errc::unsupported;
    case EINVAL:
    case EISDIR:
    case ELOOP:
    case ENAMETOOLONG:
    case ENOEXEC:
    case ENOTEMPTY:
    case E2BIG:
      return Errc::invalid;
    case EBUSY:
    case ETXTBSY:
      return Errc::busy;
    case EBADF:
    case EFAULT:
      return Errc::internal;
    default:
      return Errc::transient;  // disk full, out of memory or descriptors, I/O errors
  }
}

sdk::Error errno_error(std::string_view what, int error) {
  return sdk::Error(errc_of(error), std::string(what) + ": " + std::generic_category().message(error));
}

}  // namespace upkeep::io
