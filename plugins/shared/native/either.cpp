// SPDX-License-Identifier: Apache-2.0
#include "shared/native/either.h"

#include <utility>

namespace upkeep::shared::native {
namespace {

using packages::Driver;

class EitherDriver final : public Driver {
 public:
  EitherDriver(std::unique_ptr<Driver> packagekit, std::unique_ptr<Driver> tool)
      : packagekit_(std::move(packagekit)), tool_(std::move(tool)) {}

  [[nodiscard]] std::string name() const override { return chosen_ == nullptr ? packagekit_->name() : chosen_->name(); }

  sdk::Task<sdk::Result<void>> ready() override {
    auto first = co_await packagekit_->ready();
    chosen_ = first ? packagekit_.get() : nullptr;
    if (first) co_return first;
    auto second = co_await tool_->ready();
    if (!second)  // its word counts on every host but one that was made for the tool
      co_return sdk::fail(first.error().code, first.error().message + "; nor without PackageKit: " + second.error().message);
    chosen_ = tool_.get();
    co_return second;
  }

  sdk::Task<sdk::Result<Report>> simulate(Order order) override {
    auto* one = co_await chosen();
    co_return co_await one->simulate(std::move(order));
  }
  sdk::Task<sdk::Result<Report>> download(Order order, bool urgent) override {
    auto* one = co_await chosen();
    co_return co_await one->download(std::move(order), urgent);
  }
  sdk::Task<sdk::Result<Report>> install(Order order, sdk::Note& note, std::string more) override {
    auto* one = co_await chosen();
    co_return co_await one->install(std::move(order), note, std::move(more));
  }
  // Whoever began it, even if the other one works here now.
  sdk::Task<sdk::Result<void>> wait_for(std::string begun) override {
    auto* one = begun.starts_with('/') ? packagekit_.get() : tool_.get();
    co_return co_await one->wait_for(std::move(begun));
  }
  sdk::Task<sdk::Result<std::vector<Offered>>> offers(std::string package) override {
    auto* one = co_await chosen();
    co_return co_await one->offers(std::move(package));
  }
  sdk::Task<sdk::Result<std::chrono::seconds>> age_of_lists() override {
    auto* one = co_await chosen();
    co_return co_await one->age_of_lists();
  }
  sdk::Task<sdk::Result<void>> refresh(bool force) override {
    auto* one = co_await chosen();
    co_return co_await one->refresh(force);
  }
  sdk::Task<sdk::Result<void>> repair() override {
    auto* one = co_await chosen();
    co_return co_await one->repair();
  }

 private:
  // Where neither is ready, PackageKit says why.
  sdk::Task<Driver*> chosen() {
    if (chosen_ == nullptr) static_cast<void>(co_await ready());
    co_return chosen_ == nullptr ? packagekit_.get() : chosen_;
  }

  std::unique_ptr<Driver> packagekit_, tool_;
  Driver* chosen_ = nullptr;
};

}  // namespace

std::unique_ptr<packages::Driver> make_driver(sdk::Host& host, packages::DriverKind kind, std::unique_ptr<packages::Driver> packagekit,
                                              const Tool& tool, sdk::Millis deadline) {
  if (kind == packages::DriverKind::packagekit) return packagekit;
  auto native = make_native(host, tool, deadline);
  if (kind == packages::DriverKind::native) return native;
  return std::make_unique<EitherDriver>(std::move(packagekit), std::move(native));
}

}  // namespace upkeep::shared::native
