// SPDX-License-Identifier: Apache-2.0
// "REFERENCE\n%%\nCONFIG\n%%\nMANIFEST\n%%\nBUNDLE\n%%\nSTATEMENT\n%%\nCHALLENGE": names of images, docker's files of credentials, what
// registries and signers write, what a registry asks for. A name comes back as it was and smuggles nothing into a URL; nothing that nobody
// signed is a signature, and nothing signed is one of another image; a token is asked for where libcurl, too, sees a host that may be
// asked; no error is more than a line.
#include <algorithm>

#include "fuzz/fuzz.h"
#include "io/http_address.h"
#include "sdk/text.h"
#include "shared/oci/challenge.h"
#include "shared/oci/docker_config.h"
#include "shared/oci/manifest.h"
#include "shared/oci/signature.h"
#include "support/oci_signer.h"

using namespace upkeep;
using namespace upkeep::oci;

namespace {

const std::string kImage = "sha256:" + std::string(64, '1');

void check_error(const sdk::Error& error) {
  FUZZ_CHECK(error.code == sdk::Errc::invalid || error.code == sdk::Errc::unsupported || error.code == sdk::Errc::denied, error.message);
  FUZZ_CHECK(fuzz::one_printable_line(error.message) && error.message.size() < 700, error.message);
}

void check_reference(const std::string& text) {
  const auto image = parse_reference(text);
  if (!image) return check_error(image.error());
  FUZZ_CHECK(image->text() == text, text);
  FUZZ_CHECK(image->tag.empty() || is_tag(image->tag), image->tag);
  FUZZ_CHECK(image->digest.empty() || is_digest(image->digest), image->digest);
  const auto address = io::parse_address("https://" + image->registry + "/v2/" + image->repository + "/manifests/" + image->tag);
  FUZZ_CHECK(address, text);
  // An IPv6 address has several spellings.
  FUZZ_CHECK(image->registry.starts_with('[') || sdk::lower(address->host) == host_of(image->registry), address->host);
  FUZZ_CHECK(address->shown.ends_with("/v2/" + image->repository + "/manifests/" + image->tag), address->shown);
  const auto again = parse_reference(image->name);
  FUZZ_CHECK(again && again->same_repository(*image), text);
}

void check_config(const std::string& text) {
  for (const char* image : {"nginx", "r.example.com/team/app"}) {
    const auto login = login_for(parse_reference(image).value(), text);
    if (!login) check_error(login.error());
    if (!login || !*login) continue;
    FUZZ_CHECK(!(*login)->identity_token.empty() || ((*login)->user.find(':') == std::string::npos && !(*login)->user.empty()), text);
  }
}

void check_manifest(const std::string& text) {
  const auto manifest = parse_manifest(text);
  if (!manifest) return check_error(manifest.error());
  for (const auto* list : {&manifest->layers, &manifest->manifests})
    for (const auto& one : *list) FUZZ_CHECK(is_sha256(one.digest), one.digest);
}

Keys make_keys(const test::OciSigner& signer) {
  Keys out;
  out.push_back(PublicKey::parse(signer.pem()).value());
  return out;
}

void check_signatures(const std::string& bundle, const std::string& statement) {
  static const test::OciSigner kSigner("ED25519");
  static const Keys kKeys = make_keys(kSigner);
  for (const auto& said : {check_bundle(kKeys, bundle, kImage), check_payload(kKeys, bundle, statement, kImage)}) {
    FUZZ_CHECK(!said, bundle);
    check_error(said.error());
  }
  for (const auto& said :
       {check_bundle(kKeys, kSigner.bundle(statement), kImage), check_payload(kKeys, statement, kSigner.sign_base64(statement), kImage)}) {
    if (!said) check_error(said.error());
    // It can be written with escapes.
    FUZZ_CHECK(!said || statement.find('\\') != std::string::npos || statement.find(kImage.substr(7)) != std::string::npos, statement);
  }
}

void check_challenge(const std::string& text) {
  sdk::HttpResponse response;
  response.headers.emplace_back("www-authenticate", text);
  const auto challenge = read_challenge(response);
  if (challenge.kind != Challenge::Kind::bearer) return;
  const bool plain = text.size() % 2 == 0;
  const auto image = parse_reference(plain ? "127.0.0.1:5000/app" : "r.example.com/app").value();
  const auto problem = realm_problem(challenge.realm, image, {"auth.example.net"}, plain);
  FUZZ_CHECK(fuzz::one_printable_line(problem) && problem.size() < 300, problem);
  if (!problem.empty()) return;
  const auto address = io::parse_address(challenge.realm + (challenge.realm.find('?') == std::string::npos ? "?a=b" : "&a=b"));
  FUZZ_CHECK(address, challenge.realm);
  sdk::HttpRequest request(challenge.realm);
  if (plain) request.plain = sdk::PlainHttp::loopback;
  FUZZ_CHECK(io::may_use(*address, request), challenge.realm);
  const auto host = sdk::lower(address->host);
  FUZZ_CHECK(host == "auth.example.net" || (plain ? host == "127.0.0.1" : host == "example.com" || host.ends_with(".example.com")), host);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto parts = fuzz::parts_of(fuzz::text_of(data, size));
  parts.resize(6);
  check_reference(parts[0]);
  check_config(parts[1]);
  check_manifest(parts[2]);
  check_signatures(parts[3], parts[4]);
  check_challenge(parts[5]);
  return 0;
}
