// SPDX-License-Identifier: Apache-2.0
// "TOKEN\n%%\nHEADERS\n%%\nANSWER": what may be read from the files of a channel's credentials can be sent, smuggles nothing, leaves
// this server with no redirect, and is found in what a server says back. No error repeats a value.
#include <algorithm>

#include "fuzz/fuzz.h"
#include "io/http_address.h"
#include "sdk/text.h"
#include "shared/channel/credential_echo.h"
#include "source/https/secret_files.h"

using namespace upkeep;
using plugins::https::parse_headers;
using plugins::https::parse_token;
using shared::channel::repeats;

namespace {

bool is_visible(char c) { return c > 0x20 && c < 0x7f; }
bool is_printable(char c) { return c >= 0x20 && c < 0x7f; }

void check_token(const std::string& file) {
  const auto token = parse_token(file);
  if (!token) {
    const auto& said = token.error().message;
    FUZZ_CHECK(token.error().code == sdk::Errc::invalid, said);
    FUZZ_CHECK(said == "is empty" || said == "is longer than 8192 bytes" ||
                   said == "must hold one token of printable ASCII without white space in it",
               said);
    return;
  }
  FUZZ_CHECK(*token == sdk::trimmed(file), *token);
  FUZZ_CHECK(!token->empty() && std::all_of(token->begin(), token->end(), &is_visible), *token);
  const auto again = parse_token(*token + "\n");
  FUZZ_CHECK(again && *again == *token, *token);
  const std::vector<sdk::HttpHeader> sent = {{"Authorization", "Bearer " + *token}};
  FUZZ_CHECK(token->size() < 8 || repeats("<p>" + *token + "</p>", sent), *token);
}

void check_header(const std::string& name, const std::string& value) {
  FUZZ_CHECK(!name.empty() && std::all_of(name.begin(), name.end(), &is_visible) && name.find(':') == std::string::npos, name);
  FUZZ_CHECK(!value.empty() && std::all_of(value.begin(), value.end(), &is_printable) && value == sdk::trimmed(value), value);
  FUZZ_CHECK(!io::harmless_elsewhere(name), name);
  for (const std::string_view frame : {"host", "content-length", "transfer-encoding", "connection", "expect", "upgrade", "te"})
    FUZZ_CHECK(sdk::lower(name) != frame, name);
}

void check_headers(const std::string& file, const std::string& answer) {
  const auto headers = parse_headers(file);
  if (!headers) {
    FUZZ_CHECK(headers.error().code == sdk::Errc::invalid && fuzz::one_printable_line(headers.error().message), headers.error().message);
    return;
  }
  FUZZ_CHECK(headers->size() <= plugins::https::kMostHeaders, std::to_string(headers->size()));
  std::string written;
  for (const auto& [name, value] : *headers) {
    check_header(name, value);
    written += name + ": " + value + "\n";
    const auto word = value.substr(0, value.find(' '));
    FUZZ_CHECK(word.size() < 8 || repeats(answer + word + answer, *headers), word);
  }
  const auto again = parse_headers(written);
  FUZZ_CHECK(again && *again == *headers, written);
  // Short ones are no secrets, and nothing is found in nothing.
  std::string longest;
  for (const auto& header : *headers) longest = std::max(longest, header.second, [](auto& a, auto& b) { return a.size() < b.size(); });
  FUZZ_CHECK(longest.size() >= 8 || !repeats(answer, *headers), answer);
  FUZZ_CHECK(!repeats("", *headers) && !repeats(answer, std::vector<sdk::HttpHeader>()), answer);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto parts = fuzz::parts_of(fuzz::text_of(data, size));
  parts.resize(3);
  check_token(parts[0]);
  check_headers(parts[1], parts[2]);
  return 0;
}
