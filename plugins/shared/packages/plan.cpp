// SPDX-License-Identifier: Apache-2.0
#include "shared/packagekit/plan.h"

#include <algorithm>

#include "shared/packagekit/package_id.h"

namespace upkeep::shared::packagekit {
namespace {

using sdk::Errc;

// Lines that say what is or was, not what would become.
bool says_nothing_new(Info info) { return info == Info::installed || info == Info::cleanup; }

// Why no plan may have such a line; empty: it may.
std::string_view forbidden(Info info) {
  switch (info) {
    case Info::removing:
    case Info::remove:
      return "remove";
    case Info::obsoleting:
    case Info::obsolete:
      return "replace";
    case Info::untrusted:
      return "install without a trusted signature";
    case Info::blocked:
    case Info::unavailable:
      return "need, but cannot get,";
    default:
      return "";
  }
}

struct Line {
  Info info;
  PackageId id;
};

sdk::Result<std::vector<Line>> read(const Outcome& dry_run) {
  if (dry_run.incomplete) return sdk::fail(Errc::internal, "PackageKit's plan names more packages than can be judged");
  std::vector<Line> lines;
  for (const auto& package : dry_run.packages) {
    auto id = parse_package_id(package.id);
    if (!id) return sdk::fail(id.error());
    const Info info = info_of(package.info);
    if (!says_nothing_new(info)) lines.push_back({info, std::move(*id)});
  }
  return lines;
}

std::string spelled(const PackageId& id) { return id.name + " " + id.version; }

tl::unexpected<sdk::Error> nothing_planned(const Wish& wish) {
  const std::string now = wish.from.empty() ? "it is not installed" : wish.from + " is installed";
  return sdk::fail(Errc::invalid,
                   "PackageKit plans nothing for " + wish.package + " " + wish.to + ", although " + now +
                       ": no repository offers that version any more, or a pin or exclude of this host keeps it out of reach; `" +
                       wish.explain + "` tells which");
}

}  // namespace

sdk::Result<std::vector<std::string>> plan_touches(const Outcome& dry_run) {
  const auto lines = read(dry_run);
  if (!lines) return sdk::fail(lines.error());
  std::vector<std::string> names;
  for (const auto& line : *lines) {
    if (std::find(names.begin(), names.end(), line.id.name) == names.end()) names.push_back(line.id.name);
  }
  return names;
}

sdk::Result<sdk::Plan> judge_plan(const Wish& wish, const Outcome& dry_run, const std::map<std::string, std::string>& installed) {
  const auto lines = read(dry_run);
  if (!lines) return sdk::fail(lines.error());
  const std::string what = "installing " + wish.package + " " + wish.to;
  sdk::Plan plan;
  plan.to = wish.to;
  for (const auto& [info, id] : *lines) {
    if (const auto verb = forbidden(info); !verb.empty()) {
      return sdk::fail(Errc::invalid, what + " would " + std::string(verb) + " " + spelled(id) +
                                          "; Upkeep never does that: install the release by hand, or have its package changed");
    }
    if (const auto other = wish.others.find(id.name); other != wish.others.end()) {
      return sdk::fail(Errc::invalid, what + " would change " + spelled(id) + ", which is the package of " +
                                          (other->second.empty() ? "another agent" : "agent " + other->second) +
                                          ": let that agent be upgraded first");
    }
    const bool ours = id.name == wish.package;
    if (ours && id.version != wish.to) {
      return sdk::fail(Errc::invalid, "asked for " + wish.package + " " + wish.to + ", PackageKit would install " + id.version +
                                          ": the version is in none of the repositories that it reads, or a pin keeps it out of reach");
    }
    if ((info == Info::downgrading || info == Info::downgrade) && !(ours && wish.downgrade)) {
      return sdk::fail(Errc::invalid,
                       what + " would downgrade " + (ours ? "it from " + wish.from + ", which was not asked for" : spelled(id)));
    }
    const auto before = installed.find(id.name);
    sdk::PlanItem item{id.name, ours ? wish.from : before == installed.end() ? std::string() : before->second, id.version};
    const bool known = std::any_of(plan.items.begin(), plan.items.end(),
                                   [&](const sdk::PlanItem& i) { return i.package == item.package && i.to == item.to; });
    if (!known) plan.items.insert(ours ? plan.items.begin() : plan.items.end(), std::move(item));
  }
  const bool planned = !plan.items.empty() && plan.items.front().package == wish.package;
  if (!planned && wish.from != wish.to) return nothing_planned(wish);
  return plan;
}

}  // namespace upkeep::shared::packagekit
