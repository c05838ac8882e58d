// SPDX-License-Identifier: Apache-2.0
#include "state/configmap/place.h"

#include <utility>

#include "sdk/text.h"
#include "shared/kube/election_keys.h"

namespace upkeep::plugins::configmap {

using sdk::Errc;
using sdk::Result;

namespace {

constexpr const char* kTokenFile = "identity";
constexpr std::size_t kTokenDigits = 16;

bool is_identity_token(const std::string& text) {
  return text.size() == kTokenDigits && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

Result<std::string> token(sdk::Host& host) {
  auto kept = host.files().read(kTokenFile, kTokenDigits);
  if (kept && is_identity_token(*kept)) return kept;
  if (!kept && kept.error().code != Errc::unsupported && kept.error().code != Errc::invalid) return sdk::fail("identity", kept.error());
  auto fresh = host.random().hex(kTokenDigits);
  if (auto written = host.files().write_atomic(kTokenFile, fresh); !written) return sdk::fail("identity", written.error());
  return fresh;
}

}  // namespace

Result<Place> place_of(sdk::Host& host, kube::Api& api, const sdk::Config& config) {
  auto space = kube::space_of(api, config);
  if (!space) return sdk::fail(space.error());
  Place out{std::move(*space), config.text("name", "upkeep"), config.text("identity")};
  if (!out.identity.empty()) return out;
  auto own = token(host);
  if (!own) return sdk::fail(own.error());
  const auto pod = host.environment("HOSTNAME").value_or("");
  out.identity = (kube::is_name(pod) ? pod : "upkeepd") + "_" + *own;
  return out;
}

sdk::Error as_trouble(const kube::Failure& failure) {
  sdk::Error out = failure.error;
  if (out.code == Errc::invalid) out.code = failure.status == 0 ? Errc::transient : Errc::denied;
  return out;
}

}  // namespace upkeep::plugins::configmap
