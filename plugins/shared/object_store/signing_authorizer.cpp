// SPDX-License-Identifier: Apache-2.0
#include "shared/object_store/signing_authorizer.h"

namespace upkeep::shared::object_store {

sdk::Task<sdk::Result<Authorised>> SigningAuthorizer::authorise(const sdk::HttpRequest& request, std::string region,
                                                                sdk::BootTime deadline) {
  const auto keys = co_await source_->keys(deadline);
  if (!keys) co_return sdk::fail(keys.error());
  sdk::HttpRequest whole = request;
  const sdk::HttpHeader payload("X-Amz-Content-Sha256", sha256_hex(request.body));
  whole.headers.push_back(payload);
  auto signature = sign(whole, *keys, region, "s3", host_.clock().now());
  if (!signature) co_return sdk::fail(signature.error());
  Authorised out;
  out.headers = std::move(signature->headers);
  out.headers.push_back(payload);
  out.ids = {keys->id};
  out.secrets = {keys->secret, signature->hex};
  if (!keys->session_token.empty()) out.secrets.push_back(keys->session_token);
  co_return sdk::Result<Authorised>(std::move(out));
}

}  // namespace upkeep::shared::object_store
