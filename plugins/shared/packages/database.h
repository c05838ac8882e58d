// SPDX-License-Identifier: Apache-2.0
#pragma once
// What only a package manager's own database knows. Who changes packages (driver.h) is never asked for it: PackageKit lists neither holds
// nor what is half installed. A plugin for a package manager is one of these, and a descriptor.

#include <map>
#include <string>
#include <vector>

#include "sdk/host.h"
#include "sdk/installer.h"

namespace upkeep::shared::packages {

struct Hold {
  std::string where;         // for people, with how it is lifted
  bool of_our_kind = false;  // `upkeep enable` sets such a one
  bool operator==(const Hold&) const = default;
};

struct PackageState {
  std::string version;  // empty: not installed
  std::string arch;
  std::string status = "not-installed";  // the package manager's word
  bool broken = false;                   // it was stopped in the middle of it
  std::vector<Hold> holds;
  bool half_installed = false;  // so broken that only an installation of another version mends it
  std::string vendor = {};      // where the manager has them
  bool operator==(const PackageState&) const = default;
};

struct Offered {
  std::string version;
  std::string where;  // for people: "https://packages.example.com stable/main amd64 Packages"
  bool operator==(const Offered&) const = default;
};

// How the package manager is called, what a person types, and where its files are.
struct PackageManager {
  std::string name;               // who knows what is installed: "dpkg"
  std::string status_file;        // replaced whenever anything has changed
  std::string store_file;         // in the package store of an agent, as its source
  std::string store_prefix = {};  // how the repository of a copy is called, with the copy's folder behind it; empty: nobody asks
  bool lists_expire = false;      // a refresh that is not forced reads only those that have
  bool has_vendors = false;       // of packages, which only the package itself names
  // Commands.
  std::string finish;   // what was interrupted
  std::string remove;   // without the package
  std::string explain;  // likewise; tells what keeps a version out of reach
};

// Errors are transient or timeout (a tool could not be run) and internal (an answer that cannot be read: never guessed).
class PackageDatabase {
 public:
  virtual ~PackageDatabase() = default;

  [[nodiscard]] virtual const PackageManager& manager() const = 0;

  // The states of these packages; one that it has never heard of is not in the map.
  [[nodiscard]] virtual sdk::Task<sdk::Result<std::map<std::string, PackageState>>> states(std::vector<std::string> packages) = 0;

  // The versions of a package in the lists that the driver reads, newest first; it is in none: empty. Upkeep's own store is left out:
  // what that has, the origin may have withdrawn.
  [[nodiscard]] virtual sdk::Task<sdk::Result<std::vector<Offered>>> offers(std::string package) = 0;

  // The driver's lists have been read anew: nothing that was known of offers counts.
  virtual void forget_offers() {}

  // What is to be said of where the offers come from.
  [[nodiscard]] virtual std::vector<std::string> doubts(const std::vector<Offered>& /*offers*/) { return {}; }

  // Whether the package manager was stopped in the middle of anything, or is at work.
  [[nodiscard]] virtual sdk::Result<bool> pending() = 0;

  // Whether somebody, be it us, changes packages now. false also when that cannot be told. A driver that idles is not at work, though
  // it may have kept the lock.
  [[nodiscard]] virtual sdk::Task<bool> at_work() = 0;

  // The files of a package that was downloaded, of whatever architecture and repository; at least one, for the driver's word for it may
  // mean another version, or none. The
  // error is the end of a sentence: where it is not.
  [[nodiscard]] virtual sdk::Result<std::vector<std::string>> find_downloads(const std::string& package, const std::string& version) = 0;

  // Of which vendor a package is that was downloaded; asked where the manager has them. Empty: it is nowhere to be found.
  [[nodiscard]] virtual sdk::Task<sdk::Result<std::string>> vendor_of_download(std::string /*package*/, std::string /*version*/) {
    co_return sdk::Result<std::string>();
  }

  // Who else could move the package, in a sentence each, with the remedy. `held`: somebody's hold is on it.
  [[nodiscard]] virtual sdk::Task<std::vector<std::string>> other_updaters(std::string package, bool held) = 0;

  // Whether the machine has to be restarted for what is installed to count, as far as the host says: for people; empty: it need not.
  [[nodiscard]] virtual sdk::Task<std::string> reboot_wanted() = 0;

  // As Installer::advice.
  [[nodiscard]] virtual std::vector<sdk::Advice> advice(const std::string& package, const sdk::Change& change) const = 0;
};

}  // namespace upkeep::shared::packages
