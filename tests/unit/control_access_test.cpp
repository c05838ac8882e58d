// SPDX-License-Identifier: Apache-2.0
// Who may do what.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control/access.h"

namespace upkeep::control {
namespace {

constexpr uid_t kDaemon = 990;
const Groups kGroups{"upkeep", "upkeep-admin", 600, 700};

TEST(ControlPeer, RootTheDaemonItselfAndAdminsMayChangeThings) {
  EXPECT_EQ(judge({0, 0, 1, {}}, kDaemon, kGroups), Access::change);
  EXPECT_EQ(judge({kDaemon, 990, 1, {}}, kDaemon, kGroups), Access::change);
  EXPECT_EQ(judge({1000, 1000, 1, {4, 700}}, kDaemon, kGroups), Access::change);
  EXPECT_EQ(judge({1000, 700, 1, {}}, kDaemon, kGroups), Access::change) << "the primary group counts too";
}

TEST(ControlPeer, MembersOfTheReadingGroupMayOnlyRead) {
  EXPECT_EQ(judge({1000, 1000, 1, {4, 600}}, kDaemon, kGroups), Access::read);
  EXPECT_EQ(judge({1000, 600, 1, {}}, kDaemon, kGroups), Access::read);
}

TEST(ControlPeer, EverybodyElseMayDoNothing) {
  EXPECT_EQ(judge({1000, 1000, 1, {4, 601}}, kDaemon, kGroups), Access::none);
  EXPECT_EQ(judge({1000, 0, 1, {0}}, kDaemon, kGroups), Access::none) << "root's group is not root";
}

TEST(ControlPeer, GroupsThatDoNotExistLetNobodyIn) {
  const Groups none = find_groups("no-such-group-here", "nor-this-one");
  EXPECT_EQ(judge({1000, 1000, 1, {600, 700}}, kDaemon, none), Access::none);
  EXPECT_EQ(find_groups("root", "x").read_gid, 0u);
}

TEST(ControlPeer, TheRefusalNamesTheGroupToJoin) {
  EXPECT_EQ(
      how_to_get_more(Access::none, {54321, 1, 1, {}}, kGroups),
      "user 54321 may do nothing here: members of group upkeep or upkeep-admin may read, members of group upkeep-admin may also change "
      "things (sudo usermod -aG upkeep 54321, then log in again)");
  EXPECT_EQ(
      how_to_get_more(Access::read, {54321, 1, 1, {}}, kGroups),
      "user 54321 may not change anything here: root and members of group upkeep-admin may (sudo usermod -aG upkeep-admin 54321, then "
      "log in again)");
}

TEST(ControlPeer, TheKernelSaysWhoIsAtTheOtherEnd) {
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
  const auto peer = peer_of_socket(pair[0]);
  close(pair[0]);
  close(pair[1]);
  ASSERT_TRUE(peer) << peer.error().message;
  EXPECT_EQ(peer->uid, geteuid());
  EXPECT_EQ(peer->pid, getpid());
  std::vector<gid_t> mine(static_cast<std::size_t>(getgroups(0, nullptr)));
  ASSERT_GE(getgroups(static_cast<int>(mine.size()), mine.data()), 0);
  EXPECT_EQ(peer->groups, mine);
}

TEST(ControlPeer, WhatIsNoSocketCannotBeJudged) {
  const auto peer = peer_of_socket(-1);
  ASSERT_FALSE(peer);
  EXPECT_NE(peer.error().message.find("SO_PEERCRED"), std::string::npos);
}

TEST(ControlPeer, AnActorWithoutANameIsItsNumber) {
  EXPECT_EQ(actor_of({54321, 1, 0, {}}).name, "54321");
  EXPECT_EQ(actor_of({0, 0, 0, {}}).name, "root");
}

}  // namespace
}  // namespace upkeep::control
