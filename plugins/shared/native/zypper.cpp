// SPDX-License-Identifier: Apache-2.0
// zypper of SUSE, which prints XML. It takes no licence for agreed, and answers a question that it must ask by giving up.
#include <array>

#include "sdk/text.h"
#include "sdk/version.h"
#include "shared/native/words.h"
#include "shared/packages/text.h"
#include "shared/xml/xml.h"

namespace upkeep::shared::native {
namespace {

using packages::Act;
using xml::parse_xml;
using xml::XmlElement;
using R = Reaction;

Argv zypper_command(std::initializer_list<std::string_view> more) {
  auto argv = sdk::words({"/usr/bin/zypper", "--non-interactive", "--xmlout"});
  for (const auto word : more) argv.emplace_back(word);
  return argv;
}

// The lists are read when the driver is told to, not by the way.
Argv zypper_order(std::initializer_list<std::string_view> more, const Order& order, const Argv& only) {
  auto argv = only.empty() ? zypper_command({"--no-refresh", "install"}) : zypper_command({"install"});
  for (const auto& repository : only) argv.push_back("--repo=" + repository);
  argv.insert(argv.end(), {"--details", "--name"});
  for (const auto word : more) argv.emplace_back(word);
  if (order.downgrade) argv.emplace_back("--oldpackage");
  for (const auto& wanted : order.packages) argv.push_back(wanted.name + "=" + wanted.version);
  return argv;
}

Argv zypper_simulate(const Order& order, const Argv& only) { return zypper_order({"--dry-run"}, order, only); }
Argv zypper_download(const Order& order) { return zypper_order({"--download-only"}, order, {}); }
Argv zypper_install(const Order& order, const Argv& only) { return zypper_order({}, order, only); }
Argv zypper_refresh(bool force) { return force ? zypper_command({"refresh", "--force"}) : zypper_command({"refresh"}); }
Argv zypper_repair() { return {}; }
Argv zypper_offers(const std::string& package) {
  return zypper_command({"--no-refresh", "search", "--details", "--match-exact", "--type=package", package});
}

// Of what it calls errors; see EXIT CODES in its manual.
constexpr int kZypperLocked = 7, kZypperCommit = 8, kZypperReboot = 102, kZypperRestart = 103, kZypperNotFound = 104,
              kZypperPassedOver = 106;

constexpr std::array kZypperSigns = std::to_array<Sign>({
    {"signature verification failed", R::forged},
    {"signature", R::forged},
    {"digest verification", R::forged},
    {"checksum", R::forged},
    {"aborted as directed", R::forged},
    {"no space left", R::transient},
    {"disk space", R::transient},
    {"need to accept", R::denied},  // a licence
    {"license", R::denied},
    {"problem:", R::invalid},
    {"conflicts with file", R::invalid},
    {"download (curl) error", R::transient},
    {"connection failed", R::transient},
    {"could not resolve", R::transient},
    {"valid metadata not found", R::transient},
    {"timeout exceeded", R::transient},
    {"failed to provide package", R::transient},
    {"failed to retrieve", R::transient},
    {"%prein", R::failed},
    {"%post", R::failed},
    {"no provider of", R::stale},
    {"not found", R::stale},
});

// Its errors and the questions that it gave up at; of what is no XML all.
std::string zypper_message(const Said& said) {
  const auto xml = parse_xml(said.out);
  if (!xml) return said.err + "\n" + said.out;
  std::string out;
  const auto add = [&](const std::string& text) { out += (out.empty() ? "" : "; ") + std::string(sdk::trimmed(text)); };
  for (const auto* message : xml->all("message"))
    if (const auto* type = message->attribute("type"); type != nullptr && (*type == "error" || *type == "warning")) add(message->text);
  for (const auto* question : xml->all("prompt")) {
    for (const auto* description : question->all("description")) add(description->text);
    if (said.status != 0 && question->all("description").empty())
      for (const auto* text : question->all("text")) add(text->text);
  }
  if (!sdk::trimmed(said.err).empty()) add(said.err);
  return out;
}

std::optional<Failure> zypper_failure(const Said& said) {
  // One repository that cannot be read is passed over: what is planned and what is there is looked at all the same.
  const bool ended_well =
      said.status == 0 || said.status == kZypperReboot || said.status == kZypperRestart || said.status == kZypperPassedOver;
  if (ended_well) return std::nullopt;
  const auto message = zypper_message(said);
  auto reaction = reaction_of(message, kZypperSigns).value_or(R::failed);
  if (said.status == kZypperLocked) reaction = R::busy;
  if (said.status == kZypperNotFound) reaction = R::stale;
  if (said.status == kZypperCommit && (reaction == R::stale || reaction == R::invalid)) reaction = R::failed;
  return make_failure("zypper", reaction, message, said.status);
}

std::vector<std::string> zypper_told(const Said& said) {
  const auto xml = parse_xml(said.out);
  if (!xml) return last_lines(said.out + "\n" + said.err, 40);
  std::string text;
  for (const auto* message : xml->all("message")) text += message->text + "\n";
  return last_lines(text + said.err, 40);
}

struct ZypperSection {
  std::string_view element;
  Act act;
};
constexpr std::array kZypperSections = std::to_array<ZypperSection>({
    {"to-install", Act::install},
    {"to-upgrade", Act::install},
    {"to-reinstall", Act::install},
    {"to-downgrade", Act::downgrade},
    {"to-remove", Act::remove},
});
// What is no package of its own: they stand for packages that are listed as well.
constexpr std::array<std::string_view, 4> kZypperGroups = {"pattern", "patch", "product", "application"};

tl::unexpected<sdk::Error> no_plan(const std::string& why) {
  return sdk::fail(sdk::Errc::internal, "zypper's plan cannot be read: " + why);
}

// Adds what one section would do; answers how many packages that is.
sdk::Result<std::uint64_t> read_section(const XmlElement& section, Report& report) {
  const auto* known =
      std::find_if(kZypperSections.begin(), kZypperSections.end(), [&](const auto& s) { return s.element == section.name; });
  if (known == kZypperSections.end()) return no_plan("it has a part <" + section.name + ">");
  std::uint64_t count = 0;
  for (const auto& solvable : section.children) {
    const auto* type = solvable.attribute("type");
    const auto *name = solvable.attribute("name"), *edition = solvable.attribute("edition");
    if (solvable.name != "solvable" || type == nullptr || name == nullptr || edition == nullptr) return no_plan("a package without a name");
    ++count;
    if (std::find(kZypperGroups.begin(), kZypperGroups.end(), *type) != kZypperGroups.end()) continue;
    if (*type != "package") return no_plan("it changes a " + sdk::quoted(*type));
    if (auto added = add_line(report, known->act, *name, *edition); !added) return no_plan(added.error().message);
  }
  return count;
}

sdk::Result<Report> zypper_plan(const Order& /*order*/, const Said& said) {
  Report report;
  report.failure = zypper_failure(said);
  if (report.failure) return report;
  const auto xml = parse_xml(said.out);
  if (!xml) return no_plan(xml.error().message);
  const auto summaries = xml->all("install-summary");
  if (summaries.size() != 1) return no_plan(std::to_string(summaries.size()) + " summaries");
  const auto* changes = summaries[0]->attribute("packages-to-change");
  const auto wanted = changes == nullptr ? std::nullopt : sdk::parse_number(*changes);
  std::uint64_t listed = 0;
  for (const auto& section : summaries[0]->children) {
    const auto count = read_section(section, report);
    if (!count) return sdk::fail(count.error());
    listed += *count;
  }
  if (!wanted || *wanted != listed) return no_plan("it lists other packages than it counts");
  if (const auto* reboot = summaries[0]->attribute("need-reboot"); reboot != nullptr && *reboot != "0")
    report.reboot.emplace_back("zypper: the system has to be restarted");
  return report;
}

sdk::Result<std::vector<Offered>> zypper_read_offers(const Said& said, const std::string& package) {
  std::vector<Offered> offers;
  if (said.status == kZypperNotFound) return offers;
  if (const auto failed = zypper_failure(said)) return sdk::fail(failed->error);
  const auto xml = parse_xml(said.out);
  if (!xml) return sdk::fail("zypper search", xml.error());
  for (const auto* solvable : xml->all("solvable")) {
    const auto *name = solvable->attribute("name"), *edition = solvable->attribute("edition"), *where = solvable->attribute("repository");
    if (name == nullptr || edition == nullptr || where == nullptr || !sdk::is_package_version(*edition))
      return sdk::fail(sdk::Errc::internal, "zypper search names a package that cannot be read");
    // "(System Packages)": what is installed and in no repository
    if (*name != package || where->starts_with("upkeep-store-") || where->starts_with('(') || where->starts_with('@')) continue;
    offers.push_back({*edition, "the repository " + packages::one_line(*where, 100)});
  }
  return offers;
}

}  // namespace

const Tool& zypper() {
  static const Tool kTool{.name = "zypper",
                          .simulate = zypper_simulate,
                          .download = zypper_download,
                          .install = zypper_install,
                          .refresh = zypper_refresh,
                          .repair = zypper_repair,
                          .offers = zypper_offers,
                          .plan = zypper_plan,
                          .failure = zypper_failure,
                          .told = zypper_told,
                          .read_offers = zypper_read_offers,
                          .lists = "/var/cache/zypp/raw",
                          .lists_file = ""};
  return kTool;
}

}  // namespace upkeep::shared::native
