// SPDX-License-Identifier: Apache-2.0
#include "source/gcs/token_answer.h"

#include <algorithm>

#include "sdk/text.h"
#include "shared/channel/credential_echo.h"
#include "shared/object_store/refusal.h"
#include "source/gcs/json_fields.h"

namespace upkeep::plugins::gcs {

using sdk::Errc;
using sdk::fail;
using sdk::Result;

namespace {

constexpr std::size_t kMostTokenBytes = 16 * 1024;
constexpr std::chrono::seconds kLongestTokenLife = std::chrono::hours(24);
constexpr sdk::Millis kMostClockDifference = std::chrono::minutes(1);
constexpr std::size_t kMostCode = 60, kMostWords = 200;

Result<Token> make_token(std::string text, std::chrono::seconds life) {
  if (const auto wrong = token_problem(text); !wrong.empty()) return fail(Errc::invalid, "the answer's token " + wrong);
  Token token;
  token.text = std::move(text);
  token.life = std::clamp(life, std::chrono::seconds(0), kLongestTokenLife);
  return token;
}

}  // namespace

std::string token_problem(std::string_view token) {
  if (token.empty()) return "is empty";
  if (token.size() > kMostTokenBytes) return "is longer than " + std::to_string(kMostTokenBytes) + " bytes";
  const bool visible = std::all_of(token.begin(), token.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  return visible ? "" : "has characters other than visible ASCII";
}

Result<Token> parse_token_answer(std::string_view body) {
  const auto fields = parse_fields(body);
  if (!fields) return fail("the answer", fields.error());
  const auto type = field(*fields, "token_type");
  if (!type.empty() && sdk::lower(type) != "bearer") return fail(Errc::invalid, "the answer's token is no bearer token");
  const auto life = field(*fields, "expires_in");
  const auto seconds = sdk::parse_number(life);
  if (!life.empty() && !seconds) return fail(Errc::invalid, "the answer's \"expires_in\" is no number");
  const auto most = static_cast<std::uint64_t>(kLongestTokenLife.count());
  return make_token(field(*fields, "access_token"), std::chrono::seconds(std::min(seconds.value_or(0), most)));
}

Result<Token> parse_impersonation_answer(std::string_view body, sdk::TimePoint now) {
  const auto fields = parse_fields(body);
  if (!fields) return fail("the answer", fields.error());
  const auto ends = sdk::parse_rfc3339(field(*fields, "expireTime"));
  if (!ends) return fail(Errc::invalid, "the answer's \"expireTime\" is no time");
  return make_token(field(*fields, "accessToken"), std::chrono::floor<std::chrono::seconds>(*ends - now));
}

bool gives_away(std::string_view text, const std::vector<std::string>& secrets, std::string_view known) {
  constexpr std::size_t kPiece = 16;
  if (shared::channel::repeats(text, secrets, known)) return true;
  for (; text.size() >= kPiece; text.remove_prefix(1)) {
    const std::string_view piece = text.substr(0, kPiece);
    const auto holds = [&](const std::string& secret) { return secret.find(piece) != std::string::npos; };
    if (std::any_of(secrets.begin(), secrets.end(), holds) && known.find(piece) == std::string_view::npos) return true;
  }
  return false;
}

sdk::Error token_error(const sdk::HttpResponse& response, const std::string& what, const std::vector<std::string>& secrets,
                       sdk::TimePoint now) {
  auto error = sdk::http_error(response, what, now);
  const auto fields = parse_fields(response.body);
  if (!fields) return error;
  const bool api = fields->contains("error.status");
  const auto code = field(*fields, api ? "error.status" : "error");
  const auto words = field(*fields, api ? "error.message" : "error_description");
  const bool known = !code.empty() && std::all_of(code.begin(), code.end(), [](char c) { return sdk::is_letter(c) || c == '_'; });
  if (!known || code.size() > kMostCode || gives_away(code + " " + words.substr(0, kMostWords), secrets)) return error;
  if (error.code == Errc::invalid) error.code = Errc::denied;
  error.message += " (" + code + (words.empty() ? "" : ": " + sdk::quoted(words, kMostWords)) + ")";
  // A signed statement is good for an hour of the server's clock.
  const auto theirs = sdk::parse_http_date(sdk::trimmed(response.header("date")));
  if (theirs && std::chrono::abs(now - *theirs) > kMostClockDifference)
    error.message += "; " + shared::object_store::about_the_clock(response, now);
  return error;
}

}  // namespace upkeep::plugins::gcs
