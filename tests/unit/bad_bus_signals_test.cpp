// SPDX-License-Identifier: Apache-2.0
// Signals that no sane packagekitd sends, on a real bus, to each installer: what ends as it should ends so, and the rest says why.
#include "support/bad_bus.h"

namespace upkeep::test {
namespace {

using Steps = std::vector<PkStep>;

struct BadSignals {
  const char* name;
  // Alters what a healthy one would have played.
  std::function<void(WireHost&, const sdk::BusCall&, Steps&)> spoil;
  // What is said of it when it was the dry run, the change, the list of what is offered; "": it succeeds.
  const char* dry_run;
  const char* change;
  const char* resolve;
};

constexpr const char* kUnreadable = "PackageKit named a package that cannot be read, \"";
constexpr const char* kOdd = "PackageKit sent a signal Package whose values are none of a package";
constexpr const char* kLate = "has not ended after 30m";
constexpr const char* kTooMany = "PackageKit names more packages than can be judged";
constexpr std::size_t kMiB = std::size_t{1} << 20;

PkStep signal(const std::string& member, sdk::BusArray values) { return {member, std::move(values), nullptr}; }
auto first(PkStep step) {
  return [step](WireHost&, const sdk::BusCall&, Steps& steps) { steps.insert(steps.begin(), step); };
}
auto last(PkStep step) {
  return [step](WireHost&, const sdk::BusCall&, Steps& steps) { steps.push_back(step); };
}
void until_finished(Steps& steps) {
  steps.erase(std::find_if(steps.begin(), steps.end(), [](const PkStep& step) { return step.member == "Finished"; }), steps.end());
}
// In place of the end.
auto ends(Steps with) {
  return [with](WireHost&, const sdk::BusCall&, Steps& steps) {
    until_finished(steps);
    steps.insert(steps.end(), with.begin(), with.end());
  };
}
// In place of all.
auto only(Steps with) {
  return [with](WireHost&, const sdk::BusCall&, Steps& steps) { steps = with; };
}
auto many(int count, const std::function<PkStep(int)>& make) {
  Steps more;
  for (int i = 0; i < count; ++i) more.push_back(make(i));
  return [more](WireHost&, const sdk::BusCall&, Steps& steps) { steps.insert(steps.begin(), more.begin(), more.end()); };
}

void other_path(WireHost& host, const sdk::BusCall&, Steps&) {
  host.send(WireHost::transaction_signal("/9_other", "ErrorCode", {16, "of somebody else"}));
  host.send(WireHost::transaction_signal("/9_other", "Finished", {2, 1}));
  host.send(WireHost::transaction_signal("/9_other", "Destroy", {}));
}

void endless_progress(WireHost& host, const sdk::BusCall& call, Steps& steps) {
  until_finished(steps);
  for (int i = 0; i < 20; ++i)
    host.endless.push_back(WireHost::transaction_signal(call.path, "ItemProgress", {"demo-agent;2.3.4-1;all;demo", 9, i}));
}

void endless_packages(WireHost& host, const sdk::BusCall& call, Steps& steps) {
  until_finished(steps);
  for (int i = 0; i < 20; ++i)
    host.endless.push_back(WireHost::transaction_signal(call.path, "Package", {12, std::string(1000, 'x') + std::to_string(i), "s"}));
}

const std::string kLong(kMiB, 'x');
const PkStep kSuccess = pk_finished(1);

const std::vector<BadSignals>& rows() {
  static const std::vector<BadSignals> kRows = {
      {"ThreeParts", first(pk_package(12, "demo-agent;2.3.4-1;all")), kUnreadable, "", kUnreadable},
      {"FiveParts", first(pk_package(12, "demo-agent;2.3.4-1;all;demo;more")), kUnreadable, "", kUnreadable},
      {"NoParts", first(pk_package(12, "")), kUnreadable, "", kUnreadable},
      {"ControlCharacters", first(pk_package(12, "demo-agent;2.3.4-1;all;a\nb\x1b[31m")), kUnreadable, "", kUnreadable},
      {"AMebibyte", first(pk_package(12, kLong + ";1;all;demo")), kUnreadable, "", kUnreadable},
      {"Metacharacters", first(pk_package(12, "$(reboot);1;all;`id`")), "\"$(reboot);1;all;`id`\": no package name", "", "no package name"},
      {"AnOption", first(pk_package(12, "--root=/tmp;1;all;demo")), "no package name", "", "no package name"},
      {"AnOddVersion", first(pk_package(12, "demo-agent;1 || reboot;all;demo")), "no package version", "", "no package version"},
      {"AnOddArchitecture", first(pk_package(12, "demo-agent;1;../all;demo")), "no architecture", "", "no architecture"},
      {"FiveThousand", many(5000, [](int i) { return pk_package(12, "p" + std::to_string(i) + ";1;all;demo"); }), kTooMany, "", kTooMany},
      {"FiveThousandAtOnce",
       [](WireHost&, const sdk::BusCall&, Steps& steps) {
         sdk::BusArray lines;
         for (int i = 0; i < 5000; ++i) {
           sdk::BusArray line = {12, "p" + std::to_string(i) + ";1;all;demo", "s"};
           lines.emplace_back(std::move(line));
         }
         sdk::BusArray values(1, sdk::BusValue(std::move(lines)));
         steps.insert(steps.begin(), signal("Packages", std::move(values)));
       },
       kTooMany, "", kTooMany},
      {"FortyMebibytes", many(40, [](int i) { return pk_package(12, std::to_string(i) + kLong); }), kUnreadable, "", kUnreadable},
      {"APackageAfterTheEnd", last(pk_package(13, "libc6;1;all;demo")), "", "", ""},
      {"AnErrorAfterTheEnd", last(pk_error(16, "too late")), "", "", ""},
      {"TwoEnds", last(pk_finished(2)), "", "", ""},
      {"TheEndBeforeTheAnswer", [](WireHost& host, const sdk::BusCall&, Steps&) { host.signals_first = true; }, "", "", ""},
      {"AnotherPath", &other_path, "", "", ""},
      {"NoEnd", ends({}), kLate, kLate, kLate},
      {"DestroyedWithoutAnEnd", ends({pk_destroy()}), "without saying how it ended", "without saying how it ended",
       "without saying how it ended"},
      {"Dies", ends({pk_dies()}), "packagekitd went away during its transaction /", "packagekitd went away", "packagekitd went away"},
      {"AnEndInWords", ends({signal("Finished", {"success", "soon"})}), "ended with exit 0", "ended with exit 0", "ended with exit 0"},
      {"AnEndWithoutValues", ends({signal("Finished", {})}), "ended with exit 0", "ended with exit 0", "ended with exit 0"},
      {"ANegativeEnd", ends({signal("Finished", {-1, 0})}), "ended with exit 0", "ended with exit 0", "ended with exit 0"},
      {"AnEndTooLarge", ends({signal("Finished", {std::uint64_t{(1ULL << 32) + 1}, 0})}), "ended with exit 2", "ended with exit 2",
       "ended with exit 2"},
      {"ANumberInWords", first(signal("Package", {"13", "libc6;1;all;demo", "s"})), kOdd, "", kOdd},
      {"WordsInNumbers", first(signal("Package", {12, 5, 6})), kOdd, "", kOdd},
      {"APackageWithoutValues", first(signal("Package", {})), kOdd, "", kOdd},
      {"PackagesInWords", first(signal("Packages", {"all of them"})), kOdd, "", kOdd},
      {"ACodeInWords", ends({signal("ErrorCode", {"16", 7}), pk_finished(2)}),
       "PackageKit says unknown (0): ", "PackageKit says unknown (0): ", "PackageKit says unknown (0): "},
      {"ACodeThatWouldBeNoError", ends({signal("ErrorCode", {std::uint64_t{(1ULL << 32) + 9}, "x"}), pk_finished(2)}),
       "PackageKit says unknown (0): x", "PackageKit says unknown (0): x", "PackageKit says unknown (0): x"},
      {"ALargeCode", ends({signal("ErrorCode", {std::uint64_t{4000000000}, "x"}), pk_finished(2)}), "unknown error (4000000000): x",
       "unknown error (4000000000): x", "unknown error (4000000000): x"},
      {"AMebibyteOfAnError", ends({pk_error(16, "a\nb\x1b " + kLong), pk_finished(2)}), "transaction_error (16): a b",
       "transaction_error (16)", "transaction_error (16)"},
      {"StatusInWords",
       [](WireHost&, const sdk::BusCall&, Steps& steps) {
         sdk::BusDict changed;
         changed.emplace_back("Status", "installing");
         changed.emplace_back("Percentage", "all");
         sdk::BusArray values;
         values.emplace_back("org.freedesktop.PackageKit.Transaction");
         values.emplace_back(std::move(changed));
         steps.insert(steps.begin(), {signal("PropertiesChanged", std::move(values)), signal("PropertiesChanged", {1, 2})});
       },
       "", "", ""},
      {"AThousandRestarts", many(1000, [](int i) { return pk_restart(2, "x;1;all;" + std::to_string(i)); }), "", "", ""},
      {"EndlessProgress", &endless_progress, kLate, kLate, kLate},
      {"EndlessPackages", &endless_packages, kLate, kLate, kLate},
      {"NothingButSuccess", only({kSuccess}), "PackageKit plans nothing for demo-agent 2.3.4-1",
       "PackageKit says that it installed demo-agent 2.3.4-1, but ", "no repository of this host offers demo-agent for 2.3.4-1"},
      {"AnotherVersion", only({pk_package(12, "demo-agent;9.9.9-1;noarch;demo"), kSuccess}),
       "asked for demo-agent 2.3.4-1, PackageKit would install 9.9.9-1", "PackageKit says that it installed demo-agent 2.3.4-1, but ",
       "offered: 9.9.9-1"},
      {"ARemoval", first(pk_package(13, "libc6;1;all;demo")), "would remove libc6 1", "", ""},
      {"SilentRefusal", only({pk_finished(2)}), "ended with exit 2 and no reason", "ended with exit 2 and no reason",
       "ended with exit 2 and no reason"},
      {"NothingToDo", only({pk_error(9, "it is installed"), pk_finished(2)}), "PackageKit plans nothing for demo-agent 2.3.4-1",
       "PackageKit says that it installed demo-agent 2.3.4-1, but ", "no repository of this host offers"},
  };
  return kRows;
}

class BadBusSignals : public BadBusTest, public testing::WithParamInterface<std::tuple<BadSignals, Family>> {
 protected:
  BadBusSignals() { use(std::get<1>(GetParam())); }
  void spoil(Stage stage) {
    host.misplay = [this, stage](const sdk::BusCall& call, Steps& steps) {
      if (stage_of(call) == stage) row.spoil(host, call, steps);
    };
  }
  BadSignals row = std::get<0>(GetParam());
};

TEST_P(BadBusSignals, OfADryRun) {
  spoil(Stage::dry_run);
  const auto plan = said(prepare());
  EXPECT_TRUE(says(plan, row.dry_run)) << plan;
  const auto done = said(apply());
  EXPECT_TRUE(says(done, row.dry_run)) << done;
  EXPECT_EQ(installed() == "2.3.4-1", done.empty());
  EXPECT_TRUE(verify());
}

TEST_P(BadBusSignals, OfAChange) {
  spoil(Stage::change);
  const auto done = said(apply());
  EXPECT_TRUE(says(done, row.change)) << done;
  host.misplay = nullptr;
  host.endless.clear();
  EXPECT_TRUE(verify());
}

// apt lists nothing of PackageKit's.
class BadBusOffers : public BadBusSignals {};

TEST_P(BadBusOffers, OfWhatIsOffered) {
  spoil(Stage::resolve);
  const auto plan = said(prepare());
  EXPECT_TRUE(says(plan, row.resolve)) << plan;
  const auto seen = inspect();
  ASSERT_TRUE(seen) << said(seen);
}

INSTANTIATE_TEST_SUITE_P(All, BadBusSignals,
                         testing::Combine(testing::ValuesIn(rows()), testing::Values(Family::apt, Family::yum, Family::zypper)),
                         row_name<BadSignals>);
INSTANTIATE_TEST_SUITE_P(All, BadBusOffers, testing::Combine(testing::ValuesIn(rows()), testing::Values(Family::yum, Family::zypper)),
                         row_name<BadSignals>);

}  // namespace
}  // namespace upkeep::test
