// SPDX-License-Identifier: Apache-2.0
// A journal: bytes → entries → fold. An input that begins with "!" is the file as it stands; any other has one entry a line,
// {"event", "op", "fields"}, which gets its sequence and checksum here, so that the fold is reached.
#include <sstream>

#include "core/accept.h"
#include "core/agent_state.h"
#include "fuzz/fuzz.h"

using namespace upkeep;
using nlohmann::json;

namespace {

std::string as_file(std::string_view lines) {
  std::istringstream in{std::string(lines)};
  std::string out;
  std::uint64_t sequence = 0;
  for (std::string line; sequence < 60 && std::getline(in, line);) {
    const auto one = json::parse(line, nullptr, false);
    if (!one.is_object()) continue;
    core::Entry entry;
    entry.sequence = ++sequence;
    entry.time = sdk::TimePoint(std::chrono::seconds(1'800'000'000 + static_cast<std::int64_t>(sequence)));
    entry.boot = "b1";
    if (const auto op = one.find("op"); op != one.end() && op->is_string()) entry.operation = op->get<std::string>();
    if (const auto fields = one.find("fields"); fields != one.end() && fields->is_object()) entry.fields = *fields;
    for (int i = 0; i <= static_cast<int>(core::Event::compacted); ++i)
      if (const auto event = one.find("event"); event != one.end() && *event == core::name(static_cast<core::Event>(i)))
        entry.event = static_cast<core::Event>(i);
    out += core::encode(entry) + "\n";
  }
  return out;
}

std::string dump(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

// Everything of a state that a restart must find again.
std::string shown(const core::AgentState& state) {
  json out = {{"seen", state.seen},
              {"last_seen", state.last_seen},
              {"quarantined", state.quarantined},
              {"attempts", state.attempts},
              {"tries", state.tries},
              {"history", json::array()},
              {"last_time", state.last_time.time_since_epoch().count()}};
  if (state.in_force) out["in_force"] = core::to_json(*state.in_force);
  if (state.suspension) out["suspension"] = {state.suspension->actor, state.suspension->reason};
  if (state.pin) out["pin"] = state.pin->version.str();
  if (const auto& due = state.due_hook)
    out["due_hook"] = {core::name(due->call.hook), due->call.operation, due->call.from, due->call.to, due->starts};
  out["hook_trouble"] = state.hook_trouble;
  for (const auto& one : state.history)
    out["history"].push_back({one.id, one.from, one.to, one.detail, core::name(one.result), one.phases.size(), one.times});
  if (state.operation) {
    const auto& now = *state.operation;
    out["operation"] = {now.id, core::name(now.phase), now.note, now.transitions, now.resumes, now.cause, now.back_to, now.settings};
  }
  return dump(out);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto input = fuzz::text_of(data, size);
  const bool raw = input.starts_with('!');
  const std::string bytes = raw ? std::string(input.substr(1)) : as_file(input);
  const auto read = core::read_journal(bytes);
  FUZZ_CHECK(read.good_bytes <= bytes.size(), "more good bytes than bytes");
  FUZZ_CHECK(raw || (read.damage.empty() && !read.torn), read.damage);
  FUZZ_CHECK(!read.damage.empty() || read.torn || read.good_bytes == bytes.size(), "bytes that nobody speaks of");

  // What is kept after a cut reads as the same entries, whole.
  const auto cut = core::read_journal(std::string_view(bytes).substr(0, read.good_bytes));
  FUZZ_CHECK(cut.damage.empty() && !cut.torn && cut.entries.size() == read.entries.size(), cut.damage);

  const auto state = core::fold(read.entries);
  if (!state) return 0;
  if (state->operation) FUZZ_CHECK(state->operation->change.target.has_value(), "an operation without a target");
  FUZZ_CHECK(state->history.size() <= core::kHistory, "too long a history");
  if (read.entries.empty()) return 0;

  core::Entry compacted = read.entries.back();
  compacted.event = core::Event::compacted;
  compacted.operation.clear();
  compacted.fields = core::compact(read.entries, *state);
  const auto again = core::read_journal(core::encode(compacted) + "\n");
  FUZZ_CHECK(again.damage.empty() && again.entries.size() == 1, again.damage);
  const auto folded = core::fold(again.entries);
  FUZZ_CHECK(folded, folded.error().message);
  FUZZ_CHECK(shown(*folded) == shown(*state), shown(*state) + "\n" + shown(*folded));
  FUZZ_CHECK(folded->next_sequence == state->next_sequence, "another next entry");
  return 0;
}
