// SPDX-License-Identifier: Apache-2.0
#include "shared/object_store/refusal.h"

#include <algorithm>
#include <array>

#include "sdk/text.h"
#include "shared/object_store/place.h"
#include "shared/xml/xml.h"

namespace upkeep::shared::object_store {

namespace {

constexpr std::size_t kMostCode = 64;

// docs.aws.amazon.com, "Error responses" of Amazon S3; InvalidTokenId is MinIO's, XAdminUserNotFound versitygw's (with status 404).
constexpr std::array<std::string_view, 9> kOfCredentials = {"ExpiredToken",         "InvalidAccessKeyId", "InvalidSecurity",
                                                            "InvalidToken",         "InvalidTokenId",     "SignatureDoesNotMatch",
                                                            "TokenRefreshRequired", "UnauthorizedAccess", "XAdminUserNotFound"};
// What comes with a status that says otherwise, and passes.
constexpr std::array<std::string_view, 5> kPassing = {"IDPCommunicationError", "OperationAborted", "RequestTimeout", "SlowDown",
                                                      "Throttling"};

template <std::size_t n>
bool is_one_of(const std::array<std::string_view, n>& codes, std::string_view code) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

std::string region_of(std::string_view text) {
  text = sdk::trimmed(text);
  return region_problem(text).empty() ? std::string(text) : "";
}

}  // namespace

std::string about_the_clock(const sdk::HttpResponse& response, sdk::TimePoint now) {
  const auto theirs = sdk::parse_http_date(sdk::trimmed(response.header("date")));
  if (!theirs) return "this host's clock is wrong, " + sdk::rfc3339(now);
  const auto off = std::chrono::round<std::chrono::seconds>(now - *theirs);
  return "this host's clock is " + sdk::format_duration(std::chrono::abs(off)) + (off.count() < 0 ? " behind" : " ahead of") +
         " the server's, which says " + sdk::rfc3339(*theirs);
}

std::string code_of(std::string_view text) {
  text = sdk::trimmed(text);
  const bool good =
      text.size() <= kMostCode && std::all_of(text.begin(), text.end(), [](char c) { return sdk::is_letter(c) || sdk::is_digit(c); });
  return good ? std::string(text) : "";
}

Refusal read_refusal(const sdk::HttpResponse& response) {
  Refusal out;
  if (response.status == 200 || response.status == 304) return out;
  const auto page = xml::parse_xml(response.body);
  const auto* error = !page ? nullptr : page->name == "Error" ? &*page : page->name == "ErrorResponse" ? page->child("Error") : nullptr;
  if (error) {
    if (const auto* code = error->child("Code")) out.code = code_of(code->text);
    if (const auto* region = error->child("Region")) out.region = region_of(region->text);
  }
  if (std::string region = region_of(response.header("x-amz-bucket-region")); !region.empty()) out.region = std::move(region);
  return out;
}

bool is_elsewhere(const sdk::HttpResponse& response) {
  return (response.status >= 300 && response.status <= 399 && response.status != 304) || response.status == 400;
}

bool blames_credentials(const sdk::HttpResponse& response, const Refusal& refusal) {
  return response.status == 401 || is_one_of(kOfCredentials, refusal.code);
}

sdk::Error refusal_error(const sdk::HttpResponse& response, const Refusal& refusal, std::string_view what, std::string_view who,
                         sdk::TimePoint now) {
  sdk::Error error = sdk::http_error(response, what, now);
  if (is_one_of(kPassing, refusal.code)) error.code = sdk::Errc::transient;
  if (is_one_of(kOfCredentials, refusal.code) || refusal.code == "RequestTimeTooSkewed") error.code = sdk::Errc::denied;
  if (!refusal.code.empty()) error.message += ", " + refusal.code;
  if (response.status >= 300 && response.status <= 399)
    error.message += ": it sends the request elsewhere, " + (refusal.region.empty() ? "and names no region" : "to " + refusal.region);
  if (refusal.code == "RequestTimeTooSkewed") error.message += ": " + about_the_clock(response, now);
  if (refusal.code == "AccessDenied" && !who.empty())
    error.message += ": " + std::string(who) + " may not do that; a file that is missing looks the same to who may not list the bucket";
  return error;
}

}  // namespace upkeep::shared::object_store
