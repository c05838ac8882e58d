// SPDX-License-Identifier: Apache-2.0
#pragma once
// A packagekitd that misbehaves on a real bus, and what an installer must never do because of it.

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "support/package_host.h"
#include "support/wire_host.h"

namespace upkeep::test {

// What PackageKit is asked for.
enum class Stage { resolve, dry_run, change, other };
inline Stage stage_of(const sdk::BusCall& call) {
  if (call.member == "Resolve") return Stage::resolve;
  if (call.member != "InstallPackages") return Stage::other;
  const auto flags = call.arguments.at(0).number();
  if ((flags & 16U) != 0) return Stage::other;  // whether the installed version could be had again
  return (flags & 4U) != 0 ? Stage::dry_run : Stage::change;
}

inline std::size_t resident_kib() {
  std::ifstream statm("/proc/self/statm");
  std::size_t all = 0, resident = 0;
  statm >> all >> resident;
  return resident * 4;
}

// How tests of rows of misbehaviour and of families are called.
inline std::string family_name(const testing::TestParamInfo<Family>& one) { return name_of(one.param); }
template <typename Row>
std::string row_name(const testing::TestParamInfo<std::tuple<Row, Family>>& one) {
  return std::string(std::get<0>(one.param).name) + "_" + name_of(std::get<1>(one.param));
}
// A row in words, for failures.
template <typename Row>
auto PrintTo(const Row& row, std::ostream* to) -> decltype(void(row.name)) {
  *to << row.name;
}

class BadBusTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { bus() = std::make_unique<WireBus>(); }
  static void TearDownTestSuite() { bus().reset(); }
  void use(Family family) {
    family_ = family;
    become(host, family);
    installer_ = make_installer(host, family, settings);
  }
  [[nodiscard]] std::string installed() const { return host.packages.at("demo-agent").version; }

  // Each of them watches what must always be so.
  sdk::Result<sdk::Plan> prepare() {
    auto plan = watched([&] { return host.run(installer_->prepare(change)); });
    EXPECT_EQ(installed(), "1.2.3-1") << "nothing is changed by a look";
    if (!plan) return plan;
    EXPECT_EQ(plan->to, "2.3.4-1");
    EXPECT_EQ(plan->items.at(0).package, "demo-agent");
    return plan;
  }
  sdk::Result<void> apply(const std::string& last_note = "") {
    auto done = watched([&] { return host.run(installer_->apply(change, note, last_note)); });
    EXPECT_TRUE(!done || installed() == "2.3.4-1") << "a success that is not true: " << installed();
    for (const auto& [topic, lines] : note.recorded) {
      EXPECT_LE(lines.size(), 100U);
      for (const auto& line : lines) EXPECT_PRED1(is_sound, line);
    }
    return done;
  }
  sdk::Result<sdk::Verified> verify() {
    auto seen = watched([&] { return host.run(installer_->verify(change, note.written.empty() ? "" : note.written.back())); });
    if (!seen) return seen;
    EXPECT_EQ(seen->version, installed());
    EXPECT_EQ(seen->standing == sdk::Standing::target, installed() == "2.3.4-1");
    return seen;
  }
  sdk::Result<sdk::Installed> inspect() {
    auto seen = watched([&] { return host.run(installer_->inspect(&*change.target)); });
    if (!seen) return seen;
    EXPECT_EQ(seen->version, installed());
    EXPECT_PRED1(is_sound, seen->way_back.text);
    for (const auto& warning : seen->warnings) EXPECT_PRED1(is_sound, warning);
    return seen;
  }

  static bool is_sound(const std::string& text) {
    return !text.empty() && text.size() <= 2000 &&
           std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
  }
  // "" for a success
  template <typename T>
  static std::string said(const sdk::Result<T>& result) {
    return result ? "" : result.error().message;
  }
  static bool says(const std::string& said, const std::string& wanted) {
    return wanted.empty() ? said.empty() : said.find(wanted) != std::string::npos;
  }

  WireHost host;
  RecordedNote note;
  shared::packages::Settings settings = package_settings();
  sdk::Change change = package_change();
  Family family_ = Family::apt;

 private:
#ifdef __SANITIZE_ADDRESS__
  static constexpr std::size_t kMostMemoryMib = 600;  // it keeps what was freed, for a while, and pads what was not
#else
  static constexpr std::size_t kMostMemoryMib = 150;
#endif

  static std::unique_ptr<WireBus>& bus() {
    static std::unique_ptr<WireBus> one;
    return one;
  }
  template <typename Verb>
  auto watched(Verb verb) -> decltype(verb()) {
    const auto begun = host.boot_now();
    const auto before = resident_kib();
    auto result = verb();
    // A Resolve, a dry run and the change have a deadline each.
    EXPECT_LE(host.boot_now() - begun, 2 * settings.deadline + std::chrono::minutes(2));
    EXPECT_LE(resident_kib(), before + kMostMemoryMib * 1024) << "KiB of memory";
    EXPECT_PRED1(is_sound, result ? "sound" : result.error().message);
    for (const auto& line : host.logged) EXPECT_PRED1(is_sound, line);
    return result;
  }

  std::unique_ptr<shared::packages::PackageInstaller> installer_;
};

}  // namespace upkeep::test
