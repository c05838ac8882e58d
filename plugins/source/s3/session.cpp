// SPDX-License-Identifier: Apache-2.0
#include "source/s3/session.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sdk/text.h"
#include "shared/object_store/refusal.h"
#include "shared/xml/xml.h"

namespace upkeep::plugins::s3 {

using sdk::Errc;
using sdk::Result;

namespace {

constexpr std::size_t kMostId = 128, kMostSecret = 256;

bool is_visible(char c) { return c > 0x20 && c < 0x7f; }

std::string key_problem(std::string_view what, std::string_view value, std::size_t most, std::string_view forbidden = "") {
  if (value.empty()) return std::string(what) + " is empty";
  if (value.size() > most) return std::string(what) + " is longer than " + std::to_string(most) + " characters";
  const auto good = [&](char c) { return is_visible(c) && forbidden.find(c) == std::string_view::npos; };
  return std::all_of(value.begin(), value.end(), good) ? "" : std::string(what) + " has a character that belongs in none";
}

Result<Session> checked(Session session, std::string_view expiration) {
  if (std::string problem = keys_problem(session.keys); !problem.empty()) return sdk::fail(Errc::internal, problem);
  const auto expires = sdk::parse_rfc3339(expiration);
  if (!expires) return sdk::fail(Errc::internal, "does not say when the credentials expire");
  session.expires = *expires;
  return session;
}

// "" when it is no text, or not there.
std::string member(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() || !found->is_string() ? "" : found->get<std::string>();
}

}  // namespace

std::string keys_problem(const Keys& keys) {
  if (std::string problem = key_problem("the access key id", keys.id, kMostId, "/,"); !problem.empty()) return problem;
  if (std::string problem = key_problem("the secret access key", keys.secret, kMostSecret); !problem.empty()) return problem;
  return keys.session_token.empty() ? "" : key_problem("the session token", keys.session_token, kMostToken);
}

Result<Session> parse_metadata(std::string_view text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) return sdk::fail(Errc::internal, "the answer is no JSON object");
  if (const auto code = member(json, "Code"); !code.empty() && code != "Success") {
    const std::string word = shared::object_store::code_of(code);
    return sdk::fail(Errc::denied, word.empty() ? "the service refuses" : "the service answers " + word);
  }
  Session session;
  session.keys = {member(json, "AccessKeyId"), member(json, "SecretAccessKey"), member(json, "Token")};
  return checked(std::move(session), member(json, "Expiration"));
}

Result<Session> parse_sts(std::string_view document) {
  const auto root = shared::xml::parse_xml(document);
  if (!root) return sdk::fail(root.error());
  const auto* result = root->name == "AssumeRoleWithWebIdentityResponse" ? root->child("AssumeRoleWithWebIdentityResult") : nullptr;
  const auto* credentials = result ? result->child("Credentials") : nullptr;
  if (!credentials) return sdk::fail(Errc::internal, "the answer has no credentials");
  const auto text = [&](std::string_view name) {
    const auto* child = credentials->child(name);
    return child ? std::string(sdk::trimmed(child->text)) : "";
  };
  Session session;
  session.keys = {text("AccessKeyId"), text("SecretAccessKey"), text("SessionToken")};
  return checked(std::move(session), text("Expiration"));
}

}  // namespace upkeep::plugins::s3
