// SPDX-License-Identifier: Apache-2.0
#pragma once
// Who is at the other end of the unix socket, as the kernel says, and what that user may do. A peer that cannot be
// read may do nothing.

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "engine/face.h"
#include "sdk/result.h"

namespace upkeep::control {

struct Peer {
  uid_t uid = 0;
  gid_t gid = 0;
  pid_t pid = 0;  // 0: in another pid namespace
  std::vector<gid_t> groups;
};

// SO_PEERCRED and SO_PEERGROUPS of a connected unix socket: the credentials of the moment of connect().
[[nodiscard]] sdk::Result<Peer> peer_of_socket(int fd);

enum class Access { none, read, change };

struct Groups {
  std::string read = "upkeep", admin = "upkeep-admin";
  std::optional<gid_t> read_gid, admin_gid;  // nullopt: there is no such group here
};
// Looks the ids up, once: names may come from a slow network service.
[[nodiscard]] Groups find_groups(std::string read, std::string admin);

[[nodiscard]] Access judge(const Peer& peer, uid_t own, const Groups& groups);

// Why who has this access is refused, and which group to join. Says nothing of what was asked for: who may not read is
// told the same whatever it was.
[[nodiscard]] std::string how_to_get_more(Access has, const Peer& peer, const Groups& groups);

// With names, and the login user where the kernel knows one and it is another.
[[nodiscard]] engine::Actor actor_of(const Peer& peer);

}  // namespace upkeep::control
