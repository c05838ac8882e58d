// SPDX-License-Identifier: Apache-2.0
// What zypper 1.14.89 prints, taken from real runs, and what it could be made to print.

#include "support/native_tool.h"

namespace upkeep::shared::native {
namespace {

using test::failure_text;
using test::joined;
using test::order_of;
using test::plan_text;

std::string zypper_stream(const std::string& inside) {
  return "<?xml version='1.0'?>\n<stream>\n<message type=\"info\">Loading repository data...</message>\n"
         "<message type=\"info\">Reading installed packages...</message>\n" +
         inside + "</stream>\n";
}
std::string zypper_summary(int changes, const std::string& sections, const std::string& reboot = "0") {
  return zypper_stream(
      "<message type=\"info\">Resolving package dependencies...</message>\n<install-summary download-size=\"11050\" "
      "space-usage-diff=\"0\" space-usage-installed=\"0\" space-usage-removed=\"0\" packages-to-change=\"" +
      std::to_string(changes) + "\" need-restart=\"0\" need-reboot=\"" + reboot + "\">\n" + sections +
      "</install-summary>\n<prompt id=\"0\">\n<text>Backend:  "
      "classic_rpmtrans --dry-run\nContinue?</text>\n<option default=\"1\" value=\"y\" desc=\"Yes, accept the summary and proceed with "
      "installation/removal of packages.\"/>\n</prompt>\n<progress id=\"fileconflict-check\" name=\"Checking for file conflicts:\" "
      "value=\"0\"/>\n");
}
std::string zypper_solvable(const std::string& name, const std::string& edition, const std::string& type = "package") {
  return "<solvable type=\"" + type + "\" name=\"" + name + "\" edition=\"" + edition +
         "\" arch=\"noarch\" repository=\"demo\" edition-old=\"1.0-1\" arch-old=\"noarch\" summary=\"a &lt;demo&gt; &amp; "
         "more\">\n<description>demo "
         "&apos;x&apos;</description></solvable>\n";
}
std::string zypper_plan_of(const std::string& out, int status = 0, const std::string& err = "") {
  return plan_text(zypper(), order_of("demo-agent", "2.3.4-1"), {status, out, err});
}
std::string zypper_section(const std::string& name, const std::string& inside) { return "<" + name + ">\n" + inside + "</" + name + ">\n"; }

TEST(NativeZypper, EveryPartOfItsPlanIsRead) {
  EXPECT_EQ(zypper_plan_of(zypper_summary(
                2, zypper_section("to-upgrade", zypper_solvable("libdemo", "1.1-1") + zypper_solvable("demo-agent", "2.3.4-1")))),
            "install libdemo 1.1-1, install demo-agent 2.3.4-1");
  EXPECT_EQ(zypper_plan_of(zypper_summary(1, zypper_section("to-downgrade", zypper_solvable("demo-agent", "1.2.3-1")))),
            "downgrade demo-agent 1.2.3-1");
  EXPECT_EQ(zypper_plan_of(zypper_summary(1, zypper_section("to-install", zypper_solvable("epoch-agent", "1:2.0-3")))),
            "install epoch-agent 1:2.0-3");
  EXPECT_EQ(zypper_plan_of(zypper_summary(2, zypper_section("to-upgrade", zypper_solvable("newname", "2.0-1")) +
                                                 zypper_section("to-remove", zypper_solvable("oldname", "1.0-1")))),
            "install newname 2.0-1, remove oldname 1.0-1");
  EXPECT_EQ(zypper_plan_of(zypper_summary(2, zypper_section("to-install", zypper_solvable("base", "20240101", "pattern") +
                                                                              zypper_solvable("demo-agent", "2.3.4-1")))),
            "install demo-agent 2.3.4-1");
}

TEST(NativeZypper, NothingToDoIsAnEmptyPlan) { EXPECT_EQ(zypper_plan_of(zypper_summary(0, "")), ""); }

TEST(NativeZypper, ARestartThatItAsksForIsTold) {
  const auto report =
      zypper().plan(order_of("demo-agent", "2.3.4-1"),
                    {0, zypper_summary(1, zypper_section("to-upgrade", zypper_solvable("demo-agent", "2.3.4-1")), "1"), ""});
  ASSERT_TRUE(report);
  EXPECT_EQ(report->reboot.size(), 1U);
}

TEST(NativeZypper, APlanThatCannotBeReadIsAnError) {
  const auto good = zypper_section("to-upgrade", zypper_solvable("demo-agent", "2.3.4-1"));
  const std::vector<std::string> bad = {
      "",
      "no XML",
      zypper_stream(""),                                                                 // no summary
      zypper_summary(2, good),                                                           // it counts another
      zypper_summary(1, zypper_section("to-change-vendor", zypper_solvable("a", "1"))),  // nobody can say what that does
      zypper_summary(1, zypper_section("to-upgrade", "<solvable type=\"package\" name=\"a\"/>\n")),
      zypper_summary(1, zypper_section("to-upgrade", "<thing type=\"package\" name=\"a\" edition=\"1\"/>\n")),
      zypper_summary(1, zypper_section("to-upgrade", zypper_solvable("a", "1", "srcpackage"))),
      zypper_summary(1, zypper_section("to-upgrade", zypper_solvable("a;b", "1"))),
      zypper_summary(1, zypper_section("to-upgrade", zypper_solvable("a", "1 2"))),
      zypper_summary(1, good) + "more",
      zypper_stream(zypper_summary(1, good)),
  };
  for (const auto& out : bad) EXPECT_TRUE(zypper_plan_of(out).starts_with("error: ")) << out << zypper_plan_of(out);
  const auto whole = zypper_summary(1, good);
  for (std::size_t cut = 0; cut + 2 < whole.size(); ++cut) EXPECT_TRUE(zypper_plan_of(whole.substr(0, cut)).starts_with("error: ")) << cut;
}

TEST(NativeZypper, AConflictIsToldInItsWords) {
  EXPECT_EQ(
      zypper_plan_of(
          zypper_stream(
              "<prompt id=\"1\">\n<description>Problem: 1: nothing provides &apos;no-such-thing&apos; needed by the to be installed "
              "needs-nothing-2.0-1.noarch\n Solution 1: do not install needs-nothing-2.0-1.noarch\n</description>\n<text>Choose from above "
              "solutions by number or cancel</text>\n<option value=\"1\" desc=\"Choose solution 1\"/>\n</prompt>\n"),
          4),
      "invalid: zypper: Problem: 1: nothing provides 'no-such-thing' needed by the to be installed needs-nothing-2.0-1.noarch Solution 1: "
      "do not "
      "install needs-nothing-2.0-1.noarch (exit status 4)");
}

TEST(NativeZypper, AFailureIsWhatItsStatusAndWordsMean) {
  const auto failed = [](int status, const std::string& error) {
    return failure_text(zypper(), {status, zypper_stream("<message type=\"error\">" + error + "</message>\n"), ""});
  };
  EXPECT_EQ(failed(104, "No provider of &apos;demo-agent=9.9-1&apos; found."), "stale");
  EXPECT_EQ(failed(104, "Package &apos;nosuch=3.0.0-1&apos; not found."), "stale");
  EXPECT_EQ(failed(7, "System management is locked by the application with pid 1 (bash).\nClose this application before trying again."),
            "busy");
  EXPECT_EQ(failed(8, "demo-agent-3.0.0-1.noarch (demo): Signature verification failed [6-File is unsigned]"), "forged");
  EXPECT_EQ(failed(8, "Problem occurred during or after installation or removal of packages:\nInstallation has been aborted as directed."),
            "forged");
  EXPECT_EQ(failed(8, "Problem: conflict"), "failed");
  EXPECT_EQ(failed(4, "Download (curl) error for x\nConnection failed"), "transient");
  EXPECT_EQ(failed(4, "Valid metadata not found at specified URL"), "transient");
  EXPECT_EQ(failed(1, "something that nobody knows"), "failed");
  EXPECT_EQ(failed(102, "x"), "none");
  EXPECT_EQ(failed(103, "x"), "none");
  EXPECT_EQ(failed(0, "x"), "none");
  EXPECT_EQ(failure_text(zypper(), {139, "no XML", "no space left on device"}), "transient");
}

TEST(NativeZypper, IsToldExactVersionsAndWhichRepositories) {
  Order order = order_of("demo-agent", "2.3.4-1");
  order.packages.push_back({"demo-libs", "1:2.0-3", "noarch", ""});
  EXPECT_EQ(
      joined(zypper().simulate(order, {})),
      "/usr/bin/zypper --non-interactive --xmlout --no-refresh install --details --name --dry-run demo-agent=2.3.4-1 demo-libs=1:2.0-3");
  EXPECT_EQ(joined(zypper().download(order)),
            "/usr/bin/zypper --non-interactive --xmlout --no-refresh install --details --name --download-only demo-agent=2.3.4-1 "
            "demo-libs=1:2.0-3");
  order.downgrade = true;
  EXPECT_EQ(
      joined(zypper().install(order, {"upkeep-store-demo-2"})),
      "/usr/bin/zypper --non-interactive --xmlout install --repo=upkeep-store-demo-2 --details --name --oldpackage demo-agent=2.3.4-1 "
      "demo-libs=1:2.0-3");
  EXPECT_EQ(joined(zypper().refresh(true)), "/usr/bin/zypper --non-interactive --xmlout refresh --force");
}

TEST(NativeZypper, OffersAreThoseOfTheOrigin) {
  const auto line = [](const std::string& status, const std::string& edition, const std::string& repository) {
    return "<solvable status=\"" + status + "\" name=\"demo-agent\" kind=\"package\" edition=\"" + edition +
           "\" arch=\"noarch\" repository=\"" + repository + "\"/>\n";
  };
  const auto list = [](const std::string& lines) {
    return zypper_stream("\n<search-result version=\"0.0\">\n<solvable-list>\n" + lines + "</solvable-list>\n</search-result>\n");
  };
  const auto offers =
      zypper().read_offers({0,
                            list(line("other-version", "3.0.0-1", "demo") + line("installed", "2.3.4-1", "(System Packages)") +
                                 line("other-version", "1.2.3-1", "upkeep-store-demo-1")),
                            ""},
                           "demo-agent");
  ASSERT_TRUE(offers) << offers.error().message;
  EXPECT_EQ(*offers, (std::vector<Offered>{{"3.0.0-1", "the repository demo"}}));
  EXPECT_TRUE(
      zypper().read_offers({104, zypper_stream("<message type=\"info\">No matching items found.</message>\n"), ""}, "nosuch")->empty());
  EXPECT_FALSE(zypper().read_offers({0, list(line("installed", "1 2", "demo")), ""}, "demo-agent"));
  EXPECT_FALSE(zypper().read_offers({0, list("<solvable name=\"demo-agent\"/>\n"), ""}, "demo-agent"));
  EXPECT_FALSE(zypper().read_offers({0, "<stream>", ""}, "demo-agent"));
}

}  // namespace
}  // namespace upkeep::shared::native
