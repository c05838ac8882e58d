// SPDX-License-Identifier: Apache-2.0
#include "core/http_answer.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sdk/text.h"

namespace upkeep::core {
namespace {

using nlohmann::json;
using sdk::Errc;

constexpr std::size_t kShown = 200;  // first bytes of a body

struct Phrase {
  int status;
  const char* text;
};
constexpr Phrase kPhrases[] = {{200, "OK"},
                               {204, "No Content"},
                               {301, "Moved Permanently"},
                               {302, "Found"},
                               {307, "Temporary Redirect"},
                               {308, "Permanent Redirect"},
                               {400, "Bad Request"},
                               {401, "Unauthorized"},
                               {403, "Forbidden"},
                               {404, "Not Found"},
                               {405, "Method Not Allowed"},
                               {429, "Too Many Requests"},
                               {500, "Internal Server Error"},
                               {502, "Bad Gateway"},
                               {503, "Service Unavailable"},
                               {504, "Gateway Timeout"}};

std::string with_body(const std::string& text, std::string_view body) {
  const auto said = sdk::trimmed(body);
  return said.empty() ? text : text + ": " + sdk::quoted(said, kShown);
}

std::string judge_json(const ProbeSettings& wanted, std::string_view body) {
  const auto document = json::parse(body, nullptr, false);
  if (document.is_discarded()) return "the body is no JSON: " + sdk::quoted(sdk::trimmed(body), kShown);
  const json::json_pointer pointer(wanted.json_pointer);
  // What a pointer into the wrong kind of document does is an exception in this library.
  try {
    if (!document.contains(pointer)) return "the body has nothing at " + wanted.json_pointer;
    const auto& found = document.at(pointer);
    const auto text = found.is_string() ? found.get<std::string>() : found.dump(-1, ' ', true, json::error_handler_t::replace);
    if (text == wanted.value) return "";
    return wanted.json_pointer + " is " + sdk::quoted(text, kShown) + ", not " + sdk::quoted(wanted.value, kShown);
  } catch (const json::exception&) {
    return "the body has nothing at " + wanted.json_pointer;
  }
}

}  // namespace

sdk::Result<void> read_status_range(std::string_view text, ProbeSettings& out) {
  const auto dash = std::min(text.find('-'), text.size());
  const auto least = sdk::parse_number(text.substr(0, dash));
  const auto most = dash == text.size() ? least : sdk::parse_number(text.substr(dash + 1));
  if (!least || !most || *least < 100 || *most > 599 || *least > *most)
    return sdk::fail(Errc::invalid, sdk::quoted(text) + " is no range of statuses, as in \"200\" or \"200-399\"");
  out.least_status = static_cast<int>(*least);
  out.most_status = static_cast<int>(*most);
  return {};
}

sdk::Result<void> check_json_pointer(const std::string& text) {
  try {
    if (const json::json_pointer pointer(text); !pointer.empty()) return {};
  } catch (const json::exception&) {  // that is how this library says no
  }
  return sdk::fail(Errc::invalid, sdk::quoted(text) + " is no JSON pointer, as in \"/status\" or \"/checks/0/state\"");
}

std::string show_status(int status) {
  const auto* found = std::find_if(std::begin(kPhrases), std::end(kPhrases), [&](const Phrase& one) { return one.status == status; });
  return std::to_string(status) + (found == std::end(kPhrases) ? "" : " " + std::string(found->text));
}

std::string judge_answer(const ProbeSettings& wanted, int status, std::string_view body) {
  if (status < wanted.least_status || status > wanted.most_status) return with_body(show_status(status), body);
  if (!wanted.body.empty() && body.find(wanted.body) == std::string_view::npos)
    return with_body(show_status(status) + ", but " + sdk::quoted(wanted.body, kShown) + " is not in its body", body);
  const auto wrong = wanted.json_pointer.empty() ? std::string() : judge_json(wanted, body);
  return wrong.empty() ? "" : show_status(status) + ", but " + wrong;
}

}  // namespace upkeep::core
