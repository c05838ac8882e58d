// SPDX-License-Identifier: Apache-2.0
#include "support/kube_journal.h"

#include <optional>
#include <utility>

namespace upkeep::test {
namespace {

using Json = FakeKube::Json;
using sdk::Errc;
using sdk::HttpResponse;
using sdk::Result;
using sdk::Task;

const std::string kJournalMap = "/api/v1/namespaces/default/configmaps/upkeep-demo";
const Json::json_pointer kLines("/data/journal.jsonl");

std::string lines_in(const Json& map) { return map.contains(kLines) ? map[kLines].get<std::string>() : ""; }

std::string stored_lines(const World& world) {
  const auto* map = world.kube.find(kJournalMap);
  return map == nullptr ? "" : lines_in(*map);
}

// The entry that a request adds to the journal that its writer knows; nullopt: it is no append.
std::optional<std::string> appended_line(const World& world, const sdk::HttpRequest& request) {
  if (request.method != "PUT" || request.url.find(kJournalMap) == std::string::npos) return std::nullopt;
  const auto lines = lines_in(Json::parse(request.body));
  const auto before = lines.rfind('\n', lines.size() - 2);
  const auto known = before == std::string::npos ? 0 : before + 1;
  const auto* there = world.kube.find(kJournalMap);
  if (lines.empty() || there == nullptr || lines_in(*there) == lines || lines.find("\"event\":\"compacted\"", known) != std::string::npos)
    return std::nullopt;
  return lines.substr(known);
}

}  // namespace

void live_in_cluster(World& world, const std::string& pod) {
  world.state = "configmap";
  world.kube.watched = false;
  make_pod(world.files, world.environment, pod);
}

void replace_pod(World& world) {
  world.files.erase("identity");
  make_pod(world.files, world.environment, "pod-" + std::to_string(world.boot_count));
}

std::string journal_bytes(const World& world) { return world.state == "configmap" ? stored_lines(world) : world.files.at(kJournal); }

Task<Result<HttpResponse>> ask_cluster(World& world, KubeHttp& http, sdk::HttpRequest request) {
  const auto line = appended_line(world, request);
  if (!line) co_return co_await http.fetch(std::move(request));
  const bool now = ++world.writes == world.fault_at;
  const auto fault = now ? world.fault : WriteFault::none;
  if (fault != WriteFault::none) ++world.struck;
  if (fault == WriteFault::die_before) throw Death();
  if (fault == WriteFault::die_torn) {  // nothing is torn there, but what the dead have sent may come later
    KubeFault late;
    late.how = KubeFault::How::lands_late;
    late.method = "PUT";
    late.part = kJournalMap;
    late.delay = -world.boot;
    world.kube.faults.push_back(late);
    (void)world.kube.answer(request, world.boot);
    world.story.push_back("wrote " + *line);
    throw Death();
  }
  const auto went_wrong = [&world, &line] {
    if (auto next = std::exchange(world.after_error, nullptr)) next();
    return sdk::fail(Errc::transient, "Connection reset by peer");
  };
  if (fault == WriteFault::not_landed_error) co_return went_wrong();
  if (now && fault == WriteFault::none && world.kube_fault) {
    ++world.struck;
    world.kube.faults.push_back(*world.kube_fault);
    if (world.kube_gone > sdk::Millis(0)) world.kube.gone_until = world.boot + world.kube_gone;
  }
  auto answer = co_await http.fetch(std::move(request));
  if (stored_lines(world).ends_with(*line)) world.story.push_back("wrote " + *line);
  if (fault == WriteFault::die_after) throw Death();
  if (fault == WriteFault::landed_but_error) co_return went_wrong();
  co_return answer;
}

}  // namespace upkeep::test
