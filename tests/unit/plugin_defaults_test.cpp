// SPDX-License-Identifier: Apache-2.0
// What a plugin gets when it does not implement the optional part of its interface.

#include <gtest/gtest.h>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <memory>

#include "sdk/installer.h"
#include "sdk/schedule.h"

namespace upkeep::sdk {
namespace {

class BareInstaller : public Installer {
 public:
  Task<Result<Installed>> inspect(const Version* /*target*/) override { co_return Result<Installed>(Installed()); }
  Task<Result<Plan>> prepare(const Change& /*change*/) override { co_return Result<Plan>(Plan()); }
  Task<Result<void>> apply(const Change& /*change*/, Note& /*note*/, const std::string& /*last_note*/) override {
    co_return Result<void>();
  }
  Task<Result<void>> activate(const Change& /*change*/) override { co_return Result<void>(); }
  Task<Result<Verified>> verify(const Change& /*change*/, const std::string& /*last_note*/) override {
    co_return Result<Verified>(Verified());
  }
  Task<Result<void>> revert(const Change& /*change*/, Note& /*note*/, const std::string& /*last_note*/) override {
    co_return Result<void>();
  }
};

class BareSchedule : public Schedule {
 public:
  [[nodiscard]] Verdict verdict(TimePoint /*at*/, const Release* /*release*/) const override { return {}; }
};

// Runs a coroutine to its end; nullopt when it waits for something.
template <typename T>
std::optional<T> run(Task<T> task) {
  asio::io_context io;
  std::optional<T> out;
  asio::co_spawn(io, std::move(task), [&out](const std::exception_ptr& error, T result) {
    if (!error) out = std::move(result);
  });
  io.poll();
  return out;
}

void waits_for_ever(Task<Result<void>> task) {
  asio::io_context io;
  asio::cancellation_signal cancel;
  bool ended = false;
  bool thrown = false;
  auto done = [&](const std::exception_ptr& error, const Result<void>& /*result*/) {
    ended = true;
    thrown = error != nullptr;
  };
  asio::co_spawn(io, std::move(task), asio::bind_cancellation_slot(cancel.slot(), done));
  io.poll();
  EXPECT_FALSE(ended);
  cancel.emit(asio::cancellation_type::terminal);
  io.poll();
  EXPECT_TRUE(ended);
  EXPECT_TRUE(thrown) << "a cancelled wait must not look like a change";
}

TEST(InstallerDefaults, ChangedWaitsForEverAndEndsWhenItIsCancelled) {
  BareInstaller installer;
  waits_for_ever(installer.changed());
}

TEST(ScheduleDefaults, APermitIsHeldForEver) {
  BareSchedule schedule;
  Operation operation;
  waits_for_ever(schedule.hold(operation));
}

TEST(InstallerDefaults, FetchAndKeepHaveNothingToDo) {
  BareInstaller installer;
  Change change;
  EXPECT_TRUE(run(installer.fetch(change)).value());
  EXPECT_TRUE(run(installer.keep()).value());
  EXPECT_TRUE(installer.on_this_host());
}

TEST(InstallerDefaults, NothingIsTakenToldOrShownWhereTheAgentLives) {
  BareInstaller installer;
  EXPECT_TRUE(run(installer.taken(Wish())).value());
  EXPECT_TRUE(run(installer.tell(Happening())).value());
  EXPECT_FALSE(installer.shows());
  EXPECT_TRUE(run(installer.show("{}")).value());
}

TEST(ScheduleDefaults, EveryAdmissionIsGrantedAndNothingIsRefreshed) {
  BareSchedule schedule;
  Operation operation;
  EXPECT_TRUE(run(schedule.refresh(nullptr)).value());
  EXPECT_TRUE(run(schedule.admit(operation)).value()->granted);
  EXPECT_TRUE(run(schedule.done(operation)).value());
}

}  // namespace
}  // namespace upkeep::sdk
