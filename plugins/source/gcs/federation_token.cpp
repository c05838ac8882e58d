// SPDX-License-Identifier: Apache-2.0
#include "source/gcs/federation_token.h"

#include <nlohmann/json.hpp>

#include "sdk/text.h"
#include "source/gcs/json_fields.h"
#include "source/gcs/token_place.h"

namespace upkeep::plugins::gcs {

using sdk::Errc;
using sdk::fail;
using sdk::Result;
using sdk::Task;

namespace {

constexpr std::string_view kEverything = "https://www.googleapis.com/auth/cloud-platform";  // what impersonation wants to see

// The token in what was read for it.
Result<std::string> subject_in(std::string_view content, const std::string& json_field) {
  std::string token(sdk::trimmed(content));
  if (!json_field.empty()) {
    const auto fields = parse_fields(content);
    if (!fields) return fail(fields.error());
    token = field(*fields, json_field);
  }
  if (const auto wrong = token_problem(token); !wrong.empty()) return fail(Errc::invalid, "the token " + wrong);
  return token;
}

Task<Result<std::string>> subject_token(sdk::Host& host, const Network& network, const ExternalAccount& account, sdk::BootTime deadline) {
  const std::string what = "subject token from " + (account.file.empty() ? shown_place(account.url) : account.file);
  std::string content;
  if (account.file.empty()) {
    TokenQuestion question(sdk::HttpRequest(account.url), "subject token");
    question.request.headers = account.headers;
    for (const auto& header : account.headers) question.secrets.push_back(header.second);
    auto response = co_await ask(host, network, std::move(question), deadline);
    if (!response) co_return fail(response.error());
    content = std::move(response->body);
  } else {
    auto read = host.files().read(account.file, kMostJsonBytes);
    if (!read) {
      // The file is named, so that it is not there is for a person to mend.
      const Errc code = read.error().code == Errc::unsupported ? Errc::invalid : read.error().code;
      co_return fail(code, what + ": " + read.error().message);
    }
    content = std::move(*read);
  }
  auto token = subject_in(content, account.json_field);
  if (!token) co_return fail(what, token.error());
  co_return token;
}

Task<Result<Token>> exchanged(sdk::Host& host, const Network& network, const ExternalAccount& account, std::string subject,
                              std::string scope, sdk::BootTime deadline) {
  TokenQuestion question(form_request(account.token_url, {{"grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"},
                                                          {"audience", account.audience},
                                                          {"scope", scope},
                                                          {"requested_token_type", "urn:ietf:params:oauth:token-type:access_token"},
                                                          {"subject_token_type", account.subject_token_type},
                                                          {"subject_token", subject}}),
                         "federated token");
  question.secrets = {std::move(subject)};
  const auto response = co_await ask(host, network, std::move(question), deadline);
  if (!response) co_return fail(response.error());
  auto token = parse_token_answer(response->body);
  if (!token) co_return fail("federated token", token.error());
  co_return token;
}

Task<Result<Token>> impersonated(sdk::Host& host, const Network& network, const ExternalAccount& account, std::string federated,
                                 std::string scope, sdk::BootTime deadline) {
  TokenQuestion question(sdk::HttpRequest(account.impersonation_url), "token of the impersonated service account");
  const nlohmann::json body = {{"scope", {scope}}, {"lifetime", std::to_string(account.impersonation_life.count()) + "s"}};
  question.request.method = "POST";
  question.request.headers = {{"Content-Type", "application/json"}, {"Authorization", "Bearer " + federated}};
  question.request.body = body.dump();
  question.secrets = {std::move(federated)};
  const auto response = co_await ask(host, network, std::move(question), deadline);
  if (!response) co_return fail(response.error());
  auto token = parse_impersonation_answer(response->body, host.clock().now());
  if (!token) co_return fail("token of the impersonated service account", token.error());
  co_return token;
}

}  // namespace

Task<Result<Token>> federation_token(sdk::Host& host, const Network& network, const ExternalAccount& account, std::string scope,
                                     sdk::BootTime deadline) {
  auto subject = co_await subject_token(host, network, account, deadline);
  if (!subject) co_return fail(subject.error());
  const bool direct = account.impersonation_url.empty();
  const std::string first_scope = direct ? scope : std::string(kEverything);
  auto federated = co_await exchanged(host, network, account, std::move(*subject), first_scope, deadline);
  if (!federated || direct) co_return federated;
  co_return co_await impersonated(host, network, account, std::move(federated->text), std::move(scope), deadline);
}

}  // namespace upkeep::plugins::gcs
