// SPDX-License-Identifier: Apache-2.0
// Which image may be deployed: the three places of signatures, all that must not count as one, and the table [installer.verify].

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "shared/oci/verify.h"
#include "support/oci_registry.h"

namespace upkeep::test {
namespace {

using nlohmann::json;

const std::string kIndex = R"({"schemaVersion":2,"manifests":[]})", kIndexDigest = oci::digest_of(kIndex);
const std::string kElse = "sha256:" + std::string(64, '2');
const std::string kWanted = "r.example.com/team/app:1.0", kTrusted = kWanted + "@" + kIndexDigest;
const std::string kRefused = "denied: no valid signature found for img " + kTrusted + ": ";
const std::string kSigTag = "sha256-" + kIndexDigest.substr(7) + ".sig";

class OciVerify : public testing::Test {
 protected:
  PluginHost host_;
  oci::VerifySettings settings_;
  OciRegistry registry_{host_.web};

  OciVerify() {
    registry_.put_manifest("1.0", kIndex, kOciIndexType);
    trust(p256_signer());
  }
  void trust(const OciSigner& signer) {
    settings_.key_files.push_back("/keys/" + std::to_string(settings_.key_files.size()) + ".pub");
    host_.contents.insert_or_assign(settings_.key_files.back(), signer.pem());
  }
  std::string trusted(const std::optional<std::string>& digest = std::nullopt) {
    oci::Verifier verifier(host_, settings_);
    const auto out = run_task(verifier.trusted_image(oci::parse_reference(kWanted).value(), digest));
    return out ? *out : std::string(sdk::name(out.error().code)) + ": " + out.error().message;
  }
  static OciRegistry::Classic classic(const OciSigner& signer, const std::string& digest) {
    const auto payload = simple_payload(digest);
    return {payload, signer.sign_base64(payload)};
  }
  [[nodiscard]] static std::string key_shown() { return oci::PublicKey::parse(p256_signer().pem())->shown(); }
};

TEST_F(OciVerify, AnImageWithASignatureInAnyFormIsDeployedByDigest) {
  registry_.put_classic(kIndexDigest, {classic(p256_signer(), kIndexDigest)});
  EXPECT_EQ(trusted(), kTrusted);
  host_.web = FakeHttp();
  registry_.put_manifest("1.0", kIndex, kOciIndexType);
  EXPECT_EQ(trusted(), kRefused + "there is none");
  const auto bundle = registry_.put_bundle(p256_signer().bundle(sign_statement(kIndexDigest)));
  registry_.put_fallback(kIndexDigest, json::array({bundle}));
  EXPECT_EQ(trusted(), kTrusted) << "without the referrers API";
  registry_.put_referrers(kIndexDigest, json::array());
  EXPECT_EQ(trusted(), kRefused + "there is none") << "a registry that has the API knows them all";
  host_.web.forget(registry_.referrers_url(kIndexDigest));
  registry_.put_referrers(kIndexDigest, json::array({bundle}));
  EXPECT_EQ(trusted(), kTrusted);
}

TEST_F(OciVerify, OneValidSignatureByOneKeyIsEnough) {
  const OciSigner second("ED25519"), stranger("P-256");
  trust(second);
  registry_.put_classic(kIndexDigest,
                        {classic(stranger, kIndexDigest), classic(p256_signer(), kElse), {"junk", "junk"}, classic(second, kIndexDigest)});
  EXPECT_EQ(trusted(), kTrusted);
  EXPECT_EQ(host_.logged.back().find("image " + kTrusted + " is signed with Ed25519 key "), 0U);
}

TEST_F(OciVerify, WithoutAValidOneTheReasonsAreSaid) {
  registry_.put_classic(kIndexDigest, {classic(OciSigner("P-256"), kIndexDigest), classic(p256_signer(), kElse)});
  const auto stranger = registry_.put_bundle(OciSigner("P-256").bundle(sign_statement(kIndexDigest)));
  const auto provenance = registry_.put_bundle(p256_signer().bundle(sign_statement(kIndexDigest, "https://slsa.dev/provenance/v1")));
  registry_.put_referrers(kIndexDigest, json::array({stranger, provenance}));
  EXPECT_EQ(trusted(), kRefused + "signature 1 in " + kSigTag + ": it is not signed with " + key_shown() + "; signature 2 in " + kSigTag +
                           ": it is signed, but for " + kElse + ", which is another image; " + stranger["digest"].get<std::string>() +
                           ": it is not signed with " + key_shown() + "; " + provenance["digest"].get<std::string>() +
                           ": it says \"https://slsa.dev/provenance/v1\" of the image, and is no signature");
}

TEST_F(OciVerify, ATagThatWasMovedNeedsASignatureOfItsOwn) {
  registry_.put_classic(kIndexDigest, {classic(p256_signer(), kIndexDigest)});
  ASSERT_EQ(trusted(), kTrusted);
  const std::string moved = R"({"schemaVersion":2,"manifests":[ ]})", digest = oci::digest_of(moved);
  host_.web.forget(registry_.manifest_url("1.0"));
  registry_.put_manifest("1.0", moved, kOciIndexType);
  EXPECT_EQ(trusted(), "denied: no valid signature found for img " + kWanted + "@" + digest + ": there is none");
  registry_.put_classic(digest, {classic(p256_signer(), kIndexDigest)});
  EXPECT_EQ(trusted(), "denied: no valid signature found for img " + kWanted + "@" + digest + ": signature 1 in sha256-" +
                           digest.substr(7) + ".sig: it is signed, but for " + kIndexDigest + ", which is another image");
}

TEST_F(OciVerify, WhatIsTamperedWithOnTheWayDoesNotCount) {
  const auto good = classic(p256_signer(), kIndexDigest);
  registry_.put_classic(kIndexDigest, {good});
  const auto digest = oci::digest_of(good.payload), url = registry_.blob_url(digest);
  host_.web.forget(url);
  host_.web.answer(url, 200, good.payload + " ");
  EXPECT_EQ(trusted(), kRefused + "signature 1 in " + kSigTag + ": " + url + ": the registry sends other bytes under that digest");
  host_.web.forget(url);
  EXPECT_EQ(trusted(), kRefused + "signature 1 in " + kSigTag + ": " + url + ": the server answered with status 404");
  host_.web.forget(registry_.manifest_url(kSigTag));
  registry_.put_manifest(kSigTag, "junk");
  EXPECT_EQ(trusted(), kRefused + kSigTag + ": " + registry_.manifest_url(kSigTag) + ": the answer is no JSON (or no UTF-8)");
  host_.web.forget(registry_.manifest_url(kSigTag));
  registry_.put_manifest(kSigTag, R"({"layers":[7,{},{"mediaType":"text/plain","digest":"sha256:)" + std::string(64, '0') + "\"}]}");
  EXPECT_EQ(trusted(), kRefused + kSigTag + ": holds no signature");
}

TEST_F(OciVerify, ADigestThatIsNoneIsNoPlace) {
  for (const char* digest : {"", "junk", "../../../../v2/x", "sha256:../x", "sha256:00", "sha512:00"}) {
    auto layers = json::array({OciRegistry::layer("application/vnd.dev.cosign.simplesigning.v1+json", digest, 1)});
    layers[0]["annotations"] = {{"dev.cosignproject.cosign/signature", "AAAA"}};
    host_.web.forget(registry_.manifest_url(kSigTag));
    registry_.put_manifest(kSigTag, OciRegistry::manifest_of(layers));
    registry_.put_referrers(kIndexDigest, json::array({OciRegistry::layer(kOciManifestType, digest, 1)}));
    host_.web.requests.clear();
    EXPECT_EQ(trusted(), kRefused + kSigTag + ": holds no signature") << digest;
    EXPECT_EQ(host_.web.requests.size(), 3U) << "the image, the tag, the referrers";
    host_.web.forget(registry_.referrers_url(kIndexDigest));
  }
}

TEST_F(OciVerify, StrangersCanPutNoMoreInTheWayThanIsLookedAt) {
  std::vector<OciRegistry::Classic> many(60, classic(OciSigner("P-256"), kIndexDigest));
  many.push_back(classic(p256_signer(), kIndexDigest));
  registry_.put_classic(kIndexDigest, many);
  EXPECT_EQ(trusted().rfind("; and 45 more"), trusted().size() - 13) << trusted();
  EXPECT_LE(host_.web.requests.size(), 120U);
  host_.web.forget(registry_.manifest_url(kSigTag));
  auto bundles = json::array();
  for (int i = 0; i < 60; ++i) bundles.push_back(registry_.put_bundle(std::string(static_cast<std::size_t>(i), ' ')));
  bundles.push_back(registry_.put_bundle(p256_signer().bundle(sign_statement(kIndexDigest))));
  registry_.put_referrers(kIndexDigest, bundles);
  EXPECT_EQ(trusted().rfind("; and 45 more"), trusted().size() - 13) << trusted();
  host_.web.forget(registry_.referrers_url(kIndexDigest));
  const std::string big(256 * 1024 + 1, ' ');
  registry_.put_referrers(kIndexDigest, json::array({registry_.put_bundle(big)}));
  EXPECT_NE(trusted().find(": is longer than 262144 bytes"), std::string::npos) << trusted();
}

TEST_F(OciVerify, WhatAnIndexCallsASignatureIsLookedAtFirst) {
  auto manifests = json::array();
  for (int i = 0; i < 60; ++i) {
    manifests.push_back(OciRegistry::layer(kOciManifestType, oci::digest_of(std::to_string(i)), 1));
    manifests.back()["artifactType"] = "application/sarif+json";
  }
  auto bundle = registry_.put_bundle(p256_signer().bundle(sign_statement(kIndexDigest)));
  manifests.push_back(bundle);
  registry_.put_referrers(kIndexDigest, manifests);
  EXPECT_EQ(trusted(), kTrusted);
  EXPECT_LE(host_.web.requests.size(), 5U);
}

TEST_F(OciVerify, ARegistryInTroubleIsNoMissingSignature) {
  const auto transient = [&](const std::string& url) {
    host_.web.forget(url);
    host_.web.answer(url, 503, "", {{"retry-after", "60"}});
    const auto out = trusted();
    host_.web.forget(url);
    return out;
  };
  const auto said = [](const std::string& url) {
    return "transient: " + url + ": the server answered with status 503 and asks to wait 1m";
  };
  EXPECT_EQ(transient(registry_.manifest_url(kSigTag)), said(registry_.manifest_url(kSigTag)));
  EXPECT_EQ(transient(registry_.referrers_url(kIndexDigest)), said(registry_.referrers_url(kIndexDigest)));
  const auto good = classic(p256_signer(), kIndexDigest);
  registry_.put_classic(kIndexDigest, {good});
  const auto blob = registry_.blob_url(oci::digest_of(good.payload));
  EXPECT_EQ(transient(blob), said(blob));
  EXPECT_EQ(transient(registry_.manifest_url("1.0")), said(registry_.manifest_url("1.0")));
  EXPECT_EQ(trusted(), "invalid: " + kWanted + ": the registry has no such image");
}

TEST_F(OciVerify, ADigestOfTheReleaseCountsInsteadOfTheRegistrysAnswer) {
  host_.web.forget(registry_.manifest_url("1.0"));
  registry_.put_manifest("1.0", "{}", kOciIndexType);
  EXPECT_EQ(trusted(kIndexDigest), kRefused + "there is none") << "and is no signature of the image";
  registry_.put_classic(kIndexDigest, {classic(p256_signer(), kIndexDigest)});
  settings_.resolve = false;
  EXPECT_EQ(trusted(kIndexDigest), kTrusted);
  for (const auto& request : host_.web.requests) EXPECT_NE(request.url, registry_.manifest_url("1.0"));
  EXPECT_EQ(trusted("sha256:junk"), "invalid: " + kWanted + "@sha256:junk: the release's digest is none of SHA-256");
}

TEST_F(OciVerify, WithoutKeysNoneIsLookedFor) {
  settings_.key_files.clear();
  EXPECT_EQ(trusted(), kTrusted);
  EXPECT_EQ(host_.web.requests.size(), 1U);
  EXPECT_EQ(trusted(kElse), kWanted + "@" + kElse);
  settings_.resolve = false;
  EXPECT_EQ(trusted(), kWanted);
  EXPECT_EQ(trusted(kElse), kWanted + "@" + kElse);
  EXPECT_EQ(host_.web.requests.size(), 1U) << "nobody was asked";
}

TEST_F(OciVerify, KeysWithoutAWayToADigestRefuse) {
  settings_.resolve = false;
  EXPECT_EQ(trusted(), "denied: " + kWanted +
                           ": verify.keys are set and verify.resolve = false, so which bytes have to be signed is not known: let the "
                           "registry be asked, or a signed channel name the image's digest");
  EXPECT_TRUE(host_.web.requests.empty());
}

TEST_F(OciVerify, AKeyThatCannotBeReadIsNoKeyLess) {
  registry_.put_classic(kIndexDigest, {classic(p256_signer(), kIndexDigest)});
  settings_.key_files.emplace_back("/keys/gone.pub");
  EXPECT_EQ(trusted(), "denied: " + kWanted + ": the key /keys/gone.pub does not exist");
  host_.contents.insert_or_assign("/keys/gone.pub", "SECRET");
  EXPECT_EQ(trusted(), "denied: " + kWanted + ": /keys/gone.pub holds no public key in PEM (\"-----BEGIN PUBLIC KEY-----\")");
  host_.contents.insert_or_assign("/keys/gone.pub", OciSigner("ED25519").pem());
  EXPECT_EQ(trusted(), kTrusted) << "it is read anew each time";
}

std::string verify_issues(const std::vector<std::pair<std::string, sdk::Config::Value>>& values) {
  sdk::Config::Table table;
  for (const auto& [key, value] : values) table.emplace(key, sdk::Config(value, {"a.toml", 7}));
  std::string out;
  for (const auto& issue : oci::check_verify(sdk::Config(table))) {
    EXPECT_EQ(issue.place.line, 7);
    out += issue.path + " " + issue.message + "\n";
  }
  return out;
}

TEST(OciVerifyTable, WhatCannotWorkIsSaidWithItsPlace) {
  const auto list = [](const std::vector<std::string>& texts) {
    sdk::Config::Array out;
    for (const auto& text : texts) out.emplace_back(text);
    return sdk::Config::Value(out);
  };
  EXPECT_EQ(verify_issues({}), "");
  EXPECT_EQ(verify_issues({{"keys", list({"/a.pub", "/b.pub"})},
                           {"docker_config", "/c"},
                           {"registry_ca", "/d"},
                           {"token_hosts", list({"auth.example.com"})},
                           {"resolve", true}}),
            "");
  EXPECT_EQ(verify_issues({{"keys", list({})}}), "verify.keys is empty: an image would need no signature; leave it out if that is meant\n");
  EXPECT_EQ(verify_issues({{"keys", list({"a.pub"})}}), "verify.keys must be an absolute path\n");
  EXPECT_EQ(verify_issues({{"keys", list(std::vector<std::string>(17, "/a"))}}), "verify.keys has more than 16 files\n");
  EXPECT_EQ(verify_issues({{"docker_config", "c"}, {"registry_ca", ""}}),
            "verify.docker_config must be an absolute path\nverify.registry_ca must be an absolute path\n");
  EXPECT_EQ(verify_issues({{"plain_http", true}, {"registry_ca", "/d"}}), "verify.registry_ca is of no use with plain_http\n");
  for (const char* bad : {"", "https://a", "a:443", "A", "a/b"})
    EXPECT_EQ(verify_issues({{"token_hosts", list({bad})}}),
              "verify.token_hosts must be names of hosts in lower case, without scheme, port and path\n")
        << bad;
}

}  // namespace
}  // namespace upkeep::test
