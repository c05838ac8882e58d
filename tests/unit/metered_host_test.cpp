// SPDX-License-Identifier: Apache-2.0
// What a source reads through its host is counted, and nothing else is changed.
#include <gtest/gtest.h>

#include "engine/histogram.h"
#include "engine/metered_host.h"
#include "io/host.h"
#include "support/plugin_host.h"
#include "support/real_loop.h"

namespace upkeep::test {
namespace {

using namespace std::chrono_literals;

struct Lines : sdk::LineSink {
  std::vector<std::string> taken;
  bool line(std::string_view text) override { return taken.emplace_back(text), true; }
};

TEST(MeteredHost, CountsBodiesAndFilesAndNotWhatFailed) {
  auto inner = std::make_unique<PluginHost>();
  inner->web.answer("https://a/version", 200, "1.2.3\n");
  inner->web.answer("https://a/unchanged", 304);
  inner->web.fail("https://a/gone", sdk::Errc::transient, "reset");
  inner->web.answer("https://a/lines", 200, "one\nthree\n");
  inner->contents.emplace("/channel/version", "2.0.0");
  engine::MeteredHost host(std::move(inner));
  const auto fetch = [&](const char* url) { return run_task(host.http().fetch(sdk::HttpRequest(url))); };
  EXPECT_EQ(fetch("https://a/version")->body, "1.2.3\n");
  EXPECT_EQ(host.bytes(), 6u);
  EXPECT_EQ(fetch("https://a/unchanged")->status, 304);
  EXPECT_EQ(fetch("https://a/gone").error().message, "reset");
  EXPECT_EQ(host.bytes(), 6u);
  Lines lines;
  EXPECT_TRUE(run_task(host.http().stream(sdk::HttpRequest("https://a/lines"), lines)));
  EXPECT_EQ(lines.taken, (std::vector<std::string>{"one", "three"}));
  EXPECT_EQ(host.bytes(), 16u);
  EXPECT_EQ(host.files().read("/channel/version", 100).value(), "2.0.0");
  EXPECT_FALSE(host.files().read("/channel/critical", 100));
  EXPECT_EQ(host.bytes(), 21u);
}

TEST(Environment, IsTheDaemonsOwnAndHandedOn) {
  setenv("UPKEEP_TEST_SET", "a value", 1);
  setenv("UPKEEP_TEST_EMPTY", "", 1);
  unsetenv("UPKEEP_TEST_UNSET");
  RealLoop loop;
  io::Io outside(loop.executor(), "/nonexistent");
  io::Log log({});
  engine::MeteredHost host(std::make_unique<io::RealHost>(outside, log, ""));
  EXPECT_EQ(host.environment("UPKEEP_TEST_SET"), "a value");
  EXPECT_EQ(host.environment("UPKEEP_TEST_EMPTY"), "");
  EXPECT_EQ(host.environment("UPKEEP_TEST_UNSET"), std::nullopt);
}

TEST(Histogram, ABoundBelongsToItsBucketAndWhatIsLongerCountsOnlyInAll) {
  constexpr double kBounds[] = {1, 10};
  engine::Histogram times(kBounds);
  for (const auto taken : {0ms, 1000ms, 1001ms, 10'000ms, 20'000ms, -5'000ms}) times.observe(taken);
  EXPECT_EQ(times.counts, (std::vector<std::uint64_t>{3, 2}));
  EXPECT_EQ(times.count, 6u);
  EXPECT_DOUBLE_EQ(times.sum, 32.001);
}

}  // namespace
}  // namespace upkeep::test
