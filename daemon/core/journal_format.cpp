// SPDX-License-Identifier: Apache-2.0
#include "core/journal_format.h"

#include <openssl/evp.h>

#include <array>

#include "sdk/text.h"

namespace upkeep::core {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 15> kEvents = {"release",  "installed",     "suspended", "resumed", "pinned",
                                                      "unpinned", "unquarantined", "wish",      "begin",   "phase",
                                                      "note",     "record",        "hook",      "end",     "compacted"};

std::string dump(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

// First 16 hexadecimal digits of SHA-256: against accidents, not against forgers.
std::string checksum(std::string_view bytes) {
  static const EVP_MD* const kSha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);  // looked up once, not for each line
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, kSha256, nullptr);
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < 8; ++i) {
    out += kHex[digest[i] >> 4];
    out += kHex[digest[i] & 15];
  }
  return out;
}

std::optional<Event> event_from(std::string_view text) {
  for (std::size_t i = 0; i < kEvents.size(); ++i)
    if (kEvents[i] == text) return static_cast<Event>(i);
  return std::nullopt;
}

}  // namespace

std::string_view name(Event event) { return kEvents.at(static_cast<std::size_t>(event)); }

// The checksum stands last and covers every byte before its own key, so a reader needs no canonical form of JSON.
std::string encode(const Entry& entry) {
  json head = {
      {"schema", kJournalSchema}, {"by", UPKEEP_SDK_VERSION},           {"seq", entry.sequence}, {"time", sdk::rfc3339(entry.time)},
      {"boot", entry.boot},       {"boot_ms", entry.boot_time.count()}, {"op", entry.operation}, {"event", name(entry.event)},
      {"fields", entry.fields}};
  std::string line = dump(head);
  line.pop_back();
  return line + ",\"sum\":\"" + checksum(line) + "\"}";
}

sdk::Result<Entry> decode(std::string_view line) {
  auto head = json::parse(line, nullptr, false);
  if (!head.is_object()) return sdk::fail(sdk::Errc::invalid, "no JSON object");
  // A newer schema may have another checksum, so it is looked at first.
  const auto schema = head.find("schema");
  if (schema == head.end() || !schema->is_number_integer()) return sdk::fail(sdk::Errc::invalid, "no schema number");
  if (*schema != kJournalSchema) {
    const auto by = head.find("by");
    const bool named = by != head.end() && by->is_string();
    return sdk::fail(sdk::Errc::unsupported, "written by Upkeep " + (named ? sdk::quoted(by->get<std::string>()) : "of another version") +
                                                 " (schema " + schema->dump() + "), this one reads schema " +
                                                 std::to_string(kJournalSchema));
  }
  static constexpr std::string_view kSum = ",\"sum\":\"";
  const auto at = line.rfind(kSum);
  if (at == std::string_view::npos || line.substr(at + kSum.size()) != checksum(line.substr(0, at)) + "\"}")
    return sdk::fail(sdk::Errc::invalid, "checksum mismatch");
  Entry entry;
  try {  // the checksum holds, so only a bug of a writer gets here with wrong types
    entry.sequence = head.at("seq").get<std::uint64_t>();
    const auto text = [&head](const char* key) -> std::string& { return head.at(key).get_ref<std::string&>(); };
    const auto time = sdk::parse_rfc3339(text("time"));
    if (!time) return sdk::fail("time", time.error());
    entry.time = *time;
    entry.boot = std::move(text("boot"));
    entry.boot_time = sdk::BootTime(head.at("boot_ms").get<std::int64_t>());
    entry.operation = std::move(text("op"));
    const auto event = event_from(text("event"));
    if (!event) return sdk::fail(sdk::Errc::invalid, "unknown event " + text("event"));
    entry.event = *event;
    entry.fields = std::move(head.at("fields"));
  } catch (const json::exception& error) {
    return sdk::fail(sdk::Errc::invalid, error.what());
  }
  if (!entry.fields.is_object()) return sdk::fail(sdk::Errc::invalid, "fields is no object");
  return entry;
}

ReadJournal read_journal(std::string_view bytes) {
  ReadJournal out;
  constexpr std::size_t kShortLine = 200;
  out.entries.reserve(bytes.size() / kShortLine);
  std::size_t line_number = 0;
  while (out.good_bytes < bytes.size()) {
    const auto newline = bytes.find('\n', out.good_bytes);
    ++line_number;
    if (newline == std::string_view::npos) {
      out.torn = true;
      break;
    }
    auto entry = decode(bytes.substr(out.good_bytes, newline - out.good_bytes));
    std::string wrong;
    if (!entry) {
      wrong = entry.error().message;
    } else if (!out.entries.empty() && entry->sequence != out.entries.back().sequence + 1) {
      wrong = "entry " + std::to_string(entry->sequence) + " follows entry " + std::to_string(out.entries.back().sequence);
    } else if (out.entries.empty() && entry->sequence != 1 && entry->event != Event::compacted) {
      wrong = "the first entry is number " + std::to_string(entry->sequence);
    }
    if (!wrong.empty()) {
      // Power may fail between the data and the length of a write: only then is a bad last line a torn one. What did not reach
      // the disk reads as zeroes, from the line's begin to a block's end or its own; no line of ours holds one.
      const auto rest = bytes.substr(out.good_bytes);
      const bool last = newline + 1 == bytes.size();
      const bool zeroed = rest.find_first_not_of(std::string_view("\0\n", 2)) == std::string_view::npos;
      if (rest.front() == '\0' && (last || zeroed)) {
        out.torn = true;
      } else {
        out.damage = "line " + std::to_string(line_number) + ": " + wrong;
      }
      break;
    }
    out.entries.push_back(std::move(*entry));
    out.good_bytes = newline + 1;
  }
  return out;
}

}  // namespace upkeep::core
