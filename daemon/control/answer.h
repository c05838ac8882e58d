// SPDX-License-Identifier: Apache-2.0
#pragma once
// What goes back over HTTP: JSON documents, refusals with their status, plain text.

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "engine/face.h"

namespace upkeep::control {

inline constexpr const char* kEventType = "application/x-ndjson";

struct Answer {
  int status = 200;
  std::string body;
  std::string content_type = "application/json";
  std::string allow;  // of a 405
};

// Bytes that are no UTF-8 (a program's output in an error text) are replaced: an answer never fails for that.
[[nodiscard]] std::string text_of(const nlohmann::json& document);
// {"error":{code, message}}
[[nodiscard]] nlohmann::json error_document(std::string_view code, std::string_view message);

// The HTTP status goes with the code: the engine's, and forbidden, method_not_allowed, too_large.
[[nodiscard]] Answer refusal(std::string_view code, std::string_view message);
[[nodiscard]] Answer answer(const engine::Reply& reply);
[[nodiscard]] Answer plain(int status, std::string text);

}  // namespace upkeep::control
