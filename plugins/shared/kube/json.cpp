// SPDX-License-Identifier: Apache-2.0
#include "shared/kube/json.h"

namespace upkeep::plugins::shared::kube {

using sdk::Errc;
using sdk::fail;

namespace {

// Deeper than any object of Kubernetes; nlohmann reads any depth, but writes and compares by recursion.
constexpr int kDeepest = 64;

bool deeper_than_allowed(std::string_view bytes) {
  int depth = 0;
  bool inside = false;  // a text
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char c = bytes[i];
    if (inside) {
      if (c == '\\') ++i;
      if (c == '"') inside = false;
    } else if (c == '"') {
      inside = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kDeepest) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

}  // namespace

sdk::Result<Json> parse_object(std::string_view bytes) {
  if (deeper_than_allowed(bytes)) return fail(Errc::invalid, "JSON that is nested deeper than 64");
  auto parsed = Json::parse(bytes, nullptr, false);
  if (parsed.is_discarded()) return fail(Errc::invalid, "no JSON (or no UTF-8)");
  if (!parsed.is_object()) return fail(Errc::invalid, "JSON that is no object");
  return parsed;
}

const Json* at(const Json& object, const char* pointer) {
  const Json::json_pointer where(pointer);
  return object.contains(where) ? &object.at(where) : nullptr;
}

std::string text_at(const Json& object, const char* pointer) {
  const Json* found = at(object, pointer);
  return found && found->is_string() ? found->get<std::string>() : "";
}

std::int64_t number_at(const Json& object, const char* pointer, std::int64_t fallback) {
  const Json* found = at(object, pointer);
  return found && found->is_number_integer() ? found->get<std::int64_t>() : fallback;
}

bool flag_at(const Json& object, const char* pointer) {
  const Json* found = at(object, pointer);
  return found && found->is_boolean() && found->get<bool>();
}

const Json::array_t& list_at(const Json& object, const char* pointer) {
  static const Json::array_t kNone;
  const Json* found = at(object, pointer);
  return found && found->is_array() ? found->get_ref<const Json::array_t&>() : kNone;
}

std::optional<std::string> member_at(const Json& object, const char* pointer, std::string_view name) {
  const Json* table = at(object, pointer);
  if (!table || !table->is_object()) return std::nullopt;
  const auto found = table->find(name);
  if (found == table->end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

}  // namespace upkeep::plugins::shared::kube
