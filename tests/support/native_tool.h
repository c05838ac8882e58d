// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the tests of the native tools share: orders, and plans as text.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "shared/native/tool.h"

namespace upkeep::test {

using shared::native::Said;
using shared::native::Tool;
using shared::packages::Act;
using shared::packages::Order;
using shared::packages::Reaction;

inline Order order_of(const std::string& name, const std::string& version, bool downgrade = false) {
  return {{{name, version, "", ""}}, downgrade};
}

// "install demo-agent 2.3.4-1, remove libdemo 1.0-1", or what went wrong.
inline std::string plan_text(const Tool& tool, const Order& order, const Said& said) {
  const auto report = tool.plan(order, said);
  if (!report) return "error: " + report.error().message;
  if (report->failure) return std::string(name(report->failure->reaction)) + ": " + report->failure->error.message;
  constexpr const char* kActs[] = {"install", "downgrade", "remove", "replace", "untrusted", "unavailable"};
  std::string out = report->incomplete ? "incomplete" : "";
  for (const auto& line : report->plan)
    out += (out.empty() ? "" : ", ") + std::string(kActs[static_cast<int>(line.act)]) + " " + line.name + " " + line.version;
  return out;
}

inline std::string failure_text(const Tool& tool, const Said& said) {
  const auto failure = tool.failure(said);
  return failure ? std::string(name(failure->reaction)) : "none";
}

inline std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

}  // namespace upkeep::test
