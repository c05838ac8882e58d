// SPDX-License-Identifier: Apache-2.0
#include "source/https/secret_files.h"

#include <algorithm>
#include <array>

#include "sdk/text.h"

namespace upkeep::plugins::https {

using sdk::Errc;
using sdk::Result;

namespace {

// Of the connection or the message's frame, not of the request (RFC 9110, 7.6.1).
constexpr std::array<std::string_view, 12> kOfTheConnection = {
    "connection",          "content-length",   "expect", "host",    "http2-settings", "keep-alive",
    "proxy-authorization", "proxy-connection", "te",     "trailer", "upgrade",        "transfer-encoding"};
// They say what is read and how. That none of them is a secret is also why they alone go along with a redirect elsewhere.
constexpr std::array<std::string_view, 10> kSetByUpkeep = {
    "accept",        "accept-encoding", "accept-language",     "cache-control", "if-match", "if-modified-since",
    "if-none-match", "if-range",        "if-unmodified-since", "range"};

bool is_printable(char c) { return c >= 0x20 && c < 0x7f; }
bool is_visible(char c) { return c > 0x20 && c < 0x7f; }
bool is_name_character(char c) {
  return sdk::is_letter(c) || sdk::is_digit(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}
bool all(std::string_view text, bool (*good)(char)) { return std::all_of(text.begin(), text.end(), good); }

// "" or what is wrong with a header.
std::string problem(std::string_view name, std::string_view value) {
  const std::string known = sdk::lower(name);
  const auto is_one_of = [&](const auto& names) { return std::find(names.begin(), names.end(), known) != names.end(); };
  if (name.empty() || !all(name, is_name_character)) return "must be Name: value, with a name of letters, digits and -";
  if (is_one_of(kOfTheConnection)) return std::string(name) + " belongs to the connection and cannot be set";
  if (is_one_of(kSetByUpkeep)) return std::string(name) + " is Upkeep's own to set";
  if (value.empty()) return std::string(name) + " has no value";
  if (!all(value, is_printable)) return std::string(name) + " has a value with characters other than printable ASCII";
  return "";
}

}  // namespace

Result<std::string> parse_token(std::string_view text) {
  if (text.size() > kMostTokenBytes) return sdk::fail(Errc::invalid, "is longer than " + std::to_string(kMostTokenBytes) + " bytes");
  text = sdk::trimmed(text);
  if (text.empty()) return sdk::fail(Errc::invalid, "is empty");
  if (!all(text, is_visible)) return sdk::fail(Errc::invalid, "must hold one token of printable ASCII without white space in it");
  return std::string(text);
}

Result<std::vector<sdk::HttpHeader>> parse_headers(std::string_view text) {
  if (text.size() > kMostHeadersBytes) return sdk::fail(Errc::invalid, "is longer than " + std::to_string(kMostHeadersBytes) + " bytes");
  std::vector<sdk::HttpHeader> headers;
  for (int number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    const std::string_view line = sdk::trimmed(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty() || line.starts_with('#')) continue;
    const auto colon = line.find(':');
    const std::string_view name = colon == std::string_view::npos ? "" : line.substr(0, colon);
    const std::string_view value = colon == std::string_view::npos ? "" : sdk::trimmed(line.substr(colon + 1));
    std::string wrong = problem(name, value);
    if (wrong.empty() && headers.size() == kMostHeaders) wrong = "is one header more than " + std::to_string(kMostHeaders);
    if (!wrong.empty()) return sdk::fail(Errc::invalid, "line " + std::to_string(number) + ": " + wrong);
    headers.emplace_back(name, value);
  }
  return headers;
}

}  // namespace upkeep::plugins::https
