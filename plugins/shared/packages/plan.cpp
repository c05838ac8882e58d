// SPDX-License-Identifier: Apache-2.0
#include "shared/packages/plan.h"

#include <algorithm>

namespace upkeep::shared::packages {
namespace {

using sdk::Errc;

// Why no plan may have such a line; empty: it may.
std::string_view forbidden(Act act) {
  switch (act) {
    case Act::remove:
      return "remove";
    case Act::replace:
      return "replace";
    case Act::untrusted:
      return "install without a trusted signature";
    case Act::unavailable:
      return "need, but cannot get,";
    case Act::install:
    case Act::downgrade:
      break;
  }
  return "";
}

std::string spelled(const PlanLine& line) { return line.name + " " + line.version; }

tl::unexpected<sdk::Error> nothing_planned(const Wish& wish, const sdk::PlanItem& move) {
  const std::string now = move.from.empty() ? "it is not installed" : move.from + " is installed";
  return sdk::fail(Errc::invalid,
                   wish.who + " plans nothing for " + move.package + " " + move.to + ", although " + now +
                       ": no repository offers that version any more, or a pin or exclude of this host keeps it out of reach; `" +
                       wish.explain + " " + move.package + "` tells which");
}

}  // namespace

std::vector<std::string> plan_touches(const Report& dry_run) {
  std::vector<std::string> names;
  for (const auto& line : dry_run.plan) {
    if (std::find(names.begin(), names.end(), line.name) == names.end()) names.push_back(line.name);
  }
  return names;
}

sdk::Result<sdk::Plan> judge_plan(const Wish& wish, const Report& dry_run, const std::map<std::string, std::string>& installed) {
  if (dry_run.incomplete) return sdk::fail(Errc::internal, wish.who + "'s plan names more packages than can be judged");
  const auto& agent = wish.moves.front();
  const std::string what = "installing " + agent.package + " " + agent.to;
  const auto asked = [&](const std::string& name) {
    return std::find_if(wish.moves.begin(), wish.moves.end(), [&](const sdk::PlanItem& move) { return move.package == name; });
  };
  std::vector<sdk::PlanItem> ours(wish.moves.size()), beside;
  for (const PlanLine& line : dry_run.plan) {
    if (const auto verb = forbidden(line.act); !verb.empty()) {
      return sdk::fail(Errc::invalid, what + " would " + std::string(verb) + " " + spelled(line) +
                                          "; Upkeep never does that: install the release by hand, or have its package changed");
    }
    if (const auto other = wish.others.find(line.name); other != wish.others.end()) {
      return sdk::fail(Errc::invalid, what + " would change " + spelled(line) + ", which is the package of " +
                                          (other->second.empty() ? "another agent" : "agent " + other->second) +
                                          ": let that agent be upgraded first");
    }
    const auto move = asked(line.name);
    const bool is_ours = move != wish.moves.end();
    if (is_ours && line.version != move->to) {
      return sdk::fail(Errc::invalid, "asked for " + move->package + " " + move->to + ", " + wish.who + " would install " + line.version +
                                          ": the version is in none of the repositories that it reads, or a pin keeps it out of reach");
    }
    if (line.act == Act::downgrade && !(is_ours && wish.downgrade)) {
      return sdk::fail(Errc::invalid,
                       what + " would downgrade " +
                           (is_ours ? (line.name == agent.package ? "it" : line.name) + " from " + move->from + ", which was not asked for"
                                    : spelled(line)));
    }
    if (is_ours) {
      ours[static_cast<std::size_t>(move - wish.moves.begin())] = *move;
      continue;
    }
    const auto before = installed.find(line.name);
    sdk::PlanItem item{line.name, before == installed.end() ? std::string() : before->second, line.version};
    const bool known =
        std::any_of(beside.begin(), beside.end(), [&](const sdk::PlanItem& i) { return i.package == item.package && i.to == item.to; });
    if (!known) beside.push_back(std::move(item));
  }
  for (std::size_t i = 0; i < ours.size(); ++i)
    if (ours[i].package.empty() && wish.moves[i].from != wish.moves[i].to) return nothing_planned(wish, wish.moves[i]);
  std::erase_if(ours, [](const sdk::PlanItem& item) { return item.package.empty(); });
  sdk::Plan plan{agent.to, std::move(ours)};
  plan.items.insert(plan.items.end(), std::make_move_iterator(beside.begin()), std::make_move_iterator(beside.end()));
  return plan;
}

}  // namespace upkeep::shared::packages
