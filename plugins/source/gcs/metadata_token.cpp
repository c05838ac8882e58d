// SPDX-License-Identifier: Apache-2.0
#include "source/gcs/metadata_token.h"

#include "sdk/text.h"
#include "shared/object_store/place.h"

namespace upkeep::plugins::gcs {

using sdk::Errc;
using sdk::fail;

namespace {

// The address, not metadata.google.internal: what a resolver says must not decide who is asked in plain text.
constexpr std::string_view kAddress = "169.254.169.254", kName = "metadata.google.internal";
constexpr std::string_view kTokenPath = "/computeMetadata/v1/instance/service-accounts/default/token";
constexpr sdk::Millis kMetadataPatience = std::chrono::seconds(3);

}  // namespace

sdk::Task<sdk::Result<Token>> metadata_token(sdk::Host& host, std::string scope, sdk::BootTime deadline) {
  std::string address = host.environment("GCE_METADATA_HOST").value_or("");
  if (address.empty() || address == kName) address = kAddress;
  if (address.find_first_of("/?#@\\") != std::string::npos)
    co_return fail(Errc::invalid, "GCE_METADATA_HOST is no host: " + sdk::quoted(address));

  const std::string query = "?scopes=" + shared::object_store::percent_encoded(scope, false);
  TokenQuestion question(sdk::HttpRequest("http://" + address + std::string(kTokenPath) + query), "metadata server");
  question.request.headers = {{"Metadata-Flavor", "Google"}};
  question.at_most = kMetadataPatience;
  question.on_404 = "this machine has no service account";
  const Network network;
  const auto response = co_await ask(host, network, std::move(question), deadline);
  if (!response) co_return fail(response.error());
  if (response->header("metadata-flavor") != "Google")
    co_return fail(Errc::invalid, "metadata server " + address + ": whoever answers there is none of Google's");
  auto token = parse_token_answer(response->body);
  if (!token) co_return fail("metadata server", token.error());
  token->shared = true;
  co_return token;
}

}  // namespace upkeep::plugins::gcs
