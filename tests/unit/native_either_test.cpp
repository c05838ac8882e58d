// SPDX-License-Identifier: Apache-2.0
// driver = "auto": which of the two is asked.

#include "shared/native/either.h"
#include "support/fake_systemd.h"
#include "support/native_tool.h"

namespace upkeep::shared::native {
namespace {

using packages::DriverKind;
using sdk::Errc;

// Stands for PackageKit.
class OtherDriver : public packages::Driver {
 public:
  explicit OtherDriver(std::vector<std::string>& calls, std::optional<sdk::Error>& trouble) : calls_(calls), trouble_(trouble) {}
  [[nodiscard]] std::string name() const override { return "PackageKit"; }
  sdk::Task<sdk::Result<void>> ready() override {
    if (trouble_) co_return sdk::fail(*trouble_);
    co_return sdk::Result<void>();
  }
  sdk::Task<sdk::Result<Report>> simulate(Order) override { co_return said("simulate", Report()); }
  sdk::Task<sdk::Result<Report>> download(Order, bool) override { co_return said("download", Report()); }
  sdk::Task<sdk::Result<Report>> install(Order, sdk::Note&, std::string) override { co_return said("install", Report()); }
  sdk::Task<sdk::Result<void>> wait_for(std::string begun) override {
    calls_.push_back("wait_for " + begun);
    co_return sdk::Result<void>();
  }
  sdk::Task<sdk::Result<std::vector<Offered>>> offers(std::string) override { co_return said("offers", std::vector<Offered>()); }
  sdk::Task<sdk::Result<std::chrono::seconds>> age_of_lists() override { co_return said("age_of_lists", std::chrono::seconds(1)); }
  sdk::Task<sdk::Result<void>> refresh(bool) override {
    calls_.emplace_back("refresh");
    co_return sdk::Result<void>();
  }
  sdk::Task<sdk::Result<void>> repair() override {
    calls_.emplace_back("repair");
    co_return sdk::Result<void>();
  }

 private:
  template <typename T>
  sdk::Result<T> said(const std::string& call, T value) {
    calls_.push_back(call);
    return sdk::Result<T>(std::move(value));
  }
  std::vector<std::string>& calls_;
  std::optional<sdk::Error>& trouble_;
};

class NativeEither : public testing::Test {
 protected:
  NativeEither() { host.contents["/usr/bin/apt-get"] = host.contents["/run/systemd/system"] = ""; }
  std::unique_ptr<packages::Driver> driver(DriverKind kind = DriverKind::automatic) {
    return make_driver(host, kind, std::make_unique<OtherDriver>(asked, trouble), apt_get(), std::chrono::minutes(30));
  }
  void root(bool is) { host.contents["/proc/self/status"] = is ? "Uid:\t0\t0\t0\t0\n" : "Uid:\t9\t9\t9\t9\n"; }

  test::FakeSystemd host;
  std::vector<std::string> asked;
  std::optional<sdk::Error> trouble;
};

TEST_F(NativeEither, IsPackageKitWhereThatIsReady) {
  root(true);
  const auto one = driver();
  EXPECT_TRUE(host.run(one->ready()));
  EXPECT_EQ(one->name(), "PackageKit");
  EXPECT_TRUE(host.run(one->refresh(false)));
  EXPECT_EQ(asked, (std::vector<std::string>{"refresh"}));
}

TEST_F(NativeEither, IsTheToolWhereOnlyThatIsReady) {
  root(true);
  trouble = sdk::Error(Errc::transient, "packagekitd cannot be started");
  const auto one = driver();
  EXPECT_TRUE(host.run(one->refresh(false)));  // found out by itself
  EXPECT_EQ(one->name(), "apt-get");
  EXPECT_TRUE(host.run(one->ready()));
  EXPECT_TRUE(host.run(one->repair()));
  EXPECT_TRUE(host.run(one->simulate(test::order_of("demo-agent", "2.3.4-1"))));
  EXPECT_TRUE(host.run(one->download(test::order_of("demo-agent", "2.3.4-1"), true)));
  EXPECT_EQ(host.started.size(), 4U);
  EXPECT_TRUE(asked.empty());
  trouble.reset();  // and is PackageKit again, once that is there
  EXPECT_TRUE(host.run(one->ready()));
  EXPECT_EQ(one->name(), "PackageKit");
}

TEST_F(NativeEither, SaysBothReasonsWhereNeitherIsReady) {
  root(false);
  trouble = sdk::Error(Errc::transient, "packagekitd cannot be started");
  const auto ready = host.run(driver()->ready());
  ASSERT_FALSE(ready);
  EXPECT_EQ(ready.error().code, Errc::transient);
  EXPECT_TRUE(ready.error().message.starts_with(
      "packagekitd cannot be started; nor without PackageKit: apt-get is run by a daemon that runs as root"))
      << ready.error().message;
}

TEST_F(NativeEither, WaitsForWhatWasBegunWithWhoeverBeganIt) {
  root(true);
  const auto one = driver();
  EXPECT_TRUE(host.run(one->wait_for("/13_abcd")));
  EXPECT_TRUE(host.run(one->wait_for("Upkeep: apt-get installs for the agent demo, run 1")));
  EXPECT_EQ(asked, (std::vector<std::string>{"wait_for /13_abcd"}));
}

TEST_F(NativeEither, IsTheOneThatTheConfigurationNames) {
  root(false);
  EXPECT_EQ(driver(DriverKind::packagekit)->name(), "PackageKit");
  EXPECT_EQ(driver(DriverKind::native)->name(), "apt-get");
  EXPECT_EQ(host.run(driver(DriverKind::native)->ready()).error().code, Errc::unsupported);
}

}  // namespace
}  // namespace upkeep::shared::native
