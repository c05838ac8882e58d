// SPDX-License-Identifier: Apache-2.0
// Which package manager a host has, by what PackageKit and os-release say of it.
#include "sdk/package_family.h"

#include <gtest/gtest.h>

namespace upkeep::sdk {
namespace {

std::string pick(std::string_view os_release, std::string_view backend = "") {
  const auto family = pick_family(os_release, backend);
  return family ? std::string(*family) : family.error().message;
}

TEST(PackageFamily, PackageKitsBackendDecidesWhereItIsKnown) {
  EXPECT_EQ(pick("ID=debian\n", "apt"), "apt");
  EXPECT_EQ(pick("ID=debian\n", "dnf"), "yum");
  EXPECT_EQ(pick("", "dnf5"), "yum");
  EXPECT_EQ(pick("", "yum"), "yum");
  EXPECT_EQ(pick("ID=fedora\n", "zypp"), "zypper");
  EXPECT_EQ(pick("ID=fedora\n", "alpm"), "yum");
}

TEST(PackageFamily, ElseTheSystemsIdAndThenWhatItIsLike) {
  EXPECT_EQ(pick("NAME=x\nID=debian\n"), "apt");
  EXPECT_EQ(pick("ID=\"ubuntu\"\nID_LIKE=debian\n"), "apt");
  for (const std::string id : {"rhel", "fedora", "centos", "\"amzn\""}) EXPECT_EQ(pick("ID=" + id + "\n"), "yum") << id;
  EXPECT_EQ(pick("ID=\"almalinux\"\nID_LIKE=\"rhel centos fedora\"\n"), "yum");
  EXPECT_EQ(pick("ID='opensuse-leap'\nID_LIKE='suse opensuse'\n"), "zypper");
  EXPECT_EQ(pick("ID=\"sles\"\r\nID_LIKE=\"suse\"\r\n"), "zypper");
  EXPECT_EQ(pick("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n"), "apt");
  EXPECT_EQ(pick("ID=arch\nID=debian\n"), "apt") << "the last one counts";
  EXPECT_EQ(pick("ID_LIKE=rhel\nID=debian\n"), "apt") << "what it is comes before what it is like";
}

TEST(PackageFamily, WhatIsNotKnownIsSaidAsItWasSeen) {
  EXPECT_EQ(
      pick("ID=arch\nID_LIKE=\"archlinux\"\n", "alpm"),
      "cannot tell whether packages are apt's, yum's or zypper's: PackageKit's backend is \"alpm\", and os-release says ID=\"arch\" and "
      "ID_LIKE=\"archlinux\"; name the installer in place of \"auto\"");
  EXPECT_NE(pick("").find("backend is not known, and os-release says ID=\"\""), std::string::npos);
  for (const std::string odd : {"ID", "ID=", "ID=\"", " ID_LIKE", "XID=debian", "VARIANT_ID=debian", "ID=\"debian", "=\n=\n"})
    EXPECT_NE(pick(odd).find("cannot tell"), std::string::npos) << odd;
}

}  // namespace
}  // namespace upkeep::sdk
