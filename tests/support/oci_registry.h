// SPDX-License-Identifier: Apache-2.0
#pragma once
// A registry in a scripted web server: images and signatures under the addresses that a client asks for.

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "shared/oci/digest.h"
#include "shared/oci/reference.h"
#include "support/oci_signer.h"
#include "support/plugin_host.h"

namespace upkeep::test {

inline const std::string kOciManifestType = "application/vnd.oci.image.manifest.v1+json";
inline const std::string kOciIndexType = "application/vnd.oci.image.index.v1+json";

class OciRegistry {
 public:
  explicit OciRegistry(FakeHttp& web, std::string base = "https://r.example.com", std::string repository = "team/app")
      : web_(web), root_(base + "/v2/" + repository) {}

  [[nodiscard]] std::string manifest_url(const std::string& name) const { return root_ + "/manifests/" + name; }
  [[nodiscard]] std::string blob_url(const std::string& digest) const { return root_ + "/blobs/" + digest; }
  [[nodiscard]] std::string referrers_url(const std::string& digest) const { return root_ + "/referrers/" + digest; }

  // Both return the digest. An empty tag: by digest alone.
  std::string put_manifest(const std::string& tag, const std::string& bytes, const std::string& type = kOciManifestType) {
    auto digest = oci::digest_of(bytes);
    for (const auto& name : {tag, digest})
      if (!name.empty()) web_.answer(manifest_url(name), 200, bytes, {{"content-type", type}, {"docker-content-digest", digest}});
    return digest;
  }
  std::string put_blob(const std::string& bytes) {
    auto digest = oci::digest_of(bytes);
    web_.answer(blob_url(digest), 200, bytes, {{"content-type", "application/octet-stream"}});
    return digest;
  }

  static nlohmann::json layer(const std::string& type, const std::string& digest, std::size_t size) {
    return {{"mediaType", type}, {"digest", digest}, {"size", size}};
  }
  static std::string manifest_of(const nlohmann::json& layers) {
    return nlohmann::json{{"schemaVersion", 2}, {"mediaType", kOciManifestType}, {"layers", layers}}.dump();
  }

  // The tag that cosign hangs classic signatures on; one layer a payload and its signature.
  struct Classic {
    std::string payload, signature;
  };
  void put_classic(const std::string& image, const std::vector<Classic>& signatures) {
    auto layers = nlohmann::json::array();
    for (const auto& one : signatures) {
      layers.push_back(layer("application/vnd.dev.cosign.simplesigning.v1+json", put_blob(one.payload), one.payload.size()));
      layers.back()["annotations"] = {{"dev.cosignproject.cosign/signature", one.signature}};
    }
    put_manifest("sha256-" + image.substr(7) + ".sig", manifest_of(layers));
  }
  // A manifest that holds a bundle, as an index lists it.
  nlohmann::json put_bundle(const std::string& bundle) {
    const auto type = "application/vnd.dev.sigstore.bundle.v0.3+json";
    const auto bytes = manifest_of(nlohmann::json::array({layer(type, put_blob(bundle), bundle.size())}));
    auto out = layer(kOciManifestType, put_manifest("", bytes), bytes.size());
    out["artifactType"] = "application/vnd.oci.empty.v1+json";
    return out;
  }
  static std::string index_of(const nlohmann::json& manifests) {
    return nlohmann::json{{"schemaVersion", 2}, {"mediaType", kOciIndexType}, {"manifests", manifests}}.dump();
  }
  void put_referrers(const std::string& image, const nlohmann::json& manifests, std::vector<sdk::HttpHeader> headers = {}) {
    headers.emplace_back("content-type", kOciIndexType);
    web_.answer(referrers_url(image), 200, index_of(manifests), std::move(headers));
  }
  void put_fallback(const std::string& image, const nlohmann::json& manifests) {
    put_manifest("sha256-" + image.substr(7), index_of(manifests), kOciIndexType);
  }

 private:
  FakeHttp& web_;
  std::string root_;
};

}  // namespace upkeep::test
