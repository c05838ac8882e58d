// SPDX-License-Identifier: Apache-2.0
// The API's description (conf/api/openapi.yaml) lists what the program says, no more and no less.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "control/answer.h"
#include "core/hooks.h"
#include "core/phase.h"
#include "engine/face.h"
#include "engine/probes.h"
#include "sdk/plugin.h"
#include "sdk/reason.h"
#include "support/source_tree.h"

namespace upkeep::control {
namespace {

using Names = std::vector<std::string>;

const std::string& description() {
  static const std::string kText = [] {
    std::ostringstream out;
    out << std::ifstream(test::source_dir() + "/conf/api/openapi.yaml").rdbuf();
    return out.str();
  }();
  return kText;
}

// The words of the first "enum: […]" after "    NAME:".
Names listed(const std::string& schema) {
  const auto start = description().find("\n    " + schema + ":\n");
  const auto open = description().find("enum: [", start), close = description().find(']', open);
  if (start == std::string::npos || close == std::string::npos) return {"no schema " + schema};
  Names names;
  const std::regex word("[a-z_]+");
  const std::string list = description().substr(open + 6, close - open - 6);
  for (std::sregex_iterator at(list.begin(), list.end(), word); at != std::sregex_iterator(); ++at) names.push_back(at->str());
  return names;
}

// The names of an enum's values 0 to last.
template <typename Enum>
Names all_up_to(Enum last) {
  Names names;
  for (int i = 0; i <= static_cast<int>(last); ++i) names.emplace_back(name(static_cast<Enum>(i)));
  return names;
}

// Every first capture of the pattern in the files below a folder.
std::set<std::string> written_in(const std::string& folder, const std::string& pattern) {
  std::set<std::string> found;
  const std::regex regex(pattern);
  for (const auto& file : test::source_files(test::source_dir())) {
    if (!file.path.starts_with(folder)) continue;
    for (std::sregex_iterator at(file.text.begin(), file.text.end(), regex); at != std::sregex_iterator(); ++at) found.insert((*at)[1]);
  }
  return found;
}

TEST(ControlDescription, ListsReasonsPhasesResultsAndActions) {
  EXPECT_EQ(listed("Reason"), all_up_to(static_cast<sdk::Reason>(sdk::kReasonCount - 1)));
  EXPECT_EQ(listed("Phase"), all_up_to(core::Phase::stuck));
  EXPECT_EQ(listed("Result"), all_up_to(core::OperationResult::stuck));
  EXPECT_EQ(listed("Action"), all_up_to(sdk::Action::upgrade));
}

TEST(ControlDescription, ListsTheSmallerListsToo) {
  EXPECT_EQ(listed("Reaction"), all_up_to(sdk::Errc::internal));
  EXPECT_EQ(listed("HealthState"), all_up_to(sdk::Health::unhealthy));
  EXPECT_EQ(listed("ProbeState"), all_up_to(engine::ProbeState::failing));
  EXPECT_EQ(listed("PluginKind"), all_up_to(sdk::PluginKind::state));
  EXPECT_EQ(listed("Topic"), all_up_to(sdk::Topic::stuck));
  EXPECT_EQ(listed("Hook"), all_up_to(core::Hook::after_rollback));
  Names ways = all_up_to(sdk::WayBackHow::image);
  ways.erase(ways.begin());  // none is said as null
  ways.emplace_back("null");
  EXPECT_EQ(listed("WayBackHow"), ways);
}

TEST(ControlDescription, ListsEveryErrorCodeWithItsStatus) {
  for (const auto& code : listed("ErrorCode")) {
    if (code == "too_slow") continue;  // never an answer of its own: the last line of a stream
    const std::string row = "| " + std::to_string(refusal(code, "").status) + " | " + code + " |";
    EXPECT_NE(description().find(row), std::string::npos) << row;
  }
  const auto codes = listed("ErrorCode");
  auto said = written_in("daemon/control/", R"re((?:refusal|Refusal|error_document)[({]+"([a-z_]+)")re");
  said.merge(written_in("daemon/engine/", R"re((?:refuse\(|Refusal\{)"([a-z_]+)")re"));
  EXPECT_EQ(said, std::set<std::string>(codes.begin(), codes.end())) << "each is listed, and each that is listed can be said";
}

TEST(ControlDescription, HasAPathForEveryVerb) {
  for (int i = 0; i <= static_cast<int>(engine::Verb::forget); ++i) {
    const std::string path = "  /v1/agents/{agent}/" + std::string(engine::name(static_cast<engine::Verb>(i))) + ":\n";
    EXPECT_NE(description().find(path), std::string::npos) << path;
  }
}

TEST(ControlDescription, ListsEveryEventThatIsSentAndNoOther) {
  const auto events = listed("EventName");
  auto sent = written_in("daemon/engine/", R"re(emit\("([a-z_]+)")re");
  sent.merge(written_in("daemon/engine/", R"re(write\(Event::([a-z_]+))re"));  // an operator's word: the event has its entry's name
  EXPECT_EQ(sent, std::set<std::string>(events.begin(), events.end()));
}

// "changed_outside" is described by ChangedOutsideEvent.
std::string schema_of(const std::string& event) {
  std::string name;
  for (std::size_t i = 0; i < event.size(); ++i)
    if (event[i] != '_') name += static_cast<char>(i == 0 || event[i - 1] == '_' ? std::toupper(event[i]) : event[i]);
  const auto start = description().find("\n    " + name + "Event:\n");
  if (start == std::string::npos) return "";
  const std::string rest = description().substr(start + 1);
  std::smatch next;
  return std::regex_search(rest, next, std::regex("\n    [A-Z]")) ? rest.substr(0, static_cast<std::size_t>(next.position())) : rest;
}

TEST(ControlDescription, DescribesTheFieldsOfEachEvent) {
  for (const auto& event : listed("EventName")) {
    const std::string schema = schema_of(event);
    ASSERT_NE(schema.find("enum: [" + event + "]"), std::string::npos) << event << " has no schema of its own";
    EXPECT_NE(description().find("- $ref: \"#/components/schemas/" + schema.substr(4, schema.find(':') - 4)), std::string::npos)
        << event << " is none of what Event may be";
    // The call's text up to its semicolon: each {"key", …} in it is a field, where they are written there.
    for (const auto& call : written_in("daemon/engine/", "emit\\(\"" + event + "\",([^;]*);")) {
      const std::regex key(R"re(\{"([a-z_]+)",)re");
      for (std::sregex_iterator at(call.begin(), call.end(), key); at != std::sregex_iterator(); ++at)
        EXPECT_NE(schema.find("\n        " + (*at)[1].str() + ": "), std::string::npos) << event << " has no field " << (*at)[1];
    }
  }
}

TEST(ControlDescription, ListsEveryMetric) {
  const auto metrics = written_in("daemon/control/", R"re("((?:upkeep|process)_[a-z_]+)")re");
  EXPECT_GE(metrics.size(), 30u);
  std::set<std::string> listed;
  const std::regex row(R"re(\| `((?:upkeep|process)_[a-z_]+)` \| (?:gauge|counter|histogram) \|)re");
  for (std::sregex_iterator at(description().begin(), description().end(), row); at != std::sregex_iterator(); ++at)
    listed.insert((*at)[1]);
  EXPECT_EQ(listed, metrics);
}

}  // namespace
}  // namespace upkeep::control
