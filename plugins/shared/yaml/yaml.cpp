// SPDX-License-Identifier: Apache-2.0
#include "shared/yaml/yaml.h"

#include <yaml.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "sdk/text.h"

namespace upkeep::plugins::shared::yaml {

using nlohmann::json;
using sdk::Errc;
using sdk::fail;

namespace {

constexpr std::size_t kDeepest = 32, kMostValues = 20'000;

sdk::Error bad(std::size_t line, const std::string& what) { return {Errc::invalid, "line " + std::to_string(line + 1) + ": " + what}; }

json scalar(std::string text, bool plain) {
  if (!plain) return text;
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return nullptr;
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  const bool negative = text.front() == '-';
  if (const auto number = sdk::parse_number(std::string_view(text).substr(negative ? 1 : 0));
      number && *number <= static_cast<std::uint64_t>(INT64_MAX))
    return negative ? -static_cast<std::int64_t>(*number) : static_cast<std::int64_t>(*number);
  return text;
}

// Builds documents of the parser's events.
class Builder {
 public:
  // What is wrong with the event; nullopt: nothing.
  std::optional<sdk::Error> take(const yaml_event_t& event) {
    const std::size_t line = event.start_mark.line;
    switch (event.type) {
      case YAML_ALIAS_EVENT:
        return bad(line, "an alias, which is not supported");
      case YAML_SCALAR_EVENT: {
        const auto& found = event.data.scalar;
        if (found.anchor) return bad(line, "an anchor, which is not supported");
        if (!plain_tag(found.tag)) return bad(line, "a tag, which is not supported");
        std::string text(reinterpret_cast<const char*>(found.value), found.length);
        const bool text_by_tag = found.tag && std::string_view(reinterpret_cast<const char*>(found.tag)).ends_with(":str");
        return value(scalar(std::move(text), found.style == YAML_PLAIN_SCALAR_STYLE && !text_by_tag), line);
      }
      case YAML_SEQUENCE_START_EVENT:
        return open(event.data.sequence_start.anchor, event.data.sequence_start.tag, json::array(), line);
      case YAML_MAPPING_START_EVENT:
        return open(event.data.mapping_start.anchor, event.data.mapping_start.tag, json::object(), line);
      case YAML_SEQUENCE_END_EVENT:
      case YAML_MAPPING_END_EVENT: {
        Level done = std::move(levels_.back());
        levels_.pop_back();
        return value(std::move(done.value), line);
      }
      default:
        return std::nullopt;
    }
  }
  std::vector<json> documents;

 private:
  struct Level {
    json value;
    std::optional<std::string> key;  // of a table: read, and waits for its value
  };

  static bool plain_tag(const yaml_char_t* tag) {
    if (!tag) return true;
    const std::string_view text(reinterpret_cast<const char*>(tag));
    constexpr std::string_view kCore = "tag:yaml.org,2002:";
    if (!text.starts_with(kCore)) return text == "!";
    const auto name = text.substr(kCore.size());
    return name == "str" || name == "int" || name == "bool" || name == "null" || name == "map" || name == "seq" || name == "float";
  }

  std::optional<sdk::Error> open(const yaml_char_t* anchor, const yaml_char_t* tag, json empty, std::size_t line) {
    if (anchor) return bad(line, "an anchor, which is not supported");
    if (!plain_tag(tag)) return bad(line, "a tag, which is not supported");
    if (levels_.size() == kDeepest) return bad(line, "nested deeper than " + std::to_string(kDeepest));
    if (!levels_.empty() && levels_.back().value.is_object() && !levels_.back().key) return bad(line, "a key that is no text");
    levels_.push_back({std::move(empty), std::nullopt});
    return std::nullopt;
  }

  std::optional<sdk::Error> value(json found, std::size_t line) {
    if (++values_ > kMostValues) return bad(line, "more than " + std::to_string(kMostValues) + " values");
    if (levels_.empty()) {
      documents.push_back(std::move(found));
      return std::nullopt;
    }
    Level& level = levels_.back();
    if (level.value.is_array()) {
      level.value.push_back(std::move(found));
    } else if (!level.key) {
      level.key = found.is_string() ? found.get<std::string>() : found.dump();
      if (level.value.contains(*level.key)) return bad(line, "the key " + sdk::quoted(*level.key) + " stands there twice");
    } else {
      level.value[*std::exchange(level.key, std::nullopt)] = std::move(found);
    }
    return std::nullopt;
  }

  std::vector<Level> levels_;
  std::size_t values_ = 0;
};

}  // namespace

sdk::Result<std::vector<json>> parse(std::string_view text) {
  if (text.size() > kMostBytes) return fail(Errc::invalid, "longer than " + std::to_string(kMostBytes) + " bytes");
  yaml_parser_t parser;
  if (yaml_parser_initialize(&parser) == 0) return fail(Errc::internal, "no memory for a YAML parser");
  const std::unique_ptr<yaml_parser_t, void (*)(yaml_parser_t*)> parser_end(&parser, yaml_parser_delete);
  yaml_parser_set_input_string(&parser, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
  Builder builder;
  for (;;) {
    yaml_event_t event;
    if (yaml_parser_parse(&parser, &event) == 0) {
      const auto line = parser.error == YAML_READER_ERROR ? parser.mark.line : parser.problem_mark.line;
      return fail(bad(line, parser.problem ? parser.problem : "no YAML"));
    }
    const std::unique_ptr<yaml_event_t, void (*)(yaml_event_t*)> event_end(&event, yaml_event_delete);
    if (event.type == YAML_STREAM_END_EVENT) return std::move(builder.documents);
    if (const auto trouble = builder.take(event)) return fail(*trouble);
  }
}

sdk::Result<json> parse_one(std::string_view text) {
  auto documents = parse(text);
  if (!documents) return fail(documents.error());
  if (documents->size() != 1) return fail(Errc::invalid, std::to_string(documents->size()) + " documents where one is expected");
  return std::move(documents->front());
}

}  // namespace upkeep::plugins::shared::yaml
