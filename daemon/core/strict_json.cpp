// SPDX-License-Identifier: Apache-2.0
#include "core/strict_json.h"

#include <set>
#include <string>
#include <vector>

#include "sdk/text.h"

namespace upkeep::core {

using nlohmann::json;
using sdk::Errc;

namespace {

// Looks on while the parser reads. The first thing that is wrong is kept; what comes after it is not stored.
class Watcher {
 public:
  explicit Watcher(const JsonBounds& bounds) : bounds_(bounds) {}

  bool see(json::parse_event_t event, const json& value) {
    switch (event) {
      case json::parse_event_t::object_start:
      case json::parse_event_t::array_start:
        count();
        open_.emplace_back();
        if (open_.size() > bounds_.depth) wrong("it is nested deeper than " + std::to_string(bounds_.depth));
        break;
      case json::parse_event_t::object_end:
      case json::parse_event_t::array_end:
        open_.pop_back();
        break;
      case json::parse_event_t::key:
        if (!open_.back().members.insert(value.get<std::string>()).second)
          wrong("the member " + sdk::quoted(value.get<std::string>()) + " stands there twice");
        break;
      case json::parse_event_t::value:
        count();
        break;
    }
    return problem_.empty();
  }
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  struct Level {
    std::set<std::string> members;
    std::size_t entries = 0;
  };
  void count() {
    if (!open_.empty() && ++open_.back().entries > bounds_.entries)
      wrong("a list or table has more than " + std::to_string(bounds_.entries) + " entries");
  }
  void wrong(std::string what) {
    if (problem_.empty()) problem_ = std::move(what);
  }

  const JsonBounds& bounds_;
  std::vector<Level> open_;
  std::string problem_;
};

}  // namespace

sdk::Result<json> parse_strict_json(std::string_view bytes, const JsonBounds& bounds) {
  Watcher watcher(bounds);
  json out;
  try {
    out = json::parse(bytes, [&watcher](int /*depth*/, json::parse_event_t event, json& value) { return watcher.see(event, value); });
  } catch (const json::parse_error& error) {  // its own text may quote the input at any length
    if (watcher.problem().empty()) return sdk::fail(Errc::invalid, "it is no JSON: byte " + std::to_string(error.byte));
  } catch (const json::exception&) {
    if (watcher.problem().empty()) return sdk::fail(Errc::invalid, "it has a number that is out of range");
  }
  if (!watcher.problem().empty()) return sdk::fail(Errc::invalid, watcher.problem());
  if (!out.is_object()) return sdk::fail(Errc::invalid, "it is no JSON object");
  return out;
}

}  // namespace upkeep::core
