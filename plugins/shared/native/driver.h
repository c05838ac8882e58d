// SPDX-License-Identifier: Apache-2.0
#pragma once
// What make_native() makes.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "shared/native/native.h"

namespace upkeep::shared::native {

class NativeDriver final : public packages::Driver {
 public:
  NativeDriver(sdk::Host& host, const Tool& tool, sdk::Millis deadline) : host_(host), tool_(tool), deadline_(deadline) {}

  [[nodiscard]] std::string name() const override { return tool_.name; }
  [[nodiscard]] sdk::Task<sdk::Result<void>> ready() override;
  [[nodiscard]] sdk::Task<sdk::Result<Report>> simulate(Order order) override;
  [[nodiscard]] sdk::Task<sdk::Result<Report>> download(Order order, bool urgent) override;
  [[nodiscard]] sdk::Task<sdk::Result<Report>> install(Order order, sdk::Note& note, std::string more) override;
  [[nodiscard]] sdk::Task<sdk::Result<void>> wait_for(std::string begun) override;
  [[nodiscard]] sdk::Task<sdk::Result<std::vector<Offered>>> offers(std::string package) override;
  [[nodiscard]] sdk::Task<sdk::Result<std::chrono::seconds>> age_of_lists() override;
  [[nodiscard]] sdk::Task<sdk::Result<void>> refresh(bool force) override;
  [[nodiscard]] sdk::Task<sdk::Result<void>> repair() override;

 private:
  [[nodiscard]] std::string unit() const { return "upkeep-native-" + host_.agent() + ".service"; }
  [[nodiscard]] std::string file(std::string_view ending) const { return "native/" + host_.agent() + "." + std::string(ending); }
  // What a run is called, so that it can be told from any other: "Upkeep: apt-get installs for the agent demo, run 0123456789abcdef".
  [[nodiscard]] std::string describe(std::string_view doing);

  // One run of the tool as a unit, once no other one of this agent runs. An error: its outcome is unknown, or nothing was begun.
  sdk::Task<sdk::Result<Said>> run(Argv argv, std::string description);
  // In the daemon's sandbox, for what only reads.
  sdk::Task<sdk::Result<Said>> look(Argv argv);
  // Takes what a run has printed, and its files away.
  sdk::Task<sdk::Result<Said>> take_output(int status);
  sdk::Task<sdk::Result<std::string>> take_file(std::string path, bool& cut);

  sdk::Task<sdk::Result<Report>> try_out(Order order, Argv only);
  // The repositories of Upkeep's own store from which all of it can be had, and what that would do; nullopt: the host's have to do. They
  // come first, because the tool does not turn to them by itself when an origin does not answer.
  using Copies = std::pair<Argv, Report>;
  sdk::Task<std::optional<Copies>> copies_for(Order order);
  // A run that changes something other than packages.
  sdk::Task<sdk::Result<void>> do_run(Argv argv, std::string_view doing);
  [[nodiscard]] Report report_of(const Said& said) const;
  template <typename T>
  [[nodiscard]] static sdk::Result<T> passing(sdk::Result<T> result);
  [[nodiscard]] static Report passing(Report report);

  sdk::Host& host_;
  const Tool& tool_;
  const sdk::Millis deadline_;
  Argv judged_;  // the repositories that the last dry run was about, which is what is installed; none: all of the host's
};

}  // namespace upkeep::shared::native
