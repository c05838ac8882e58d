// SPDX-License-Identifier: Apache-2.0
// The registry: linked-in descriptors, and really built modules of which each has one thing wrong (tests/support/modules).
#include "engine/registry.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "engine/loader.h"
#include "support/source_tree.h"
#include "support/temp_dir.h"

namespace upkeep::engine {
namespace {

using sdk::KeySpec;
using sdk::KeyType;
using sdk::PluginKind;

const std::string kModules = test::build_dir() + "/test-modules";

sdk::Result<std::unique_ptr<sdk::Schedule>> make_nothing(sdk::Host&, const sdk::Config&) {
  return sdk::fail(sdk::Errc::unsupported, "only for tests");
}

sdk::Descriptor linked_in(const char* name, std::span<const KeySpec> keys = {}) {
  return {.name = name, .keys = keys, .make = &make_nothing};
}

std::string error_of(const sdk::Descriptor& descriptor) {
  Registry registry("/nowhere");
  const auto added = registry.add(descriptor);
  return added ? "" : added.error().message;
}

std::string error_of_module(PluginKind kind, std::string_view name) {
  Registry registry(kModules);
  const auto found = registry.find(kind, name);
  return found ? "" : found.error().message;
}

// A plugin folder of the test's own.
class RegistryFolder : public testing::Test, protected test::TempDir {};

TEST(Registry, FindsALinkedInPluginByKindAndName) {
  const sdk::Descriptor window = linked_in("window");
  Registry registry("/nowhere");
  ASSERT_TRUE(registry.add(window));
  EXPECT_EQ(registry.find(PluginKind::schedule, "window").value(), &window);
  EXPECT_FALSE(registry.find(PluginKind::source, "window"));
}

TEST(Registry, LoadsAPluginWhenItIsFirstLookedUp) {
  Registry registry(kModules);
  EXPECT_TRUE(registry.known().empty());
  const auto found = registry.find(PluginKind::schedule, "good");
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_STREQ((*found)->name, "good");
  EXPECT_EQ((*found)->keys.front().name, "level");
  EXPECT_EQ(registry.find(PluginKind::schedule, "good").value(), *found);
  EXPECT_EQ(registry.known().at({PluginKind::schedule, "good"}).file, kModules + "/schedule-good.so");
}

TEST(Registry, RefusesAnotherAbiWithBothNumbers) {
  EXPECT_EQ(error_of_module(PluginKind::schedule, "wrong-abi"),
            "schedule plugin \"wrong-abi\": " + kModules +
                "/schedule-wrong-abi.so: it was built for plugin abi 7, this Upkeep has 1; "
                "build it again");
}

TEST(Registry, RefusesAnotherSignatureWithBothStrings) {
  EXPECT_EQ(error_of_module(PluginKind::schedule, "wrong-signature"),
            "schedule plugin \"wrong-signature\": " + kModules +
                "/schedule-wrong-signature.so: it was built with \"another compiler\", this Upkeep with \"" + sdk::kBuildSignature +
                "\"; build it again");
}

TEST(Registry, RefusesALibraryThatIsNoPlugin) {
  EXPECT_EQ(
      error_of_module(PluginKind::schedule, "no-symbol"),
      "schedule plugin \"no-symbol\": " + kModules + "/schedule-no-symbol.so: is no plugin of Upkeep: it does not export upkeep_plugin");
}

TEST(Registry, RefusesAPluginUnderAnothersFileName) {
  EXPECT_EQ(error_of_module(PluginKind::schedule, "wrong-name"),
            "schedule plugin \"wrong-name\": " + kModules +
                "/schedule-wrong-name.so: holds the schedule plugin \"other\", which another file name "
                "stands for");
  EXPECT_EQ(error_of_module(PluginKind::source, "wrong-kind"),
            "source plugin \"wrong-kind\": " + kModules +
                "/source-wrong-kind.so: holds the schedule plugin \"wrong-kind\", which another file name "
                "stands for");
}

TEST(Registry, ARefusedPluginIsNotKnown) {
  Registry registry(kModules);
  EXPECT_FALSE(registry.find(PluginKind::schedule, "wrong-signature"));
  EXPECT_FALSE(registry.find(PluginKind::schedule, "wrong-name"));
  EXPECT_TRUE(registry.known().empty());
}

TEST(Registry, AnUnknownPluginIsNamedWithThoseThatThereAre) {
  Registry registry("/nowhere");
  const sdk::Descriptor window = linked_in("window");
  const sdk::Descriptor lease = linked_in("lease");
  ASSERT_TRUE(registry.add(window));
  ASSERT_TRUE(registry.add(lease));
  EXPECT_EQ(registry.find(PluginKind::schedule, "windw").error().message,
            "there is no schedule plugin \"windw\" in /nowhere; there are: lease, window");
  EXPECT_EQ(registry.find(PluginKind::source, "https").error().message, "there is no source plugin \"https\" in /nowhere; there are: none");
}

TEST(Registry, ANameNeverLeavesTheFolder) {
  for (const std::string_view name : {"../evil", "a/b", "", ".", "-x", "Window", "a b", "a\nb", "x.so"}) {
    const std::string error = error_of_module(PluginKind::schedule, name);
    EXPECT_TRUE(error.ends_with("a name is made of a-z, 0-9 and dashes")) << error;
  }
  EXPECT_FALSE(error_of_module(PluginKind::schedule, std::string(64, 'a')).empty());
  EXPECT_FALSE(error_of_module(PluginKind::schedule, std::string("good\0x", 6)).empty());
}

TEST(Registry, ANameIsTakenOnce) {
  const sdk::Descriptor window = linked_in("window");
  Registry registry("/nowhere");
  ASSERT_TRUE(registry.add(window));
  EXPECT_EQ(registry.add(window).error().message, "there is already a schedule plugin \"window\"");
}

TEST(Registry, RefusesATableOfKeysThatCannotBeMeant) {
  static constexpr KeySpec kTwice[] = {{.name = "url"}, {.name = "url"}};
  static constexpr KeySpec kNameless[] = {{.name = ""}};
  static constexpr KeySpec kUse[] = {{.name = "use"}};
  static constexpr KeySpec kTextWithChildren[] = {{.name = "url", .children = kTwice}};
  static constexpr KeySpec kInner[] = {{.name = "windows", .type = KeyType::table_list, .children = kNameless}};
  const KeySpec odd_type[] = {{.name = "url", .type = static_cast<KeyType>(99)}};
  EXPECT_NE(error_of(linked_in("x", kTwice)).find("has \"url\" twice"), std::string::npos);
  EXPECT_NE(error_of(linked_in("x", kNameless)).find("a key without a name"), std::string::npos);
  EXPECT_NE(error_of(linked_in("x", kUse)).find("\"use\", which belongs to Upkeep"), std::string::npos);
  EXPECT_NE(error_of(linked_in("x", kTextWithChildren)).find("has children but is no table"), std::string::npos);
  EXPECT_NE(error_of(linked_in("x", kInner)).find("a key without a name"), std::string::npos);
  EXPECT_NE(error_of(linked_in("x", odd_type)).find("an unknown type"), std::string::npos);
  EXPECT_NE(error_of_module(PluginKind::schedule, "twice").find("has \"a\" twice"), std::string::npos);
}

TEST(Registry, RefusesADescriptorWithoutANameOrAFactory) {
  EXPECT_NE(error_of(linked_in("")).find("its name is \"\""), std::string::npos);
  EXPECT_NE(error_of(linked_in("Window")).find("its name is \"Window\""), std::string::npos);
  EXPECT_NE(error_of({.name = "x"}).find("no factory"), std::string::npos);
}

TEST_F(RegistryFolder, AFileThatIsNoLibrarySaysSo) {
  write("schedule-text.so", "#!/bin/sh\n");
  write("schedule-empty.so", "");
  write("schedule-torn.so", "\177ELF");
  Registry registry(path());
  EXPECT_EQ(registry.find(PluginKind::schedule, "text").error().message,
            "schedule plugin \"text\": " + path("schedule-text.so") + ": is no shared library");
  EXPECT_EQ(registry.find(PluginKind::schedule, "empty").error().message,
            "schedule plugin \"empty\": " + path("schedule-empty.so") + ": is empty");
  const std::string torn = registry.find(PluginKind::schedule, "torn").error().message;
  EXPECT_NE(torn.find(path("schedule-torn.so") + ": cannot be loaded: "), std::string::npos) << torn;
}

// A FIFO would keep the daemon waiting for ever.
TEST_F(RegistryFolder, WhatIsNoFileIsRefusedAtOnce) {
  std::filesystem::create_directory(path("schedule-folder.so"));
  ASSERT_EQ(::mkfifo(path("schedule-fifo.so").c_str(), 0600), 0);
  std::filesystem::create_symlink("/nowhere/at-all.so", path("schedule-dangling.so"));
  Registry registry(path());
  EXPECT_EQ(registry.find(PluginKind::schedule, "folder").error().message,
            "schedule plugin \"folder\": " + path("schedule-folder.so") + ": is no regular file");
  EXPECT_EQ(registry.find(PluginKind::schedule, "fifo").error().message,
            "schedule plugin \"fifo\": " + path("schedule-fifo.so") + ": is no regular file");
  EXPECT_NE(registry.find(PluginKind::schedule, "dangling").error().message.find("there is no schedule plugin \"dangling\""),
            std::string::npos);
}

TEST_F(RegistryFolder, ALibraryThatItNeedsIsNamedWhenItIsMissing) {
  std::ifstream in(kModules + "/schedule-good.so", std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  const auto needed = bytes.find("libstdc++.so.6");
  ASSERT_NE(needed, std::string::npos);
  bytes.replace(needed, 14, "libmissing.so.");
  write("schedule-needy.so", bytes);
  const std::string error = Registry(path()).find(PluginKind::schedule, "needy").error().message;
  EXPECT_NE(error.find(path("schedule-needy.so") + ": cannot be loaded: libmissing.so.: cannot open shared object file"), std::string::npos)
      << error;
}

TEST_F(RegistryFolder, AReplacedFileIsStale) {
  std::filesystem::copy(kModules + "/schedule-replaced.so", path("schedule-replaced.so"));
  Registry registry(path());
  ASSERT_TRUE(registry.find(PluginKind::schedule, "replaced"));
  EXPECT_TRUE(registry.stale().empty());

  std::filesystem::copy(kModules + "/schedule-replaced.so", path("new"));
  std::filesystem::rename(path("new"), path("schedule-replaced.so"));
  EXPECT_EQ(registry.stale(),
            std::vector<std::string>{path("schedule-replaced.so") + " was replaced since it was loaded: restart upkeepd"});

  std::filesystem::remove(path("schedule-replaced.so"));
  EXPECT_EQ(registry.stale().size(), 1U);
}

TEST_F(RegistryFolder, NamesListsTheFolderAndWhatIsLinkedIn) {
  write("schedule-lease.so", "");
  write("schedule-notes.txt", "");
  write("source-https.so", "");
  const sdk::Descriptor window = linked_in("window");
  Registry registry(path());
  ASSERT_TRUE(registry.add(window));
  EXPECT_EQ(registry.names(PluginKind::schedule), (std::vector<std::string>{"lease", "window"}));
  EXPECT_EQ(registry.names(PluginKind::source), std::vector<std::string>{"https"});
  EXPECT_TRUE(Registry("/nowhere").names(PluginKind::state).empty());
}

}  // namespace
}  // namespace upkeep::engine
