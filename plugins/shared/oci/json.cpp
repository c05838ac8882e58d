// SPDX-License-Identifier: Apache-2.0
#include "shared/oci/json.h"

namespace upkeep::oci {

using sdk::Errc;
using sdk::fail;

namespace {

constexpr int kDeepest = 32;
constexpr std::size_t kMostValues = 20'000;

}  // namespace

sdk::Result<Json> parse_object(std::string_view bytes, std::size_t most) {
  if (bytes.size() > most) return fail(Errc::invalid, "is longer than " + std::to_string(most) + " bytes");
  bool deep = false;
  std::size_t values = 0;
  // What is too much is not stored while the rest is read.
  const auto watch = [&](int depth, Json::parse_event_t event, const Json& /*value*/) {
    if (event == Json::parse_event_t::array_start || event == Json::parse_event_t::object_start || event == Json::parse_event_t::value)
      ++values;
    deep = deep || depth > kDeepest;
    return !deep && values <= kMostValues;
  };
  auto parsed = Json::parse(bytes, watch, false);
  if (deep) return fail(Errc::invalid, "is JSON that is nested deeper than " + std::to_string(kDeepest));
  if (values > kMostValues) return fail(Errc::invalid, "is JSON of more than " + std::to_string(kMostValues) + " values");
  if (parsed.is_discarded()) return fail(Errc::invalid, "is no JSON (or no UTF-8)");
  if (!parsed.is_object()) return fail(Errc::invalid, "is JSON that is no object");
  return parsed;
}

const Json* at(const Json& object, std::initializer_list<std::string_view> names) {
  const Json* here = &object;
  for (const std::string_view name : names) {
    if (!here->is_object()) return nullptr;
    const auto found = here->find(name);
    if (found == here->end()) return nullptr;
    here = &*found;
  }
  return here;
}

std::string text_at(const Json& object, std::initializer_list<std::string_view> names) {
  const Json* found = at(object, names);
  return found && found->is_string() ? found->get<std::string>() : "";
}

const Json::array_t& list_at(const Json& object, std::initializer_list<std::string_view> names) {
  static const Json::array_t kNone;
  const Json* found = at(object, names);
  return found && found->is_array() ? found->get_ref<const Json::array_t&>() : kNone;
}

const Json::object_t& table_at(const Json& object, std::initializer_list<std::string_view> names) {
  static const Json::object_t kNone;
  const Json* found = at(object, names);
  return found && found->is_object() ? found->get_ref<const Json::object_t&>() : kNone;
}

}  // namespace upkeep::oci
