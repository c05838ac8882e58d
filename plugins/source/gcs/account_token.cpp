// SPDX-License-Identifier: Apache-2.0
#include "source/gcs/account_token.h"

#include "sdk/text.h"
#include "source/gcs/jwt.h"

namespace upkeep::plugins::gcs {

using sdk::fail;
using sdk::Result;

namespace {

sdk::Task<Result<Token>> answered(sdk::Host& host, const Network& network, TokenQuestion question, sdk::BootTime deadline) {
  const std::string what = question.what;
  const auto response = co_await ask(host, network, std::move(question), deadline);
  if (!response) co_return fail(response.error());
  auto token = parse_token_answer(response->body);
  if (!token) co_return fail(what, token.error());
  co_return token;
}

}  // namespace

sdk::Task<Result<Token>> service_account_token(sdk::Host& host, const Network& network, const ServiceAccount& account, std::string scope,
                                               sdk::BootTime deadline) {
  auto assertion = signed_assertion(account, scope, host.clock().now());
  if (!assertion) co_return fail(assertion.error());
  TokenQuestion question(
      form_request(account.token_uri, {{"grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"}, {"assertion", *assertion}}),
      "token of the service account " + sdk::quoted(account.email));
  question.secrets = {std::move(*assertion)};
  co_return co_await answered(host, network, std::move(question), deadline);
}

sdk::Task<Result<Token>> user_token(sdk::Host& host, const Network& network, const UserAccount& account, sdk::BootTime deadline) {
  TokenQuestion question(form_request(account.token_uri, {{"grant_type", "refresh_token"},
                                                          {"client_id", account.client_id},
                                                          {"client_secret", account.client_secret},
                                                          {"refresh_token", account.refresh_token}}),
                         "token of a login");
  question.secrets = {account.client_secret, account.refresh_token};
  co_return co_await answered(host, network, std::move(question), deadline);
}

}  // namespace upkeep::plugins::gcs
