// SPDX-License-Identifier: Apache-2.0
#include "shared/oci/cosign.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "sdk/text.h"
#include "shared/oci/manifest.h"

namespace upkeep::oci {

using sdk::Errc;
using sdk::fail;
using sdk::Result;
using sdk::Task;

namespace {

constexpr std::size_t kMostLooked = 50, kMostLayer = 256 * 1024, kMostReasons = 5;
constexpr std::string_view kSimpleSigning = "application/vnd.dev.cosign.simplesigning.v1+json";
constexpr std::string_view kBundleType = "application/vnd.dev.sigstore.bundle", kNoType = "application/vnd.oci.empty.v1+json";

// Whether nothing can be said now. For all else, the next signature may be good.
bool ends_search(const sdk::Error& error) {
  return error.code != Errc::invalid && error.code != Errc::unsupported && error.code != Errc::denied;
}

// "sha256-HEX"
std::string tag_of(std::string digest) {
  digest[digest.find(':')] = '-';
  return digest;
}

class Search {
 public:
  Search(Repository& repository, const Keys& keys, std::string digest) : repository_(repository), keys_(keys), digest_(std::move(digest)) {}

  Task<Result<std::string>> run() {
    co_await look_at_tag();
    if (open()) co_await look_at_referrers();
    if (failure_) co_return fail(*failure_);
    if (signer_) co_return *signer_;
    std::string text;
    for (std::size_t i = 0; i < std::min(reasons_.size(), kMostReasons); ++i) text += (i ? "; " : "") + reasons_[i];
    if (reasons_.size() > kMostReasons) text += "; and " + std::to_string(reasons_.size() - kMostReasons) + " more";
    co_return fail(Errc::denied, reasons_.empty() ? "there is none" : text);
  }

 private:
  [[nodiscard]] bool open() const { return !signer_ && !failure_; }

  // Why what was looked at is no signature; or that nothing can be said now.
  void note(const std::string& what, const sdk::Error& error, bool of_registry) {
    if (of_registry && ends_search(error))
      failure_ = error;
    else
      reasons_.push_back(what + ": " + error.message);
  }
  void judge(const std::string& what, Result<std::string> signer) {
    if (signer)
      signer_ = std::move(*signer);
    else
      note(what, signer.error(), false);
  }

  // nullopt: it is not there, or cannot be read, which is noted.
  Task<std::optional<Manifest>> read(std::string tag_or_digest) {
    auto found = co_await repository_.manifest(tag_or_digest);
    if (!found) note(tag_or_digest, found.error(), true);
    if (!found || !*found) co_return std::nullopt;
    auto manifest = parse_manifest((*found)->bytes);
    if (!manifest) note(tag_or_digest, manifest.error(), false);
    if (!manifest) co_return std::nullopt;
    co_return std::move(*manifest);
  }
  Task<std::optional<std::string>> read_layer(std::string what, Descriptor layer) {
    if (layer.size > kMostLayer) {
      reasons_.push_back(what + ": is longer than " + std::to_string(kMostLayer) + " bytes");
      co_return std::nullopt;
    }
    auto bytes = co_await repository_.blob(layer.digest, kMostLayer);
    if (!bytes) note(what, bytes.error(), true);
    if (!bytes) co_return std::nullopt;
    co_return std::move(*bytes);
  }

  Task<void> look_at_tag() {
    const std::string tag = tag_of(digest_) + ".sig";
    const auto manifest = co_await read(tag);
    if (!manifest) co_return;
    std::size_t looked = 0;
    for (const Descriptor& layer : manifest->layers) {
      if (!open() || looked == kMostLooked) break;
      if (layer.media_type != kSimpleSigning) continue;
      const std::string what = "signature " + std::to_string(++looked) + " in " + tag;
      const auto payload = co_await read_layer(what, layer);
      if (payload) judge(what, check_payload(keys_, *payload, layer.signature, digest_));
    }
    if (looked == 0) reasons_.push_back(tag + ": holds no signature");
  }

  Task<void> look_at_referrers() {
    std::vector<Descriptor> all;
    const auto pages = co_await repository_.referrers(digest_);
    if (!pages) note("referrers", pages.error(), true);
    if (!pages) co_return;
    if (*pages) {
      for (const std::string& page : **pages) {
        auto index = parse_manifest(page);
        if (!index) note("referrers", index.error(), false);
        if (index) all.insert(all.end(), index->manifests.begin(), index->manifests.end());
      }
    } else if (auto index = co_await read(tag_of(digest_)); index) {
      all = std::move(index->manifests);
    }
    // Scanners and builders leave things there, too. What an index says of them is not always right: it tells whom to ask first.
    const auto rank = [](const Descriptor& one) {
      if (one.predicate == kSignPredicate) return 0;
      const bool perhaps = one.artifact_type.empty() || one.artifact_type == kNoType || one.artifact_type.starts_with(kBundleType);
      return perhaps && one.predicate.empty() ? 1 : 2;
    };
    std::stable_sort(all.begin(), all.end(), [&](const Descriptor& a, const Descriptor& b) { return rank(a) < rank(b); });
    if (all.size() > kMostLooked) all.resize(kMostLooked);
    for (const Descriptor& one : all)
      if (open()) co_await look_at_bundle(one.digest);
  }

  Task<void> look_at_bundle(std::string manifest_digest) {
    const auto manifest = co_await read(manifest_digest);
    if (!manifest || manifest->layers.size() != 1 || !manifest->layers[0].media_type.starts_with(kBundleType)) co_return;
    const auto bundle = co_await read_layer(manifest_digest, manifest->layers[0]);
    if (bundle) judge(manifest_digest, check_bundle(keys_, *bundle, digest_));
  }

  Repository& repository_;
  const Keys& keys_;
  std::string digest_;
  std::optional<std::string> signer_;
  std::optional<sdk::Error> failure_;
  std::vector<std::string> reasons_;
};

}  // namespace

Task<Result<std::string>> find_signature(Repository& repository, const Keys& keys, std::string digest) {
  Search search(repository, keys, std::move(digest));
  co_return co_await search.run();
}

}  // namespace upkeep::oci
