// SPDX-License-Identifier: Apache-2.0
#pragma once
// One PackageKit transaction, from its creation (or from finding it again) to its end. A transaction lives in
// packagekitd and outlasts us: an error that says timeout or "lost" means that the outcome is unknown, never that
// nothing happened.
//
//   create ─▶ listen to its path ─▶ hints ─▶ one role method ─▶ Package, ErrorCode, … ─▶ Finished
//                                       └─ Destroy without Finished: lost   └─ its bus name vanishes: packagekitd died

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sdk/host.h"
#include "shared/packagekit/error_table.h"
#include "shared/packagekit/numbers.h"

namespace upkeep::shared::packagekit {

struct PackageLine {
  std::uint64_t info = 0;
  std::string id;  // as it came, cut off behind 1 KiB
  bool operator==(const PackageLine&) const = default;
};

// What a transaction said until it finished.
struct Outcome {
  Exit exit = Exit::failed;
  std::optional<std::uint32_t> error;  // of ErrorCode
  std::string error_text;              // one line
  std::vector<PackageLine> packages;   // each once, in order
  bool incomplete = false;             // more packages than anybody can judge
  bool unreadable = false;             // a signal of a package had other values than one has
  std::vector<std::string> restarts;   // what RequireRestart named, for people
  std::vector<std::string> reboot;     // those of it that want the machine restarted
  std::string last_seen;               // where it stood last
};
// Errc::internal when not all packages that it named are known, or not surely.
[[nodiscard]] sdk::Result<void> has_all_packages(const Outcome& outcome);
// What it said, in lines for people; bounded.
[[nodiscard]] std::vector<std::string> told(const Outcome& outcome);

using packages::Failure;
// Why an outcome is none to go on with; nullopt: it succeeded, or says that nothing was left to do.
[[nodiscard]] std::optional<Failure> failure(const Outcome& outcome, const std::string& agent);

// A call that was answered with an error, in words that say what to do.
[[nodiscard]] sdk::Error refused_call(const sdk::Error& error, const std::string& method, const std::string& agent);

// A method of the transaction's interface, with its arguments.
struct Request {
  std::string method, signature;
  sdk::BusArray arguments;
  sdk::Millis most;  // that it may take
  // What is not urgent: PackageKit itself ends it (exit cancelled_priority) as soon as anybody else's begins.
  bool background = false;
};

class Transaction {
 public:
  // A new one that does nothing yet. PackageKit forgets it after 5 minutes if it is never used.
  [[nodiscard]] static sdk::Task<sdk::Result<std::unique_ptr<Transaction>>> create(sdk::Host& host);
  // One that was created earlier, perhaps by a former life of this daemon; nullptr when it has ended. Does not start packagekitd.
  [[nodiscard]] static sdk::Task<sdk::Result<std::unique_ptr<Transaction>>> attach(sdk::Host& host, std::string path);

  [[nodiscard]] const std::string& path() const { return path_; }

  // Calls the method and waits for the end. Errors: transient (packagekitd died, the bus is gone, no answer),
  // timeout (still running after request.most: it goes on by itself), denied, unsupported, invalid (the call was refused),
  // internal (the transaction was lost).
  sdk::Task<sdk::Result<Outcome>> run(Request request);
  // Whether run() ended without that anything was done: packagekitd was told to quit, which ends all transactions that wait.
  [[nodiscard]] bool ended_unbegun() const { return ended_unbegun_; }
  // Waits for the end of one that runs already.
  sdk::Task<sdk::Result<Outcome>> wait(sdk::Millis most);

 private:
  Transaction(sdk::Host& host, std::string path) : host_(host), path_(std::move(path)) {}

  sdk::Task<sdk::Result<void>> listen_to_owner();
  sdk::Task<sdk::Result<void>> listen_to_path();
  sdk::Task<sdk::Result<Outcome>> collect();
  sdk::Task<sdk::Result<Outcome>> watch_owner();
  sdk::Task<sdk::Result<Outcome>> first_of_both();
  // true when the message was the last one that counts
  bool take(const sdk::BusMessage& message);
  void take_package(const sdk::BusValue& info, const sdk::BusValue& id);
  void take_properties(const sdk::BusValue& changed);
  [[nodiscard]] std::string standing() const;
  sdk::Error refused(const sdk::Error& error, const std::string& method);

  sdk::Host& host_;
  std::string path_;
  std::string owner_;  // unique bus name of the packagekitd that has it
  std::unique_ptr<sdk::BusSignals> owner_changes_, signals_;
  Outcome outcome_;
  bool finished_ = false, ended_unbegun_ = false;
  std::uint64_t status_ = 0;
  std::optional<int> percent_;
  sdk::Progress told_;
};

}  // namespace upkeep::shared::packagekit
