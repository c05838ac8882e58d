// SPDX-License-Identifier: Apache-2.0
// How long signatures take: one on a request to S3, and those of one signed release, from the files' bytes to what is trusted.

#include <benchmark/benchmark.h>

#include "core/trust.h"
#include "shared/object_store/sigv4.h"
#include "support/signer.h"

namespace upkeep {
namespace {

const sdk::TimePoint kNow = sdk::TimePoint(std::chrono::seconds(1'800'000'000));

void sign_a_request(benchmark::State& state) {
  using namespace shared::object_store;
  sdk::HttpRequest request("https://example-channels.s3.eu-central-1.amazonaws.com/v1/stable/version");
  request.headers = {{"x-amz-content-sha256", sha256_hex("")}, {"If-None-Match", "\"1b2cf535f27731c974343645a3985328\""}};
  const Keys keys{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", ""};
  if (!sign(request, keys, "eu-central-1", "s3", kNow)) state.SkipWithError("not signed");
  for (auto _ : state) benchmark::DoNotOptimize(sign(request, keys, "eu-central-1", "s3", kNow));
}
BENCHMARK(sign_a_request);

// What a fleet in the middle of a rollout reads.
std::string document() {
  core::Document document;
  document.channel = "stable";
  document.release.version = sdk::Version::parse("14.3.33").value();
  document.release.serial = 12;
  document.release.issued = kNow - std::chrono::hours(1);
  document.release.expires = kNow + std::chrono::hours(24 * 90);
  for (int stage = 0; stage < 4; ++stage) document.release.rollout.push_back({kNow + std::chrono::hours(stage), 25 * (stage + 1)});
  return core::write_document(document);
}

void trust_a_release(benchmark::State& state) {
  const test::Signer key('k');
  sdk::SignedOffer offer;
  offer.document = document();
  offer.signatures = {key.sign(offer.document, "stable 12")};
  core::Trust trust;
  trust.keys = {key.key()};
  trust.channel = "stable";
  const auto checked = core::check_signed(offer, trust, std::nullopt, nullptr, kNow);
  if (!checked) state.SkipWithError(checked.error().message.c_str());
  for (auto _ : state) benchmark::DoNotOptimize(core::check_signed(offer, trust, std::nullopt, nullptr, kNow));
  state.counters["document_bytes"] = static_cast<double>(offer.document.size());
}
BENCHMARK(trust_a_release);

}  // namespace
}  // namespace upkeep
