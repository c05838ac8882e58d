// SPDX-License-Identifier: Apache-2.0
#include "cli/remote/show.h"

namespace upkeep::cli {
namespace {

using nlohmann::json;

std::string version_or_nothing(const std::string& version) { return version.empty() ? "nothing" : printable(version); }

std::string phases_text(const json& phases) {
  std::string out;
  for (const auto& phase : phases) {
    std::string at = text(phase, "at");
    if (at.size() > 18) at = at.substr(11, 8);
    out += "    " + printable(at) + " " + printable(text(phase, "phase"));
    if (const auto detail = text(phase, "detail"); !detail.empty()) out += ": " + printable(detail);
    out += "\n";
  }
  return out;
}

}  // namespace

std::string painted(const Style& style, const std::string& state) {
  if (state == "healthy" || state == "committed") return style.good(state);
  if (state == "unhealthy" || state == "stuck" || state == "failed") return style.bad(state);
  return style.attention(printable(state));
}

std::string change_text(const json& operation) {
  return version_or_nothing(text(operation, "from")) + " -> " + version_or_nothing(text(operation, "to"));
}

std::string decision_text(const json& decision, Clock::time_point now) {
  std::string out = printable(text(decision, "text"));
  out += (out.empty() ? "[" : " [") + printable(text(decision, "reason")) + "]";
  if (const auto until = text(decision, "until"); !until.empty()) out += ", until " + with_relative(until, now);
  return out;
}

std::string history_text(const json& document, const Style& style, Clock::time_point now) {
  std::string out;
  for (const auto& operation : member(document, "operations")) {
    std::string result = text(operation, "result");
    if (result.empty()) result = "running";
    out += printable(text(operation, "agent")) + "  " + change_text(operation) + "  " + painted(style, result) + "  [" +
           printable(text(operation, "reason")) + "]";
    if (const auto actor = text(operation, "actor"); !actor.empty()) out += "  by " + printable(actor);
    if (const json times = member(operation, "times"); times.is_number() && times.get<int>() > 1)
      out += "  " + std::to_string(times.get<int>()) + " times";
    out += "\n  began " + with_relative(text(operation, "started"), now);
    if (const auto ended = text(operation, "ended"); !ended.empty()) out += ", ended " + printable(ended);
    out += "  (" + printable(text(operation, "id")) + ")\n" + phases_text(member(operation, "phases"));
    if (const auto detail = text(operation, "detail"); !detail.empty()) out += "    " + printable(detail) + "\n";
  }
  return out.empty() ? "no operations yet\n" : out;
}

std::string check_text(const json& document) {
  std::string first, others;
  for (const auto& message : member(document, "messages")) {
    if (!message.is_string()) continue;
    const std::string one = printable(message.get<std::string>());
    const bool answer = one.starts_with("no upgrades available") || one.starts_with("an upgrade is available");
    (answer ? first : others) += one + "\n";
  }
  std::string plan;
  for (const auto& item : member(document, "plan")) {
    const std::string from = text(item, "from"), to = text(item, "to"), package = printable(text(item, "package"));
    plan += "  " + package + " " +
            (from.empty() ? "(new) " + printable(to)
             : to.empty() ? printable(from) + " removed"
                          : change_text(item)) +
            "\n";
  }
  return first + plan + others;
}

std::string event_text(const json& event) {
  const std::string agent = text(event, "agent");
  std::string out =
      printable(text(event, "time")) + "  " + (agent.empty() ? "upkeepd" : printable(agent)) + "  " + printable(text(event, "event"));
  for (const auto& [name, value] : event.items()) {
    if (name == "time" || name == "agent" || name == "event" || value.is_null() || value == "") continue;
    out += "  " + printable(name) + "=" +
           printable(value.is_string() ? value.get<std::string>() : value.dump(-1, ' ', false, json::error_handler_t::replace));
  }
  return out;
}

}  // namespace upkeep::cli
