// SPDX-License-Identifier: Apache-2.0
// Whose documents count: signatures, how many of them, whose channel, which serial, at what time, and keys that take over from others.

#include "core/trust.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/accept.h"
#include "support/signer.h"

namespace upkeep::core {
namespace {

using namespace std::chrono_literals;
using test::Signer;

const Signer kAnna('a'), kBert('b'), kCleo('c'), kDora('d'), kEve('e');
const sdk::TimePoint kNow = sdk::parse_rfc3339("2026-11-30T00:00:00Z").value();

struct Says {
  std::uint64_t serial = 7;
  std::string version = "2.3.4", channel = "stable";
  std::optional<std::vector<Signer const*>> keys{};
  sdk::TimePoint issued = kNow - 1h, expires = kNow + 24h;
};

std::string document(const Says& says) {
  Document out;
  out.channel = says.channel;
  out.release.version = sdk::Version::parse(says.version).value();
  out.release.serial = says.serial;
  out.release.issued = says.issued;
  out.release.expires = says.expires;
  if (says.keys) {
    out.keys.emplace();
    for (const auto* key : *says.keys) out.keys->push_back(key->key());
  }
  return write_document(out);
}

sdk::SignedOffer by(std::initializer_list<const Signer*> signers, const Says& says = {}) {
  sdk::SignedOffer out{document(says), {}};
  for (const auto* signer : signers) out.signatures.push_back(signer->sign(out.document));
  return out;
}

Trust trust_in(std::initializer_list<const Signer*> keys, int signatures = 1) {
  Trust out;
  for (const auto* key : keys) out.keys.push_back(key->key());
  out.signatures = signatures;
  out.channel = "stable";
  return out;
}

std::string why_not(const sdk::SignedOffer& offer, const Trust& trust, const std::optional<Seen>& seen = {},
                    const std::string* before = nullptr, sdk::TimePoint now = kNow) {
  const auto checked = check_signed(offer, trust, seen, before, now);
  return checked ? "" : checked.error().message;
}

TEST(Trust, OneGoodSignatureIsEnoughWhateverElseLiesBesideIt) {
  const auto checked = check_signed(by({&kEve, &kAnna}), trust_in({&kAnna, &kBert}), {}, nullptr, kNow);
  ASSERT_TRUE(checked) << checked.error().message;
  EXPECT_EQ(checked->signers, std::vector<std::string>{kAnna.id()});
  EXPECT_EQ(checked->document.release.version->str(), "2.3.4");
  EXPECT_EQ(checked->seen.serial, 7U);
}

TEST(Trust, SaysWhatIsWrongWithEachSignature) {
  const Trust trust = trust_in({&kAnna});
  auto offer = by({});
  EXPECT_EQ(why_not(offer, trust), "not trusted: 0 of the 1 signature that it takes; there is no signature file");
  EXPECT_EQ(why_not(by({&kEve}), trust), "not trusted: 0 of the 1 signature that it takes; key " + kEve.id() + " is not trusted");
  offer = by({&kAnna});
  offer.document += " ";
  EXPECT_NE(why_not(offer, trust).find("the signature of key " + kAnna.id() + " does not fit"), std::string::npos);
  offer.signatures = {"nonsense"};
  EXPECT_NE(why_not(offer, trust).find("a signature file cannot be read"), std::string::npos);
  EXPECT_EQ(check_signed(offer, trust, {}, nullptr, kNow).error().code, sdk::Errc::denied);
}

TEST(Trust, AThresholdCountsKeysAndNotFiles) {
  const Trust trust = trust_in({&kAnna, &kBert, &kCleo}, 2);
  EXPECT_EQ(why_not(by({&kAnna, &kCleo}), trust), "");
  EXPECT_EQ(why_not(by({&kAnna, &kAnna}), trust), "not trusted: 1 of the 2 signatures that it takes");
}

TEST(Trust, NothingIsReadOutOfADocumentThatNobodyHasSigned) {
  sdk::SignedOffer offer{"not even JSON", {kEve.sign("not even JSON")}};
  EXPECT_EQ(why_not(offer, trust_in({&kAnna})).find("JSON"), std::string::npos);
  offer.signatures = {kAnna.sign(offer.document)};
  EXPECT_EQ(why_not(offer, trust_in({&kAnna})), "not trusted: release.json: it is no JSON: byte 2");
}

TEST(Trust, AnotherChannelsDocumentDoesNotCount) {
  EXPECT_EQ(why_not(by({&kAnna}, {.channel = "canary"}), trust_in({&kAnna})),
            "not trusted: release.json is that of the channel \"canary\", not of \"stable\"");
}

TEST(Trust, ASerialNeverGoesDownAndMeansOneDocument) {
  const Trust trust = trust_in({&kAnna});
  const auto first = check_signed(by({&kAnna}), trust, {}, nullptr, kNow).value();
  EXPECT_EQ(why_not(by({&kAnna}, {.serial = 6}), trust, first.seen),
            "not trusted: release.json has serial 6, and 7 was seen before: an old one is served again");
  const std::string before = document({});
  EXPECT_EQ(why_not(by({&kAnna}), trust, first.seen, &before), "");
  EXPECT_EQ(why_not(by({&kAnna}, {.version = "2.3.5"}), trust, first.seen, &before),
            "not trusted: release.json has the serial 7 that another document had before");
  EXPECT_EQ(why_not(by({&kAnna}, {.serial = 8}), trust, first.seen, &before), "");
}

TEST(Trust, TimesCountWithAStatedTolerance) {
  const Trust trust = trust_in({&kAnna});
  EXPECT_EQ(why_not(by({&kAnna}, {.issued = kNow + 5min}), trust), "");
  EXPECT_NE(why_not(by({&kAnna}, {.issued = kNow + 6min}), trust).find("one of the two clocks is wrong"), std::string::npos);
  EXPECT_EQ(why_not(by({&kAnna}, {.expires = kNow - 4min}), trust), "");
  EXPECT_EQ(why_not(by({&kAnna}, {.expires = kNow - 5min}), trust),
            "not trusted: release.json expired at 2026-11-29T23:55:00Z; its publisher must sign it again");
}

TEST(KeyRotation, AnnouncedKeysSignLaterDocumentsAndAnnounceOthers) {
  const Trust trust = trust_in({&kAnna});
  const std::vector<const Signer*> bert{&kBert}, cleo{&kCleo};
  auto seen = check_signed(by({&kAnna}, {.keys = bert}), trust, {}, nullptr, kNow).value().seen;
  EXPECT_EQ(wanted_files(trust, seen).key_ids, (std::vector<std::string>{kAnna.id(), kBert.id()}));
  EXPECT_EQ(why_not(by({&kBert}, {.serial = 8}), trust),
            "not trusted: 0 of the 1 signature that it takes; key " + kBert.id() + " is not trusted")
      << "a host that has not seen the announcement";
  seen = check_signed(by({&kBert}, {.serial = 8}), trust, seen, nullptr, kNow).value().seen;
  ASSERT_EQ(seen.announced.size(), 1U) << "a document that says nothing of keys leaves them as they are";
  seen = check_signed(by({&kBert}, {.serial = 9, .keys = cleo}), trust, seen, nullptr, kNow).value().seen;
  EXPECT_EQ(seen.announced.at(0).by, std::vector<std::string>{kBert.id()});
  EXPECT_EQ(why_not(by({&kCleo}, {.serial = 10}), trust, seen), "");
  EXPECT_NE(why_not(by({&kBert}, {.serial = 10}), trust, seen), "") << "no longer announced";
  EXPECT_EQ(why_not(by({&kAnna}, {.serial = 10}), trust, seen), "") << "configured keys stay";
}

TEST(KeyRotation, ADocumentDoesNotVouchForItself) {
  const std::vector<const Signer*> eve{&kEve};
  EXPECT_NE(why_not(by({&kEve}, {.keys = eve}), trust_in({&kAnna})), "");
  EXPECT_NE(why_not(by({&kAnna, &kEve}, {.keys = eve}), trust_in({&kAnna, &kBert}, 2)), "");
}

TEST(KeyRotation, ChangingWhatIsConfiguredForgetsWhatWasAnnouncedAndNotTheSerial) {
  const std::vector<const Signer*> bert{&kBert};
  const auto seen = check_signed(by({&kAnna}, {.keys = bert}), trust_in({&kAnna, &kCleo}), {}, nullptr, kNow).value().seen;
  EXPECT_EQ(seen_under(trust_in({&kCleo, &kAnna}), seen).announced.size(), 1U) << "the order is nothing";
  for (const Trust& other : {trust_in({&kAnna}), trust_in({&kAnna, &kCleo, &kDora}), trust_in({&kAnna, &kCleo}, 2)}) {
    EXPECT_TRUE(seen_under(other, seen).announced.empty());
    EXPECT_EQ(seen_under(other, seen).serial, 7U) << "an old document is old, whoever else may sign";
    EXPECT_FALSE(is_under(other, seen));
  }
  auto elsewhere = trust_in({&kAnna, &kCleo});
  elsewhere.channel = "canary";
  for (const Trust& other : {trust_in({&kDora}), elsewhere}) {
    EXPECT_TRUE(seen_under(other, seen).announced.empty());
    EXPECT_EQ(seen_under(other, seen).serial, 0U) << "another channel, or one that is begun anew";
  }
}

TEST(SignedRelease, ComesIntoForceAtOnceAndIsReadBackFromTheJournal) {
  const Trust trust = trust_in({&kAnna});
  const std::vector<const Signer*> bert{&kBert};
  Document critical = parse_document(document({.keys = bert})).value();
  critical.release.critical = true;
  const std::string bytes = write_document(critical);
  const sdk::Offer offer{"s3://b/stable", "tag", sdk::SignedOffer{bytes, {kAnna.sign(bytes)}}};
  const auto accepted = accept({}, offer, false, kNow, trust);
  ASSERT_TRUE(accepted) << accepted.error().message;
  EXPECT_TRUE(accepted->in_force.release.critical) << "the document is one file: no second read";
  EXPECT_TRUE(accepted->changed);
  EXPECT_TRUE(accepted_under(accepted->in_force, trust));
  EXPECT_FALSE(accepted_under(accepted->in_force, trust_in({&kAnna, &kCleo})));
  const auto back = in_force_from(to_json(accepted->in_force));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->offer, offer);
  EXPECT_EQ(back->signers, std::vector<std::string>{kAnna.id()});
  EXPECT_EQ(back->seen->serial, 7U);
  EXPECT_EQ(back->seen->announced.at(0).key, kBert.key());
  EXPECT_EQ(back->release.origin, "s3://b/stable");
  EXPECT_FALSE(accept(*back, offer, false, kNow + 1h, trust, *back)->changed);
}

TEST(SignedRelease, PlainFilesNeverCountBesideTrustedKeysAndKeepWhatWasSeen) {
  const Trust trust = trust_in({&kAnna});
  const sdk::Offer plain{"https://x/stable", "", sdk::PlainOffer{"9.9.9", "yes", ""}};
  const auto refused = accept({}, plain, false, kNow, trust);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, sdk::Errc::denied);
  EXPECT_EQ(refused.error().message, "not trusted: https://x/stable has no signed document, and without one nothing counts here");
  // [trust] is taken away and comes back: an old document must not.
  const auto first = accept({}, {"https://x/stable", "", by({&kAnna})}, false, kNow, trust)->in_force;
  const auto without = accept(first, plain, false, kNow + 40s, {}, first)->in_force;
  EXPECT_FALSE(accepted_under(without, trust));
  const auto journalled = in_force_from(to_json(without)).value();
  EXPECT_FALSE(accept({}, {"https://x/stable", "", by({&kAnna}, {.serial = 6})}, false, kNow, trust, journalled));
  EXPECT_TRUE(accept({}, {"https://x/stable", "", by({&kAnna}, {.serial = 8})}, false, kNow, trust, journalled));
}

}  // namespace
}  // namespace upkeep::core
