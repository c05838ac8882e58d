// SPDX-License-Identifier: Apache-2.0
// Each code of PackageKit and what Upkeep does about it. The rows stand here a second time on purpose: a change of the
// table in the code must be a change of mind, not a slip.
#include <gtest/gtest.h>

#include <set>

#include "shared/packagekit/error_table.h"
#include "shared/packagekit/transaction.h"

namespace upkeep::shared::packagekit {
namespace {

using sdk::Errc;

struct Expected {
  std::uint32_t code;
  const char* text;
  Reaction reaction;
  Errc errc;
};

const Expected kExpected[] = {
    {2, "Cannot refresh cache whilst offline", Reaction::transient, Errc::transient},
    {10, "Hash Sum mismatch", Reaction::transient, Errc::transient},
    {18, "", Reaction::transient, Errc::transient},
    {37, "", Reaction::transient, Errc::transient},
    {43, "", Reaction::transient, Errc::transient},
    {46, "", Reaction::transient, Errc::transient},
    {22, "ZYppFactoryException", Reaction::transient, Errc::transient},
    {61, "", Reaction::transient, Errc::transient},
    {26, "Could not get lock /var/lib/dpkg/lock-frontend.", Reaction::busy, Errc::busy},
    {67, "", Reaction::busy, Errc::busy},
    {65, "", Reaction::busy, Errc::busy},
    {26, "E: dpkg was interrupted, you must manually run 'dpkg --configure -a' to correct the problem.", Reaction::interrupted,
     Errc::transient},
    {48, "Failed to obtain authentication.", Reaction::denied, Errc::denied},
    {55, "", Reaction::denied, Errc::denied},
    {34, "", Reaction::denied, Errc::denied},
    {5, "", Reaction::forged, Errc::denied},
    {30, "", Reaction::forged, Errc::denied},
    {31, "", Reaction::forged, Errc::denied},
    {50, "", Reaction::forged, Errc::denied},
    {51, "", Reaction::forged, Errc::denied},
    {40, "", Reaction::forged, Errc::denied},
    {38, "could not be verified: Payload SHA256 digest: BAD", Reaction::forged, Errc::denied},
    {6, "", Reaction::invalid, Errc::invalid},
    {13, "", Reaction::invalid, Errc::invalid},
    {35, "", Reaction::invalid, Errc::invalid},
    {36, "", Reaction::invalid, Errc::invalid},
    {39, "", Reaction::invalid, Errc::invalid},
    {45, "", Reaction::invalid, Errc::invalid},
    {20, "", Reaction::invalid, Errc::invalid},
    {8, "Failed to find demo-agent", Reaction::stale, Errc::invalid},
    {49, "", Reaction::stale, Errc::invalid},
    {17, "", Reaction::cancelled, Errc::cancelled},
    {16, "", Reaction::failed, Errc::internal},
    {29, "", Reaction::failed, Errc::internal},
    {56, "", Reaction::failed, Errc::internal},
    {58, "", Reaction::failed, Errc::internal},
    {59, "", Reaction::failed, Errc::internal},
    {66, "", Reaction::failed, Errc::internal},
    {21, "", Reaction::failed, Errc::internal},
    {3, "", Reaction::unsupported, Errc::unsupported},
    {44, "", Reaction::unsupported, Errc::unsupported},
    {62, "", Reaction::unsupported, Errc::unsupported},
    // the text decides
    {64, "Could not connect to packages.example.com:443. - connect (111: Connection refused)", Reaction::transient, Errc::transient},
    {64, "W: GPG error: https://x.example stable InRelease: NO_PUBKEY 1234", Reaction::forged, Errc::denied},
    {64, "E: The repository 'https://x.example stable InRelease' is not signed.", Reaction::forged, Errc::denied},
    {64, "E: The repository 'https://x.example stable Release' is no longer signed.", Reaction::forged, Errc::denied},
    {64, "GPG signature verification error", Reaction::forged, Errc::denied},
    {64, "The following SIGNATURES couldn't be verified", Reaction::forged, Errc::denied},
    {64, "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 2586 (apt-get)", Reaction::busy, Errc::busy},
    {64, "cannot reach https://signed.example.com/gpg/signature", Reaction::transient, Errc::transient},
    {4, "Checksum mismatch in local repository", Reaction::forged, Errc::denied},
    {4, "Installation has been aborted as directed", Reaction::forged, Errc::denied},
    {4, "Signature verification failed", Reaction::forged, Errc::denied},
    {4, "something else", Reaction::failed, Errc::internal},
    {19, "package: checksum doesn't match", Reaction::forged, Errc::denied},
    {19, "no such repository", Reaction::invalid, Errc::invalid},
    // what nobody has heard of
    {9999, "from the future", Reaction::failed, Errc::internal},
};

TEST(PkErrorTable, EachCodeHasTheReactionOfTheTable) {
  for (const auto& row : kExpected) {
    EXPECT_EQ(reaction(row.code, row.text), row.reaction) << row.code << " " << row.text << ": " << name(reaction(row.code, row.text));
    EXPECT_EQ(errc(row.reaction), row.errc) << name(row.reaction);
  }
}

TEST(PkErrorTable, NothingLeftToDoIsNoError) {
  for (const std::uint32_t code : {9U, 41U, 27U}) {
    EXPECT_EQ(reaction(code, ""), Reaction::none) << code;
    Outcome outcome;
    outcome.exit = Exit::failed;
    outcome.error = code;
    EXPECT_FALSE(failure(outcome, "demo")) << code;
  }
}

TEST(PkErrorTable, NoCodeStandsTwiceAndEachHasAName) {
  std::set<std::uint32_t> seen;
  for (const auto& row : error_table()) {
    EXPECT_TRUE(seen.insert(row.code).second) << row.code;
    EXPECT_FALSE(row.name.empty());
    EXPECT_EQ(error_name(row.code), row.name);
  }
  EXPECT_EQ(error_name(9999), "unknown error");
}

TEST(PkErrorTable, AFailureNamesTheCodeTheTextAndWhatToDo) {
  Outcome outcome;
  outcome.error = 48;
  outcome.error_text = "Failed to obtain authentication.";
  const auto failed = failure(outcome, "demo");
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->error.code, Errc::denied);
  EXPECT_EQ(failed->error.message,
            "PackageKit says not_authorized (48): Failed to obtain authentication.; `sudo upkeep enable demo` allows what Upkeep needs");
}

TEST(PkErrorTable, AnExitWithoutAnErrorCodeHasAReactionToo) {
  const std::pair<Exit, Errc> expected[] = {
      {Exit::failed, Errc::internal},           {Exit::cancelled, Errc::cancelled},     {Exit::key_required, Errc::denied},
      {Exit::eula_required, Errc::denied},      {Exit::killed, Errc::internal},         {Exit::media_change_required, Errc::unsupported},
      {Exit::need_untrusted, Errc::denied},     {Exit::cancelled_priority, Errc::busy}, {Exit::skip_transaction, Errc::internal},
      {Exit::repair_required, Errc::transient},
  };
  for (const auto& [exit, code] : expected) {
    Outcome outcome;
    outcome.exit = exit;
    const auto failed = failure(outcome, "demo");
    ASSERT_TRUE(failed) << static_cast<int>(exit);
    EXPECT_EQ(failed->error.code, code) << failed->error.message;
  }
}

}  // namespace
}  // namespace upkeep::shared::packagekit
