// SPDX-License-Identifier: Apache-2.0
#pragma once
// The folder of one agent, and all that is done to it:
//
//   PREFIX/versions/1.2.3/…   a version, complete: it got its name by one rename, after it was on the disk
//   PREFIX/versions/.new      one that is being unpacked; of no meaning once nobody unpacks
//   PREFIX/current            link to versions/1.2.3, changed by one rename
//
// So whatever dies at whichever moment, there is a version or there is none. The programs of coreutils do it, because the host
// lets a plugin write below the state folder only, and because unpacking must not hold up the daemon.

#include <string>
#include <vector>

#include "sdk/host.h"

namespace versions {

namespace sdk = upkeep::sdk;

class Tree {
 public:
  // `archive`: path with {version} in it. `most`: longest time for one program.
  Tree(sdk::Host& host, std::string prefix, std::string archive, sdk::Millis most)
      : host_(host), prefix_(std::move(prefix)), archive_(std::move(archive)), most_(most) {}

  [[nodiscard]] const std::string& prefix() const { return prefix_; }
  [[nodiscard]] std::string folder_of(const std::string& version) const { return prefix_ + "/versions/" + version; }
  [[nodiscard]] std::string archive_of(const std::string& version) const;
  [[nodiscard]] bool has(const std::string& version) const { return host_.files().exists(folder_of(version) + "/."); }
  [[nodiscard]] bool has_archive(const std::string& version) const { return host_.files().exists(archive_of(version)); }
  // The names of the versions that are there, complete; others' files are passed over.
  [[nodiscard]] sdk::Result<std::vector<std::string>> list() const;

  // What the link points to; empty: there is no link. invalid: it is something else, or points to somewhere else.
  [[nodiscard]] sdk::Task<sdk::Result<std::string>> current();
  // denied: it may not be written to.
  [[nodiscard]] sdk::Task<sdk::Result<void>> may_write();
  // Reads the whole archive and changes nothing. invalid: it is damaged.
  [[nodiscard]] sdk::Task<sdk::Result<void>> test_archive(std::string version);

  // Each does nothing when it is done already, and may be done again after it was cut off anywhere.
  [[nodiscard]] sdk::Task<sdk::Result<void>> unpack(std::string version);
  [[nodiscard]] sdk::Task<sdk::Result<void>> switch_to(std::string version);
  [[nodiscard]] sdk::Task<sdk::Result<void>> remove(std::string version);
  [[nodiscard]] sdk::Task<sdk::Result<void>> remove_unfinished();

 private:
  [[nodiscard]] sdk::Task<sdk::Result<void>> sync();

  sdk::Host& host_;
  const std::string prefix_, archive_;
  const sdk::Millis most_;
};

// A version as it may stand in a path: a semantic one, without a leading v.
[[nodiscard]] bool is_folder_name(const std::string& text);

}  // namespace versions
