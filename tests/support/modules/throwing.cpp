// SPDX-License-Identifier: Apache-2.0
// A plugin with a bug, of any kind: it behaves, until the method that the key `throws` names is called. tests/support/CMakeLists.txt builds
// one module a KIND.
#include <stdexcept>

#include "sdk/plugin.h"

namespace {

using namespace upkeep;
using sdk::Result;
using sdk::Task;

class Bug {
 public:
  explicit Bug(const sdk::Config& config) : method_(config.text("throws")), foreign_(config.flag("foreign")) {}
  void at(std::string_view method) const {
    if (method != method_) return;
    if (foreign_) throw 42;
    throw std::runtime_error("out of luck");
  }

 private:
  std::string method_;
  bool foreign_;
};

class Source : public sdk::Source {
 public:
  explicit Source(const sdk::Config& config) : bug_(config) {}
  Task<Result<std::optional<sdk::Offer>>> poll(const sdk::Offer* last, const sdk::Wanted& /*wanted*/) override {
    bug_.at("poll");
    sdk::Offer offer{"https://updates.test/stable", "", sdk::PlainOffer{"2.3.4", "no", ""}};
    if (last != nullptr && *last == offer) co_return Result<std::optional<sdk::Offer>>(std::nullopt);
    co_return Result<std::optional<sdk::Offer>>(std::move(offer));
  }
  [[nodiscard]] std::string origin() const override {
    bug_.at("origin");
    return "https://updates.test/stable";
  }
  Task<Result<std::optional<std::string>>> get(std::string) override {
    bug_.at("get");
    co_return Result<std::optional<std::string>>(std::nullopt);
  }

 private:
  Bug bug_;
};

class Schedule : public sdk::Schedule {
 public:
  explicit Schedule(const sdk::Config& config) : bug_(config) {}
  Task<Result<void>> refresh(const sdk::Release*) override {
    bug_.at("refresh");
    co_return Result<void>();
  }
  [[nodiscard]] sdk::Verdict verdict(sdk::TimePoint, const sdk::Release*) const override {
    bug_.at("verdict");
    return {.open = true, .changes_at = std::nullopt, .reason = "always"};
  }
  Task<Result<sdk::Admission>> admit(const sdk::Operation&) override {
    bug_.at("admit");
    co_return Result<sdk::Admission>(sdk::Admission());
  }
  [[nodiscard]] std::optional<sdk::BootTime> lapses() const override {
    bug_.at("lapses");
    return std::nullopt;
  }
  // Not a coroutine: it throws before there is anything to wait for.
  Task<Result<void>> done(const sdk::Operation& operation) override {
    bug_.at("done");
    return sdk::Schedule::done(operation);
  }

 private:
  Bug bug_;
};

class Installer : public sdk::Installer {
 public:
  explicit Installer(const sdk::Config& config) : bug_(config), wished_(config.text("throws") == "taken") {}
  Task<Result<sdk::Installed>> inspect(const sdk::Version* target) override {
    bug_.at("inspect");
    sdk::Installed out;
    out.version = installed_;
    out.release = sdk::release_of(installed_);
    out.matches_target = target != nullptr && out.release == *target;
    out.way_back = {sdk::WayBackHow::store, "for tests"};
    if (wished_) out.wishes = {{sdk::Wished::force, "2.3.4", "", "", "the one"}};
    co_return Result<sdk::Installed>(std::move(out));
  }
  Task<Result<sdk::Plan>> prepare(const sdk::Change& change) override {
    bug_.at("prepare");
    sdk::Plan plan;
    plan.to = change.target->str();
    plan.items.push_back({"demo", change.from, plan.to});
    co_return Result<sdk::Plan>(std::move(plan));
  }
  Task<Result<void>> fetch(const sdk::Change&) override {
    bug_.at("fetch");
    co_return Result<void>();
  }
  Task<Result<void>> apply(const sdk::Change& change, sdk::Note&, const std::string&) override {
    bug_.at("apply");
    installed_ = change.to;
    co_return Result<void>();
  }
  Task<Result<void>> activate(const sdk::Change&) override {
    bug_.at("activate");
    co_return Result<void>();
  }
  Task<Result<sdk::Verified>> verify(const sdk::Change& change, const std::string&) override {
    bug_.at("verify");
    sdk::Verified out;
    out.version = installed_;
    out.standing = installed_ == change.to ? sdk::Standing::target : sdk::Standing::baseline;
    co_return Result<sdk::Verified>(std::move(out));
  }
  Task<Result<void>> revert(const sdk::Change& change, sdk::Note&, const std::string&) override {
    bug_.at("revert");
    installed_ = change.from;
    co_return Result<void>();
  }
  Task<Result<void>> keep() override {
    bug_.at("keep");
    co_return Result<void>();
  }
  Task<Result<void>> changed() override {
    bug_.at("changed");
    co_return co_await sdk::Installer::changed();
  }
  Task<Result<void>> tell(const sdk::Happening&) override {
    bug_.at("tell");
    co_return Result<void>();
  }
  bool shows() const override {
    bug_.at("shows");
    return true;
  }
  Task<Result<void>> show(const std::string&) override {
    bug_.at("show");
    co_return Result<void>();
  }
  Task<Result<void>> taken(const sdk::Wish&) override {
    bug_.at("taken");
    wished_ = false;
    co_return Result<void>();
  }
  std::vector<sdk::Advice> advice(const sdk::Change&) const override {
    bug_.at("advice");
    return {};
  }

 private:
  Bug bug_;
  std::string installed_ = "1.2.3";
  bool wished_;
};

class State : public sdk::State {
 public:
  explicit State(const sdk::Config& config) : bug_(config) {}
  Task<Result<sdk::Claim>> claim() override {
    bug_.at("claim");
    sdk::Claim claim;
    claim.holder = "somebody";
    co_return Result<sdk::Claim>(std::move(claim));
  }
  Task<Result<void>> release() override {
    bug_.at("release");
    co_return Result<void>();
  }
  Task<Result<std::vector<std::string>>> agents() override {
    bug_.at("agents");
    std::vector<std::string> names = {"demo"};
    co_return Result<std::vector<std::string>>(std::move(names));
  }
  std::size_t capacity() const override {
    bug_.at("capacity");
    return 4096;
  }
  Task<Result<sdk::JournalBytes>> load() override {
    bug_.at("load");
    co_return Result<sdk::JournalBytes>(sdk::JournalBytes{bytes_});
  }
  Task<sdk::Append> append(std::uint64_t, std::string line) override {
    bug_.at("append");
    bytes_ += line + "\n";
    co_return sdk::Append::done;
  }
  Task<Result<void>> truncate(std::size_t size) override {
    bug_.at("truncate");
    bytes_.resize(size);
    co_return Result<void>();
  }
  Task<Result<void>> compact(std::string bytes) override {
    bug_.at("compact");
    bytes_ = std::move(bytes);
    co_return Result<void>();
  }
  Task<Result<std::string>> set_aside() override {
    bug_.at("set_aside");
    co_return Result<std::string>("nowhere");
  }

 private:
  Bug bug_;
  std::string bytes_;
};

constexpr sdk::KeySpec kKeys[] = {{.name = "throws"}, {.name = "foreign", .type = sdk::KeyType::flag}};

Result<std::unique_ptr<sdk::KIND>> make(sdk::Host&, const sdk::Config& config) {
  Bug(config).at("factory");
  if (config.text("throws") == "nothing") return std::unique_ptr<sdk::KIND>();
  return std::make_unique<KIND>(config);
}

std::vector<sdk::ConfigIssue> check(const sdk::Config& config) {
  Bug(config).at("check");
  return {};
}

}  // namespace

extern "C" const sdk::Descriptor upkeep_plugin = {
    .name = "throwing", .summary = "for tests", .keys = kKeys, .check = &check, .make = &make};
