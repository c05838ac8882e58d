// SPDX-License-Identifier: Apache-2.0
#include "control/body.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "sdk/text.h"

namespace upkeep::control {
namespace {

using engine::Command;
using engine::Refusal;
using engine::Verb;
using nlohmann::json;

constexpr std::size_t kMaxText = 1024;  // of one field: it ends up in the journal
constexpr sdk::Millis kDefaultSpan = std::chrono::days(14);
constexpr sdk::Millis kLongestSpan = std::chrono::days(366);
constexpr sdk::TimePoint kLastTime = std::chrono::sys_days(std::chrono::year(9999) / 12 / 31);

bool has_control_characters(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

// Takes known fields out of the object one by one; what is left at the end is unknown. Keeps the first trouble.
class Fields {
 public:
  explicit Fields(std::string_view body) {
    if (body.empty()) return;
    // Of two fields with one name JSON readers take one or the other: nobody could say what was asked for.
    std::set<std::string> names;
    const auto once = [&](int depth, json::parse_event_t event, const json& parsed) {
      if (event == json::parse_event_t::key && depth == 1 && !names.insert(parsed.get<std::string>()).second)
        say("field " + sdk::quoted(parsed.get<std::string>()) + " is given twice");
      return true;
    };
    object_ = json::parse(body, once, false);
    if (object_.is_discarded()) {
      say("the body is no JSON (or no UTF-8)");
    } else if (!object_.is_object()) {
      say(std::string("the body must be a JSON object, not ") + object_.type_name());
    }
  }

  std::string text(const char* name, bool required = false) {
    const json value = take(name);
    if (value.is_null()) {
      if (required) say(sdk::quoted(name) + " is missing");
      return "";
    }
    if (!value.is_string()) return wrong_type(name, "a string", value), "";
    auto out = value.get<std::string>();
    if (out.size() > kMaxText) say(sdk::quoted(name) + " is longer than " + std::to_string(kMaxText) + " bytes");
    if (has_control_characters(out)) say(sdk::quoted(name) + " has control characters");
    if (out.find_first_not_of(' ') == std::string::npos) say(sdk::quoted(name) + " is empty");
    return out;
  }

  bool flag(const char* name) {
    const json value = take(name);
    if (value.is_null()) return false;
    if (!value.is_boolean()) return wrong_type(name, "true or false", value), false;
    return value.get<bool>();
  }

  void say(std::string trouble) {
    if (!trouble_) trouble_ = std::move(trouble);
  }

  // Looks for what nobody took.
  std::optional<std::string> trouble() {
    if (!trouble_ && !object_.empty()) say("unknown field " + sdk::quoted(object_.begin().key()));
    return trouble_;
  }

 private:
  // null: not given (or given as null, which is the same).
  json take(const char* name) {
    if (trouble_ || !object_.contains(name)) return nullptr;
    json value = std::move(object_[name]);
    object_.erase(name);
    return value;
  }
  void wrong_type(const char* name, const char* wanted, const json& value) {
    say(sdk::quoted(name) + " must be " + wanted + ", not " + value.type_name());
  }

  json object_ = json::object();
  std::optional<std::string> trouble_;
};

tl::unexpected<Refusal> invalid(std::string message) { return tl::unexpected<Refusal>(Refusal{"invalid", std::move(message)}); }

// When a suspension ends: "for" a duration, or "until" a time, or neither.
std::optional<sdk::TimePoint> parse_end(Fields& fields, sdk::TimePoint now) {
  const std::string duration = fields.text("for"), time = fields.text("until");
  if (!duration.empty() && !time.empty()) fields.say("\"for\" and \"until\" exclude each other");
  std::optional<sdk::TimePoint> end;
  if (!duration.empty()) {
    const auto parsed = sdk::parse_duration(duration);
    if (!parsed) return fields.say("\"for\": " + parsed.error().message), end;
    end = now + *parsed;
  } else if (!time.empty()) {
    const auto parsed = sdk::parse_rfc3339(time);
    if (!parsed) return fields.say("\"until\": " + parsed.error().message), end;
    end = *parsed;
  }
  if (end && *end <= now) fields.say("the end of the suspension is not in the future");
  if (end && *end > kLastTime) fields.say("the end of the suspension is after the year 9999");
  return end;
}

}  // namespace

tl::expected<Command, Refusal> parse_command(Verb verb, std::string_view body, sdk::TimePoint now) {
  Fields fields(body);
  Command command;
  command.verb = verb;
  switch (verb) {
    case Verb::force:
      command.version = fields.text("version");
      command.allow_downgrade = fields.flag("allow_downgrade");
      command.allow_major = fields.flag("allow_major");
      command.quarantined = fields.flag("quarantined");
      command.no_way_back = fields.flag("no_way_back");
      break;
    case Verb::suspend:
      command.reason = fields.text("reason", true);
      command.until = parse_end(fields, now);
      break;
    case Verb::pin:
      command.version = fields.text("version", true);
      command.allow_downgrade = fields.flag("allow_downgrade");
      break;
    case Verb::rollback:
      command.version = fields.text("to");
      break;
    case Verb::unquarantine:
      command.version = fields.text("version", true);
      break;
    case Verb::resolve:
      command.as = fields.text("as", true);
      if (command.as != "installed" && command.as != "failed") fields.say("\"as\" must be \"installed\" or \"failed\"");
      break;
    case Verb::check:
    case Verb::dry_run:
    case Verb::run:
    case Verb::resume:
    case Verb::unpin:
    case Verb::forget:
      break;
  }
  if (const auto trouble = fields.trouble()) return invalid(*trouble);
  return command;
}

tl::expected<void, Refusal> parse_empty(std::string_view body) {
  if (const auto trouble = Fields(body).trouble()) return invalid(*trouble);
  return {};
}

tl::expected<Span, Refusal> parse_span(const Query& query, sdk::TimePoint now) {
  std::optional<sdk::TimePoint> from, until;
  for (const auto& [name, value] : query) {
    if (name != "from" && name != "until") return invalid("unknown query value " + sdk::quoted(name));
    auto& time = name == "from" ? from : until;
    if (time) return invalid("query value " + sdk::quoted(name) + " is given twice");
    const auto parsed = sdk::parse_rfc3339(value);
    if (!parsed) return invalid("query value " + sdk::quoted(name) + ": " + parsed.error().message);
    time = *parsed;
  }
  Span span{from.value_or(now), {}};
  span.until = until.value_or(span.from + kDefaultSpan);
  if (span.until <= span.from) return invalid("\"until\" must be after \"from\"");
  if (span.until - span.from > kLongestSpan) return invalid("\"from\" and \"until\" are more than 366 days apart");
  return span;
}

tl::expected<std::string, Refusal> parse_operation(const Query& query) {
  for (const auto& [name, value] : query)
    if (name != "operation") return invalid("unknown query value " + sdk::quoted(name));
  if (query.size() > 1) return invalid("query value \"operation\" is given twice");
  if (query.empty()) return std::string();
  const auto& id = query.begin()->second;
  if (id.empty() || id.size() > 64) return invalid("query value \"operation\" must be an id of 1 to 64 characters");
  return id;
}

tl::expected<void, Refusal> parse_no_query(const Query& query) {
  if (!query.empty()) return invalid("unknown query value " + sdk::quoted(query.begin()->first));
  return {};
}

}  // namespace upkeep::control
