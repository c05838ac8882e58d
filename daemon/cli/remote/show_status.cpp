// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <vector>

#include "cli/remote/show.h"

namespace upkeep::cli {
namespace {

using nlohmann::json;

constexpr std::size_t kLabel = 14;

std::string or_else(const std::string& text, const char* otherwise) { return text.empty() ? otherwise : printable(text); }

// "  label      text", if there is a text.
void line(std::string& out, const char* label, const std::string& text) {
  if (text.empty()) return;
  std::string start = "  " + std::string(label);
  start.resize(kLabel, ' ');
  out += start + (is_terminal(STDOUT_FILENO) ? filled(text, kLabel, columns(STDOUT_FILENO)) : text) + "\n";
}

std::string heading(const json& decision) {
  const std::string action = text(decision, "action");
  if (action == "upgrade") return "upgrade: ";
  if (action == "wait") return "waits: ";
  const std::string reason = text(decision, "reason");
  if (reason == "in_operation") return "";
  // There may well be something to do, such as for a person when the agent is stuck.
  return reason == "up_to_date" || reason == "no_release" ? "nothing to do: " : "does nothing: ";
}

void show_health(std::string& out, const json& health, const Style& style, Clock::time_point now) {
  if (!health.is_object()) return;
  line(out, "health", painted(style, or_else(text(health, "state"), "unknown")));
  for (const auto& probe : member(health, "probes")) {
    std::string one = printable(text(probe, "name")) + ": " + printable(text(probe, "state"));
    if (const auto since = parse_time(text(probe, "since"))) one += " since " + relative(*since, now);
    if (const auto detail = text(probe, "detail"); !detail.empty()) one += ", " + printable(detail);
    if (member(probe, "baseline") == true)
      one += text(probe, "state") == "unknown" ? "; does not count" : "; was failing before the upgrade, does not count";
    line(out, "", one);
  }
}

void show_operations(std::string& out, const json& agent, const Style& style, Clock::time_point now) {
  if (const json operation = member(agent, "operation"); operation.is_object()) {
    std::string one = change_text(operation) + " " + style.attention(printable(text(operation, "phase")));
    if (const json percent = member(operation, "percent"); percent.is_number()) one += " " + std::to_string(percent.get<int>()) + "%";
    one += ", began " + with_relative(text(operation, "started"), now);
    if (const auto actor = text(operation, "actor"); !actor.empty()) one += ", asked for by " + printable(actor);
    line(out, "operation", one);
    line(out, "", printable(text(operation, "text")));
  }
  if (const json last = member(agent, "last_operation"); last.is_object()) {
    line(out, "last", change_text(last) + " " + painted(style, text(last, "result")) + ", " + with_relative(text(last, "ended"), now));
    line(out, "", printable(text(last, "detail")));
  }
}

void show_lines(std::string& out, const char* label, const json& lines) {
  for (const auto& one : lines) {
    if (one.is_string()) line(out, label, printable(one.get<std::string>()));
    label = "";
  }
}

// In full: whoever reads this must act.
void show_stuck(std::string& out, const json& stuck, const Style& style) {
  if (!stuck.is_object()) return;
  show_lines(out, "tried", member(stuck, "tried"));
  show_lines(out, "now", member(stuck, "now"));
  const char* label = "do";
  for (const auto& one : member(stuck, "commands")) {
    out += "  " + std::string(label) + std::string(kLabel - 2 - std::string_view(label).size(), ' ') +
           style.bold(printable(text(one, "command"))) + "\n";
    line(out, "", "  " + printable(text(one, "text")));
    label = "";
  }
}

// "source tags, schedule window, installer versions"
std::string plugins_line(const json& plugins) {
  std::string out;
  const auto add = [&](const char* kind, const json& name) {
    if (name.is_string()) out += (out.empty() ? "" : ", ") + (kind + printable(name.get<std::string>()));
  };
  for (const auto& name : member(plugins, "sources")) add("source ", name);
  for (const auto& name : member(plugins, "schedules")) add("schedule ", name);
  add("installer ", member(plugins, "installer"));
  return out;
}

std::string source_line(const json& source, Clock::time_point now) {
  const std::string origin = printable(text(source, "origin"));
  if (origin.empty()) return "";  // the agent is not configured, or wrongly
  const auto last_ok = parse_time(text(source, "last_ok"));
  return origin + (last_ok ? ", read " + relative(*last_ok, now) : ", not read since the daemon started");
}

// What was done ahead of an upgrade; trouble with it is among the warnings.
std::string ahead_text(const json& preflight) {
  const std::string state = text(preflight, "state");
  if (state.empty() || state == "refused" || state == "failed") return "";
  const json percent = member(preflight, "percent");
  return printable(text(preflight, "text")) + (percent.is_number_integer() ? ", " + percent.dump() + "%" : "");
}

// What a signed release says beside its version, as far as people act on it.
void show_signed(std::string& out, const json& said, Clock::time_point now) {
  if (!said.is_object()) return;
  std::string keys;
  for (const json& key : member(said, "by"))
    if (key.is_string()) keys += (keys.empty() ? " " : ", ") + printable(key.get<std::string>());
  line(out, "signed", "by" + keys + ", serial " + member(said, "serial").dump() + ", expires " + with_relative(text(said, "expires"), now));
  line(out, "notes", printable(text(said, "notes")));
  const json rollout = member(said, "rollout");
  if (!rollout.is_object()) return;
  char place[32];
  std::snprintf(place, sizeof place, "%.1f", rollout.value("place", 0.0));
  line(out, "rollout", "at " + member(rollout, "percent").dump() + " %, this host's place is " + place + " %");
}

std::string one_agent(const json& agent, const Style& style, Clock::time_point now) {
  std::string out = style.bold(or_else(text(agent, "name"), "?")) + "  " + printable(text(agent, "phase")) + "\n";
  line(out, "version", or_else(text(agent, "installed"), "not installed"));
  const json offered = member(agent, "offered");
  std::string offer = or_else(text(offered, "version"), "none");
  if (member(offered, "critical") == true) offer += " " + style.bad("critical");
  line(out, "offered", offer);
  show_signed(out, member(agent, "signed"), now);
  const json decision = member(agent, "decision");
  line(out, "next", heading(decision) + decision_text(decision, now));
  show_stuck(out, member(agent, "stuck"), style);
  line(out, "ahead", ahead_text(member(agent, "preflight")));
  show_health(out, member(agent, "health"), style, now);
  show_operations(out, agent, style, now);
  if (const json stop = member(agent, "suspended"); stop.is_object()) {
    const std::string until = text(stop, "until"), place = printable(text(stop, "place"));
    line(out, "suspended",
         style.attention("by " + printable(text(stop, "actor"))) + ": " + printable(text(stop, "reason")) + ", " +
             (!place.empty()  ? "as long as it stands there: " + place
              : until.empty() ? "until resumed"
                              : "until " + with_relative(until, now)));
  }
  if (const json wish = member(agent, "wish"); wish.is_object()) {
    const std::string state = printable(text(wish, "state"));
    line(out, "wish",
         "force " + printable(text(wish, "version")) + " by " + printable(text(wish, "actor")) + " (" + printable(text(wish, "place")) +
             "), " + (state == "refused" ? style.attention(state) : state) + ", " + with_relative(text(wish, "at"), now));
    line(out, "", printable(text(wish, "detail")));
  }
  line(out, "pinned", printable(text(agent, "pinned")));
  std::string quarantined;
  for (const auto& version : member(agent, "quarantined")) {
    if (version.is_string()) quarantined += (quarantined.empty() ? "" : ", ") + printable(version.get<std::string>());
  }
  line(out, "quarantined", quarantined.empty() ? "" : style.attention(quarantined));
  if (const json back = member(agent, "can_go_back"); back.is_object()) {
    line(out, "way back", member(back, "possible") == true ? "yes, " + printable(text(back, "how")) : style.attention("none"));
    line(out, "", printable(text(back, "text")));
  }
  const json source = member(agent, "source");
  line(out, "channel", source_line(source, now));
  if (const json error = member(source, "last_error"); error.is_object()) {
    line(out, "", style.attention(printable(text(error, "message"))) + ", " + with_relative(text(error, "at"), now));
  }
  line(out, "plugins", plugins_line(member(agent, "plugins")));
  for (const auto& warning : member(agent, "warnings")) {
    if (warning.is_string()) line(out, "warning", style.attention(printable(warning.get<std::string>())));
  }
  return out;
}

// Columns as wide as they must be, the last one as it comes.
std::string table(const std::vector<std::array<std::string, 5>>& rows) {
  std::array<std::size_t, 5> widest{};
  for (const auto& row : rows) {
    for (std::size_t i = 0; i + 1 < row.size(); ++i) widest[i] = std::max(widest[i], width(row[i]));
  }
  std::string out;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i + 1 < row.size(); ++i) out += row[i] + std::string(widest[i] - width(row[i]) + 2, ' ');
    out += row.back() + "\n";
  }
  return out;
}

}  // namespace

std::string status_text(const json& document, const Style& style, Clock::time_point now) {
  const json agents = member(document, "agents");
  if (agents.empty()) return "no agents are configured\n";
  if (agents.size() == 1) return one_agent(agents[0], style, now);
  std::vector<std::array<std::string, 5>> rows{{"AGENT", "VERSION", "OFFERED", "PHASE", "NEXT"}};
  for (const auto& agent : agents) {
    const json decision = member(agent, "decision"), warnings = member(agent, "warnings");
    std::string next = printable(text(decision, "reason"));
    if (const auto until = parse_time(text(decision, "until"))) next += ", " + relative(*until, now);
    if (text(member(agent, "health"), "state") == "unhealthy") next += "; " + style.bad("unhealthy");
    if (!warnings.empty())
      next += "; " + style.attention(std::to_string(warnings.size()) + (warnings.size() == 1 ? " warning" : " warnings"));
    rows.push_back({or_else(text(agent, "name"), "?"), or_else(text(agent, "installed"), "-"),
                    or_else(text(member(agent, "offered"), "version"), "-"), printable(text(agent, "phase")), next});
  }
  return table(rows) + "\n`upkeep status AGENT` shows one in full\n";
}

}  // namespace upkeep::cli
