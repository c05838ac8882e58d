// SPDX-License-Identifier: Apache-2.0
#include "control/access.h"

#include <grp.h>
#include <pwd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

namespace upkeep::control {
namespace {

constexpr std::size_t kNameBuffer = 16 * 1024;  // one user's or group's entry; longer ones count as unknown
constexpr std::uint32_t kNoLogin = 0xffffffff;  // audit's "never logged in"

std::string user_name(uid_t uid) {
  std::array<char, kNameBuffer> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  if (getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) return found->pw_name;
  return std::to_string(uid);
}

std::optional<gid_t> group_id(const std::string& name) {
  std::vector<char> buffer(64 * kNameBuffer);  // the entry lists all members
  group entry{};
  group* found = nullptr;
  if (getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) return found->gr_gid;
  return std::nullopt;
}

// The user who logged in, whatever became of him since (sudo, su). For the record only: a process that ended already, or
// lives in another pid namespace, has none.
std::optional<uid_t> login_uid(pid_t pid) {
  if (pid <= 0) return std::nullopt;
  std::ifstream file("/proc/" + std::to_string(pid) + "/loginuid");
  std::uint32_t uid = kNoLogin;
  if (!(file >> uid) || uid == kNoLogin) return std::nullopt;
  return uid;
}

bool member(const Peer& peer, std::optional<gid_t> gid) {
  return gid && (peer.gid == *gid || std::find(peer.groups.begin(), peer.groups.end(), *gid) != peer.groups.end());
}

}  // namespace

sdk::Result<Peer> peer_of_socket(int fd) {
  const auto failed = [](const char* what) {
    return sdk::fail(sdk::Errc::internal, std::string("the caller's credentials (") + what + "): " + std::strerror(errno));
  };
  ucred credentials{};
  socklen_t length = sizeof credentials;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0) return failed("SO_PEERCRED");
  Peer peer{credentials.uid, credentials.gid, credentials.pid, {}};
  length = 0;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, nullptr, &length) == 0) return peer;  // in no other group
  if (errno != ERANGE) return failed("SO_PEERGROUPS");
  peer.groups.resize(length / sizeof(gid_t));
  if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, peer.groups.data(), &length) != 0) return failed("SO_PEERGROUPS");
  return peer;
}

Groups find_groups(std::string read, std::string admin) {
  Groups groups{std::move(read), std::move(admin), {}, {}};
  groups.read_gid = group_id(groups.read);
  groups.admin_gid = group_id(groups.admin);
  return groups;
}

Access judge(const Peer& peer, uid_t own, const Groups& groups) {
  if (peer.uid == 0 || peer.uid == own || member(peer, groups.admin_gid)) return Access::change;
  return member(peer, groups.read_gid) ? Access::read : Access::none;
}

std::string how_to_get_more(Access has, const Peer& peer, const Groups& groups) {
  const std::string user = user_name(peer.uid);
  const auto join = [&](const std::string& group) { return " (sudo usermod -aG " + group + " " + user + ", then log in again)"; };
  if (has == Access::read)
    return "user " + user + " may not change anything here: root and members of group " + groups.admin + " may" + join(groups.admin);
  return "user " + user + " may do nothing here: members of group " + groups.read + " or " + groups.admin + " may read, members of group " +
         groups.admin + " may also change things" + join(groups.read);
}

engine::Actor actor_of(const Peer& peer) {
  engine::Actor actor{peer.uid, user_name(peer.uid), ""};
  if (const auto login = login_uid(peer.pid); login && *login != peer.uid) actor.on_behalf_of = user_name(*login);
  return actor;
}

}  // namespace upkeep::control
