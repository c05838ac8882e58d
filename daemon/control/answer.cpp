// SPDX-License-Identifier: Apache-2.0
#include "control/answer.h"

#include <array>
#include <utility>

namespace upkeep::control {
namespace {

constexpr std::array<std::pair<std::string_view, int>, 9> kStatus{{
    {"invalid", 400},
    {"forbidden", 403},
    {"not_found", 404},
    {"method_not_allowed", 405},
    {"in_operation", 409},
    {"refused", 409},
    {"too_large", 413},
    {"unavailable", 503},
    {"internal", 500},
}};

int status_of(std::string_view code) {
  for (const auto& [known, status] : kStatus) {
    if (known == code) return status;
  }
  return 500;
}

}  // namespace

std::string text_of(const nlohmann::json& document) { return document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace); }

nlohmann::json error_document(std::string_view code, std::string_view message) {
  return {{"error", {{"code", code}, {"message", message}}}};
}

Answer refusal(std::string_view code, std::string_view message) {
  return {status_of(code), text_of(error_document(code, message)) + "\n", "application/json", ""};
}

Answer answer(const engine::Reply& reply) {
  if (!reply) return refusal(reply.error().code, reply.error().message);
  return {200, text_of(*reply) + "\n", "application/json", ""};
}

Answer plain(int status, std::string text) { return {status, std::move(text), "text/plain; charset=utf-8", ""}; }

}  // namespace upkeep::control
