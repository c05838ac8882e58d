// SPDX-License-Identifier: Apache-2.0
#include "io/trust.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstdlib>
#include <ctime>

namespace upkeep::io {

namespace {

// Any link on the way may be turned to another file or folder, which can be old. false: too many, or they lead nowhere.
bool newest_link(const std::string& path, std::time_t& newest, int depth = 0) {
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const std::string part = path.substr(0, end);
    struct stat name {};
    if (::lstat(part.c_str(), &name) != 0) return false;
    if (S_ISLNK(name.st_mode)) {
      newest = std::max(newest, name.st_ctime);
      std::array<char, PATH_MAX> target;
      const ssize_t length = ::readlink(part.c_str(), target.data(), target.size());
      if (length <= 0 || depth == 16) return false;
      std::string there(target.data(), static_cast<std::size_t>(length));
      if (!there.starts_with('/')) there.insert(0, part, 0, part.rfind('/') + 1);
      if (!newest_link(there, newest, depth + 1)) return false;
    }
    if (end == std::string::npos) return true;
  }
}

}  // namespace

std::string system_ca_file() {
  if (const char* chosen = std::getenv("SSL_CERT_FILE"); chosen && *chosen) return chosen;
  for (const char* path : {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem"})
    if (::access(path, R_OK) == 0) return path;
  return {};
}

long ca_cache_seconds(const std::string& ca_file) {
  constexpr long kLongest = 24 * 3600;
  struct stat file {};
  std::time_t changed = 0;
  if (!newest_link(ca_file, changed) || ::stat(ca_file.c_str(), &file) != 0) return 0;
  // Whatever was parsed before the file changed is then too old.
  return std::clamp<long>(std::time(nullptr) - std::max(file.st_ctime, changed) - 1, 0, kLongest);
}

}  // namespace upkeep::io
