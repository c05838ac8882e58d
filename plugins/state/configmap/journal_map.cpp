// SPDX-License-Identifier: Apache-2.0
#include "state/configmap/journal_map.h"

#include <utility>

namespace upkeep::plugins::configmap {

using kube::Json;
using sdk::Errc;
using sdk::Result;

namespace {

constexpr const char* kJournal = "journal.jsonl";
constexpr const char* kWriter = "upkeep.dev/writer";
// A ConfigMap may have 1 MiB in all; the rest is the new journal's and for what others keep there.
constexpr std::size_t kMostAside = std::size_t{512} * 1024;

constexpr const char* kParts[] = {"data", "binaryData"};

// A table is a table, whatever was there.
Json& table(Json& in, const char* name) {
  auto& out = in[name];
  if (!out.is_object()) out = Json::object();
  return out;
}

const Json* part_of(const Json& map, const char* part, const char* key) {
  const auto found = map.find(part);
  if (found == map.end() || !found->is_object()) return nullptr;
  const auto value = found->find(key);
  return value == found->end() ? nullptr : &*value;
}

std::size_t bytes_aside(const Json& map) {
  std::size_t out = 0;
  for (const char* part : kParts)
    if (map.contains(part) && map[part].is_object())
      for (const auto& one : map[part].items())
        if (one.key().starts_with(kAside) && one.value().is_string()) out += one.value().get_ref<const std::string&>().size();
  return out;
}

// By name, which is by time. false: there is none but `kept`.
bool drop_oldest(Json& map, const std::string& kept) {
  const char* in = nullptr;
  std::string oldest;
  for (const char* part : kParts)
    if (map.contains(part) && map[part].is_object())
      for (const auto& one : map[part].items())
        if (one.key().starts_with(kAside) && one.key() != kept && (oldest.empty() || one.key() < oldest)) oldest = one.key(), in = part;
  if (in == nullptr) return false;
  map[in].erase(oldest);
  return true;
}

}  // namespace

Json empty_map(const kube::Resource& where) {
  return Json{{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", {{"name", where.name}, {"namespace", where.space}}}};
}

Result<std::string> journal_of(const Json& map, std::size_t most) {
  if (part_of(map, "binaryData", kJournal) != nullptr)
    return sdk::fail(Errc::invalid, std::string(kJournal) + " has bytes that are no text (it is in binaryData), which Upkeep never wrote");
  const auto* text = part_of(map, "data", kJournal);
  if (text == nullptr) return std::string();
  if (!text->is_string()) return sdk::fail(Errc::invalid, std::string(kJournal) + " is no text");
  const auto& bytes = text->get_ref<const std::string&>();
  if (bytes.size() > most)
    return sdk::fail(Errc::invalid, std::string(kJournal) + " has " + std::to_string(bytes.size()) + " bytes, and a journal at most " +
                                        std::to_string(most));
  return bytes;
}

void set_journal(Json& map, std::string bytes) { table(map, "data")[kJournal] = std::move(bytes); }

bool same_journal(const Json& a, const Json& b) {
  const auto same = [&](const char* part) {
    const auto *one = part_of(a, part, kJournal), *other = part_of(b, part, kJournal);
    return one == nullptr || other == nullptr ? one == other : *one == *other;
  };
  return same("data") && same("binaryData");
}

std::string signature_of(const Json& map) { return kube::member_at(map, "/metadata/annotations", kWriter).value_or(""); }

void sign_map(Json& map, const std::string& signature) { table(table(map, "metadata"), "annotations")[kWriter] = signature; }

Result<void> move_journal(Json& map, const std::string& key) {
  for (const char* part : kParts) {
    if (part_of(map, part, kJournal) == nullptr) continue;
    auto& in = map[part];
    in[key] = std::move(in[kJournal]);
    in.erase(kJournal);
  }
  while (bytes_aside(map) > kMostAside)
    if (!drop_oldest(map, key))
      return sdk::fail(Errc::invalid,
                       std::string(kJournal) + " is too long to be kept beside a new one: save it elsewhere, and delete the key");
  return {};
}

}  // namespace upkeep::plugins::configmap
