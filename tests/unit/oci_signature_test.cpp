// SPDX-License-Identifier: Apache-2.0
// Public keys and what they signed: each kind of key, both forms, and all that is no signature of this image.

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "shared/oci/signature.h"
#include "support/oci_signer.h"

namespace upkeep::test {
namespace {

using nlohmann::json;
using oci::check_bundle;
using oci::check_payload;
using oci::PublicKey;

const std::string kOciImage = "sha256:" + std::string(64, '1'), kOtherImage = "sha256:" + std::string(64, '2');

oci::Keys keys_of(const OciSigner& signer) {
  oci::Keys out;
  out.push_back(PublicKey::parse(signer.pem()).value());
  return out;
}

std::string said_of(const sdk::Result<std::string>& answer) { return answer ? "good" : answer.error().message; }

std::string payload_said(const std::string& payload, const std::string& signature) {
  return said_of(check_payload(keys_of(p256_signer()), payload, signature, kOciImage));
}

std::string bundle_said(const std::string& bundle) { return said_of(check_bundle(keys_of(p256_signer()), bundle, kOciImage)); }

TEST(OciPublicKey, EachKindVerifiesItsOwnAndNoOthers) {
  const OciSigner other("P-256");
  for (const char* kind : {"P-256", "P-384", "RSA-2048", "RSA-4096", "ED25519"}) {
    const OciSigner signer(kind);
    const auto key = PublicKey::parse(signer.pem());
    ASSERT_TRUE(key) << kind << key.error().message;
    const std::string message = "to be signed", signature = signer.sign(message);
    EXPECT_TRUE(key->verifies(message, signature)) << kind;
    EXPECT_FALSE(key->verifies(message + "!", signature)) << kind;
    EXPECT_FALSE(key->verifies(message, other.sign(message))) << kind;
    EXPECT_FALSE(key->verifies(message, "")) << kind;
    std::string bent = signature;
    bent.back() = static_cast<char>(bent.back() ^ 1);
    EXPECT_FALSE(key->verifies(message, bent)) << kind;
    EXPECT_FALSE(key->verifies(message, signature + "x")) << kind;
    EXPECT_EQ(key->id().size(), 64U);
  }
}

TEST(OciPublicKey, OnP384BundlesAreHashedWithTheLongerHash) {
  OciSigner signer("P-384");
  const auto key = PublicKey::parse(signer.pem()).value();
  signer.hash_with(EVP_sha384());
  EXPECT_TRUE(key.verifies("m", signer.sign("m")));
  signer.hash_with(EVP_sha512());
  EXPECT_FALSE(key.verifies("m", signer.sign("m")));
  OciSigner shorter("P-256");
  shorter.hash_with(EVP_sha1());
  EXPECT_FALSE(PublicKey::parse(shorter.pem())->verifies("m", shorter.sign("m")));
}

TEST(OciPublicKey, IsShownWithTheBeginningOfItsHash) {
  // openssl pkey -pubin -outform DER | sha256sum
  const auto key = PublicKey::parse(
      "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n");
  ASSERT_TRUE(key);
  EXPECT_EQ(key->shown(), "Ed25519 key " + key->id().substr(0, 16));
  EXPECT_EQ(key->id(), "a1e9156054e04fac899ae9f275132cdc07a5dbc4ea2c2ad3a1ffc6e0d253681f");
}

TEST(OciPublicKey, WhatIsNoneIsSaidWithoutWhatStandsInIt) {
  const auto problem = [](const std::string& pem) {
    const auto key = PublicKey::parse(pem);
    return key ? "taken" : key.error().message;
  };
  const std::string none = "holds no public key in PEM (\"-----BEGIN PUBLIC KEY-----\")";
  EXPECT_EQ(problem(""), none);
  EXPECT_EQ(problem("SECRET"), none);
  EXPECT_EQ(problem("-----BEGIN PUBLIC KEY-----\nSECRET\n-----END PUBLIC KEY-----\n"), none);
  EXPECT_EQ(problem("-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEAAAA\n-----END PUBLIC KEY-----\n"), none);
  EXPECT_EQ(problem(std::string(16 * 1024 + 1, ' ')), "is longer than 16384 bytes");
  const std::string priv = "holds a private key, which belongs to who signs: put the public one there";
  EXPECT_EQ(problem(p256_signer().private_pem()), priv);
  EXPECT_EQ(problem("-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\neyJ\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----\n"), priv);
  EXPECT_EQ(problem(p256_signer().pem() + p256_signer().pem()), "holds more than one key: each has a file of its own");
  EXPECT_EQ(problem(OciSigner("RSA-1024").pem()), "holds an RSA key of 1024 bits; it must have 2048 to 8192");
  EXPECT_EQ(problem(OciSigner("P-521").pem()), "holds a key of another kind than ECDSA P-256, ECDSA P-384, RSA and Ed25519");
}

TEST(OciPayload, IsASignatureOfTheImageWhoseDigestItNames) {
  const auto payload = simple_payload(kOciImage);
  EXPECT_EQ(payload_said(payload, p256_signer().sign_base64(payload)), "good");
  const auto newer = simple_payload(kOciImage, "https://sigstore.dev/cosign/sign/v1");
  EXPECT_EQ(payload_said(newer, p256_signer().sign_base64(newer)), "good");
}

TEST(OciPayload, WhatIsNoSignatureOfItSaysWhy) {
  const auto payload = simple_payload(kOciImage), good = p256_signer().sign_base64(payload);
  const auto shown = keys_of(p256_signer())[0].shown();
  const auto signed_said = [](const std::string& text) { return payload_said(text, p256_signer().sign_base64(text)); };
  EXPECT_EQ(payload_said(payload, OciSigner("P-256").sign_base64(payload)), "it is not signed with " + shown);
  EXPECT_EQ(payload_said(payload + " ", good), "it is not signed with " + shown) << "every byte counts";
  EXPECT_EQ(payload_said(payload, ""), "its signature is no base64");
  EXPECT_EQ(payload_said(payload, good + "\n"), "its signature is no base64");
  EXPECT_EQ(payload_said(payload, std::string(4097, 'A')), "its signature is too long");
  EXPECT_EQ(signed_said(simple_payload(kOtherImage)), "it is signed, but for " + kOtherImage + ", which is another image");
  EXPECT_EQ(signed_said(simple_payload("junk")), "it is signed, but for something, which is another image");
  EXPECT_EQ(signed_said(simple_payload(kOciImage, "atomic")), "it is signed as \"atomic\", and is no signature of an image");
  EXPECT_EQ(signed_said("no json"), "its payload: is no JSON (or no UTF-8)");
  EXPECT_EQ(signed_said("[]"), "its payload: is JSON that is no object");
  EXPECT_EQ(signed_said(R"({"critical":[{"type":1}]})"), "it is signed as \"\", and is no signature of an image");
  EXPECT_EQ(signed_said(R"({"critical":{"type":"cosign container image signature","image":{"docker-manifest-digest":7}}})"),
            "it is signed, but for something, which is another image");
  std::string deep = R"({"a":)" + std::string(100, '[') + std::string(100, ']') + "}";
  EXPECT_EQ(signed_said(deep), "its payload: is JSON that is nested deeper than 32");
  std::string long_list = R"({"a":[1)";
  for (int i = 0; i < 20'000; ++i) long_list += ",1";
  EXPECT_EQ(signed_said(long_list + "]}"), "its payload: is JSON of more than 20000 values");
}

TEST(OciPayload, OneOfSeveralKeysIsEnough) {
  const OciSigner second("ED25519");
  oci::Keys keys = keys_of(p256_signer());
  keys.push_back(PublicKey::parse(second.pem()).value());
  const auto payload = simple_payload(kOciImage);
  EXPECT_EQ(check_payload(keys, payload, second.sign_base64(payload), kOciImage).value(), keys[1].shown());
  EXPECT_EQ(check_payload(keys, payload, OciSigner("RSA-2048").sign_base64(payload), kOciImage).error().message,
            "it is not signed with one of our keys");
}

TEST(OciBundle, IsASignatureOfEachSubjectOfItsStatement) {
  for (const char* kind : {"P-256", "P-384", "RSA-2048", "ED25519"}) {
    const OciSigner signer(kind);
    EXPECT_EQ(said_of(check_bundle(keys_of(signer), signer.bundle(sign_statement(kOciImage)), kOciImage)), "good") << kind;
  }
  auto several = json::parse(sign_statement(kOtherImage));
  several["subject"].push_back({{"digest", {{"sha256", kOciImage.substr(7)}}}});
  EXPECT_EQ(bundle_said(p256_signer().bundle(several.dump())), "good");
}

TEST(OciBundle, WhatIsNoSignatureOfItSaysWhy) {
  const auto bundle_of = [](const std::string& statement) { return p256_signer().bundle(statement); };
  const auto shown = keys_of(p256_signer())[0].shown();
  EXPECT_EQ(bundle_said(OciSigner("P-256").bundle(sign_statement(kOciImage))), "it is not signed with " + shown);
  EXPECT_EQ(bundle_said(bundle_of(sign_statement(kOtherImage))), "it is signed, but for " + kOtherImage + ", which is another image");
  EXPECT_EQ(bundle_said(bundle_of(sign_statement(kOciImage, "https://slsa.dev/provenance/v1"))),
            "it says \"https://slsa.dev/provenance/v1\" of the image, and is no signature")
      << "what else is signed with the key";
  EXPECT_EQ(bundle_said(bundle_of("{}")), "its statement is none of in-toto");
  EXPECT_EQ(bundle_said(bundle_of("no json")), "its statement: is no JSON (or no UTF-8)");
  auto statement = json::parse(sign_statement(kOciImage));
  statement["subject"] = json::array();
  EXPECT_EQ(bundle_said(bundle_of(statement.dump())), "its statement is of nothing, or of too much");
  for (const json& subject : {json(7), json({{"digest", "x"}}), json({{"digest", {{"sha512", kOciImage.substr(7)}}}})}) {
    statement["subject"] = json::array({subject});
    EXPECT_EQ(bundle_said(bundle_of(statement.dump())), "it is signed, but for something, which is another image") << subject;
  }
}

TEST(OciBundle, WhatIsNoBundleSaysWhy) {
  const auto changed = [](const char* pointer, const json& value) {
    auto bundle = json::parse(p256_signer().bundle(sign_statement(kOciImage)));
    bundle[json::json_pointer(pointer)] = value;
    return bundle_said(bundle.dump());
  };
  EXPECT_EQ(bundle_said(""), "the bundle: is no JSON (or no UTF-8)");
  EXPECT_EQ(bundle_said(std::string(512 * 1024 + 1, ' ')), "the bundle: is longer than 524288 bytes");
  EXPECT_EQ(bundle_said(R"({"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","messageSignature":{}})"),
            "the bundle has no DSSE envelope");
  EXPECT_EQ(changed("/mediaType", "text/plain"), "it is no sigstore bundle");
  EXPECT_EQ(changed("/mediaType", 7), "it is no sigstore bundle");
  EXPECT_EQ(changed("/dsseEnvelope", 7), "the bundle's payload is no in-toto statement");
  EXPECT_EQ(changed("/dsseEnvelope/payloadType", "text/plain"), "the bundle's payload is no in-toto statement");
  EXPECT_EQ(changed("/dsseEnvelope/payload", "#"), "the bundle's payload is no base64");
  EXPECT_EQ(changed("/dsseEnvelope/signatures", json::array()), "the bundle has 0 signatures instead of one");
  EXPECT_EQ(changed("/dsseEnvelope/signatures", json::array({7})), "its signature is no base64");
  EXPECT_EQ(changed("/dsseEnvelope/signatures/1", json::object()), "the bundle has 2 signatures instead of one");
}

}  // namespace
}  // namespace upkeep::test
