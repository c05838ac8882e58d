// SPDX-License-Identifier: Apache-2.0
#include "io/trust.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>

namespace upkeep::io {

std::string system_ca_file() {
  if (const char* chosen = std::getenv("SSL_CERT_FILE"); chosen && *chosen) return chosen;
  for (const char* path : {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem"})
    if (::access(path, R_OK) == 0) return path;
  return {};
}

long ca_cache_seconds(const std::string& ca_file) {
  constexpr long kLongest = 24 * 3600;
  struct stat file {
  }, name{};  // a name that is a link may be turned to another file, which can be old
  if (::stat(ca_file.c_str(), &file) != 0 || ::lstat(ca_file.c_str(), &name) != 0) return 0;
  // Whatever was parsed before the file changed is then too old.
  return std::clamp<long>(std::time(nullptr) - std::max(file.st_ctime, name.st_ctime) - 1, 0, kLongest);
}

}  // namespace upkeep::io
