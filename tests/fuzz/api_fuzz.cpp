// SPDX-License-Identifier: Apache-2.0
// Requests to the control API: "VERB'S NUMBER\n%%\nBODY\n%%\nQUERY". A body is a command with sound values, or refused as `invalid`
// in words that JSON can carry.
#include "control/body.h"
#include "fuzz/fuzz.h"
#include "sdk/text.h"

using namespace upkeep;

namespace {

const sdk::TimePoint kNow{std::chrono::seconds(1'800'000'000)};

void check_refusal(const engine::Refusal& refusal) {
  FUZZ_CHECK(refusal.code == "invalid", refusal.code);
  FUZZ_CHECK(!refusal.message.empty() && refusal.message.size() < 1000, refusal.message);
  const nlohmann::json answer = {{"message", refusal.message}};
  FUZZ_CHECK(!answer.dump(-1, ' ', false, nlohmann::json::error_handler_t::ignore).empty(), "");
  try {
    (void)answer.dump();
  } catch (const nlohmann::json::exception&) {
    FUZZ_CHECK(false, refusal.message);
  }
}

control::Query query_of(const std::string& text) {
  control::Query out;
  for (std::size_t at = 0; at < text.size() && out.size() < 8;) {
    const auto end = std::min(text.find('&', at), text.size());
    const auto pair = text.substr(at, end - at);
    const auto equals = std::min(pair.find('='), pair.size());
    out.emplace(pair.substr(0, equals), equals < pair.size() ? pair.substr(equals + 1) : "");
    at = end + 1;
  }
  return out;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parts = fuzz::parts_of(fuzz::text_of(data, size));
  const auto body = parts.size() > 1 ? parts[1] : std::string();
  if (const auto number = sdk::parse_number(parts[0])) {
    const auto verb = static_cast<engine::Verb>(*number % (static_cast<std::uint64_t>(engine::Verb::forget) + 1));
    const auto command = control::parse_command(verb, body, kNow);
    if (command) {
      FUZZ_CHECK(command->verb == verb && body.size() <= control::kMaxBody, parts[0]);
      FUZZ_CHECK(!command->until || *command->until <= kNow + std::chrono::hours(24 * 366 * 9000), parts[0]);
      FUZZ_CHECK(!body.empty() || command->reason.empty(), "a reason out of nothing");
      FUZZ_CHECK(verb != engine::Verb::suspend || !command->reason.empty(), "suspended without a reason");
    } else {
      check_refusal(command.error());
    }
  }
  if (const auto empty = control::parse_empty(body); !empty) check_refusal(empty.error());
  const auto query = query_of(parts.size() > 2 ? parts[2] : "");
  if (const auto span = control::parse_span(query, kNow)) {
    FUZZ_CHECK(span->from < span->until, "an empty span");
    FUZZ_CHECK(span->until - span->from <= std::chrono::hours(24 * 366), "a span that is too long");
  } else {
    check_refusal(span.error());
  }
  const auto none = control::parse_no_query(query);
  FUZZ_CHECK(none.has_value() == query.empty(), "a query where there is none");
  return 0;
}
