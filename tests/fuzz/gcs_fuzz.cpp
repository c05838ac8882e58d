// SPDX-License-Identifier: Apache-2.0
// "CREDENTIALS\n%%\nANSWER\n%%\nHMAC\n%%\nURL": files of Google credentials, answers of servers of tokens, HMAC files and the addresses in
// them. What is read can be sent and smuggles nothing; where it is sent is, as libcurl reads it, where it may go; no error is more than a
// line.
#include <algorithm>

#include "fuzz/fuzz.h"
#include "io/http_address.h"
#include "sdk/text.h"
#include "source/gcs/credential_file.h"
#include "source/gcs/hmac_keys.h"
#include "source/gcs/json_fields.h"
#include "source/gcs/token_answer.h"
#include "source/gcs/token_place.h"

using namespace upkeep;
using namespace upkeep::plugins::gcs;

namespace {

bool is_token(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

void check_error(const sdk::Error& error) {
  FUZZ_CHECK(error.code == sdk::Errc::invalid || error.code == sdk::Errc::unsupported, error.message);
  FUZZ_CHECK(fuzz::one_printable_line(error.message) && error.message.size() < 300, error.message);
}

// libcurl reads the address the same way, and the daemon lets it pass.
void check_place(const std::string& url, bool google) {
  const auto address = io::parse_address(url);
  FUZZ_CHECK(address, url);
  sdk::HttpRequest request(url);
  request.plain = plain_for(url);
  FUZZ_CHECK(io::may_use(*address, request), url);
  const bool here = address->host == "localhost" || address->host.starts_with("127.") || address->host == "::1";
  FUZZ_CHECK(!google || here || sdk::lower(address->host).ends_with(".googleapis.com"), url);
  FUZZ_CHECK(address->scheme == "https" || here || address->host == "169.254.169.254", url);
}

void check_url(const std::string& url) {
  if (token_place_problem(url).empty()) check_place(url, false);
  if (google_place_problem(url).empty()) {
    FUZZ_CHECK(token_place_problem(url).empty(), url);
    check_place(url, true);
  }
  // A query is for libcurl to judge when it is asked.
  if (subject_place_problem(url).empty() && url.find('?') == std::string::npos) check_place(url, false);
  FUZZ_CHECK(shown_place(url).find_first_of("?#") == std::string::npos, url);
}

void check_credentials(const std::string& text) {
  const auto file = parse_credential_file(text);
  if (!file) return check_error(file.error());
  if (const auto* service = std::get_if<ServiceAccount>(&*file)) check_url(service->token_uri);
  if (const auto* user = std::get_if<UserAccount>(&*file)) check_url(user->token_uri);
  if (const auto* external = std::get_if<ExternalAccount>(&*file)) {
    check_place(external->token_url, true);
    if (!external->impersonation_url.empty()) check_place(external->impersonation_url, true);
    FUZZ_CHECK(external->file.empty() != external->url.empty(), external->file);
    FUZZ_CHECK(external->impersonation_life >= std::chrono::minutes(10) && external->impersonation_life <= std::chrono::hours(12), "life");
  }
}

void check_answer(const std::string& body) {
  const auto now = sdk::TimePoint(std::chrono::hours(500'000));
  for (const auto& token : {parse_token_answer(body), parse_impersonation_answer(body, now)}) {
    if (!token) {
      check_error(token.error());
      continue;
    }
    FUZZ_CHECK(is_token(token->text), token->text);
    FUZZ_CHECK(token->life >= sdk::Millis(0) && token->life <= std::chrono::hours(24), std::to_string(token->life.count()));
  }
  sdk::HttpResponse response;
  response.status = 400;
  response.body = body;
  const auto error = token_error(response, "T", {"open-sesame"}, now);
  FUZZ_CHECK(error.message.find("open-sesame") == std::string::npos && fuzz::one_printable_line(error.message), error.message);
  FUZZ_CHECK(error.message.size() < 400, error.message);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto parts = fuzz::parts_of(fuzz::text_of(data, size));
  parts.resize(4);
  check_credentials(parts[0]);
  check_answer(parts[1]);
  const auto keys = parse_hmac_file(parts[2]);
  if (keys) FUZZ_CHECK(is_token(keys->id) && is_token(keys->secret), keys->id);
  if (!keys) check_error(keys.error());
  check_url(parts[3]);
  return 0;
}
