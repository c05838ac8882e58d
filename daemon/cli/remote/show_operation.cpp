// SPDX-License-Identifier: Apache-2.0
// `upkeep history AGENT --operation ID`: one operation from beginning to end, with what was recorded on the way.
#include <algorithm>

#include "cli/remote/show.h"

namespace upkeep::cli {
namespace {

using nlohmann::json;

std::string clock_time(const std::string& at) { return printable(at.size() > 18 ? at.substr(11, 8) : at); }

std::string spent(const json& phase) {
  const json seconds = member(phase, "seconds");
  if (!seconds.is_number()) return "";
  const auto whole = seconds.get<double>();
  if (whole >= 1) return duration_text(std::chrono::seconds(static_cast<std::int64_t>(std::min(whole, 1e9))));
  return std::to_string(static_cast<int>(whole * 1000)) + "ms";
}

std::string padded(std::string text, std::size_t to) {
  if (width(text) < to) text += std::string(to - width(text), ' ');
  return text;
}

const char* heading(const std::string& topic) {
  if (topic == "package_manager") return "the package manager said";
  if (topic == "also_changed") return "changed beside it";
  if (topic == "differences") return "not as it was before";
  if (topic == "probe") return "the probe that failed";
  if (topic == "unit_log") return "the unit's log";
  if (topic == "hook") return "hook";
  if (topic == "stuck") return "stuck";
  return "recorded";
}

std::string one_operation(const json& operation, const Style& style, Clock::time_point now) {
  std::string result = text(operation, "result");
  if (result.empty()) result = "running";
  std::string out = style.bold(printable(text(operation, "agent"))) + "  " + change_text(operation) + "  " + painted(style, result) +
                    "  [" + printable(text(operation, "reason")) + "]\n";
  const auto field = [&](const char* label, const std::string& value) {
    if (!value.empty()) out += "  " + padded(label, 13) + value + "\n";
  };
  field("operation", printable(text(operation, "id")));
  field("asked for by", printable(text(operation, "actor")));
  field("began", with_relative(text(operation, "started"), now));
  const auto started = parse_time(text(operation, "started")), ended = parse_time(text(operation, "ended"));
  if (ended)
    field("ended", printable(text(operation, "ended")) +
                       (started && *ended >= *started
                            ? ", after " + duration_text(std::chrono::duration_cast<std::chrono::seconds>(*ended - *started))
                            : ""));
  field("because", printable(text(operation, "detail")));
  out += "\n";
  for (const auto& phase : member(operation, "phases"))
    out += "  " + clock_time(text(phase, "at")) + "  " + padded(printable(text(phase, "phase")), 11) + "  " + padded(spent(phase), 7) +
           "  " + printable(text(phase, "detail")) + "\n";
  for (const auto& record : member(operation, "record")) {
    out += "\n  " + style.bold(heading(text(record, "topic"))) + ", " + clock_time(text(record, "at")) + "\n";
    for (const auto& line : member(record, "lines"))
      if (line.is_string()) out += "    " + printable(line.get<std::string>()) + "\n";
  }
  return out;
}

}  // namespace

std::string operation_text(const json& operations, const Style& style, Clock::time_point now) {
  std::string out;
  for (const auto& one : operations) out += one_operation(one, style, now);
  return out;
}

}  // namespace upkeep::cli
