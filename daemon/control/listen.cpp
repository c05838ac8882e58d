// SPDX-License-Identifier: Apache-2.0
#include "control/listen.h"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "sdk/text.h"

namespace upkeep::control {
namespace {

constexpr int kBacklog = 4096;  // a burst of connects must not turn others away; net.core.somaxconn caps it

sdk::Result<void> system_error(const std::string& what) { return sdk::fail(sdk::Errc::invalid, what + ": " + std::strerror(errno)); }

// Makes room at `path`, but never takes it away from a living daemon.
sdk::Result<void> remove_stale(const std::string& path, const sockaddr_un& address) {
  struct stat there {};
  if (lstat(path.c_str(), &there) != 0) {
    if (errno == ENOENT) return {};
    return system_error("control socket " + path);
  }
  if (!S_ISSOCK(there.st_mode))
    return sdk::fail(sdk::Errc::invalid, "control socket " + path + ": the file that stands there is no socket");
  const int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (probe < 0) return system_error("control socket " + path);
  const bool refused = connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 && errno == ECONNREFUSED;
  close(probe);
  if (!refused) return sdk::fail(sdk::Errc::busy, "control socket " + path + ": another daemon listens there");
  if (unlink(path.c_str()) != 0) return system_error("control socket " + path + ": cannot remove what a former daemon left");
  return {};
}

}  // namespace

sdk::Result<int> listen_unix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return sdk::fail(sdk::Errc::invalid,
                     "control socket '" + path + "': a socket's path has 1 to " + std::to_string(sizeof address.sun_path - 1) + " bytes");
  }
  path.copy(address.sun_path, path.size());
  if (auto free = remove_stale(path, address); !free) return sdk::fail(free.error());

  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return sdk::fail(system_error("control socket " + path).error());
  const mode_t before = umask(0111);  // 0666 from the first moment on
  const int bound = bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  umask(before);
  if (bound != 0 || listen(fd, kBacklog) != 0) {
    const auto error = system_error("control socket " + path).error();
    close(fd);
    return sdk::fail(error);
  }
  return fd;
}

sdk::Result<int> listen_tcp(const std::string& address) {
  const std::string what = "[control] listen = \"" + address + "\"";
  const auto colon = address.rfind(':');
  const auto port = colon == std::string::npos ? std::nullopt : sdk::parse_number(std::string_view(address).substr(colon + 1));
  if (colon == 0 || !port || *port > 65535) return sdk::fail(sdk::Errc::invalid, what + ": must be ADDRESS:PORT, such as 127.0.0.1:9464");
  std::string host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);

  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int rc = getaddrinfo(host.c_str(), std::to_string(*port).c_str(), &hints, &found); rc != 0) {
    return sdk::fail(sdk::Errc::invalid, what + ": must be a numeric ADDRESS:PORT (" + gai_strerror(rc) + ")");
  }
  const int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int on = 1;
  const bool listening = fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
                         bind(fd, found->ai_addr, found->ai_addrlen) == 0 && listen(fd, kBacklog) == 0;
  const auto error = system_error(what).error();
  freeaddrinfo(found);
  if (listening) return fd;
  if (fd >= 0) close(fd);
  return sdk::fail(error);
}

}  // namespace upkeep::control
