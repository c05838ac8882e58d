// SPDX-License-Identifier: Apache-2.0
#include "shared/native/driver.h"

#include <algorithm>

#include "sdk/text.h"
#include "sdk/transient_unit.h"
#include "sdk/version.h"
#include "shared/packages/text.h"

namespace upkeep::shared::native {

using sdk::Errc;

namespace {

constexpr std::size_t kMostLists = 256;
constexpr std::chrono::hours kNever{24 * 3650};

// Names and versions stand in the tool's argument vector.
sdk::Result<void> check_order(const Order& order) {
  if (order.packages.empty()) return sdk::fail(Errc::internal, "an order without a package");
  for (const auto& wanted : order.packages)
    if (!sdk::is_package_name(wanted.name) || !sdk::is_package_version(wanted.version) ||
        (!wanted.arch.empty() && !sdk::is_package_name(wanted.arch)))
      return sdk::fail(Errc::invalid, "no package and version to ask for: " + sdk::quoted(wanted.name + " " + wanted.version));
  return {};
}

// "Uid:\t0\t0\t0\t0": the real one, the effective one, …
bool runs_as_root(std::string_view status) {
  const auto at = ("\n" + std::string(status)).find("\nUid:\t");
  if (at == std::string::npos) return false;
  const auto fields = sdk::split(status.substr(at), '\t');
  return fields.size() > 2 && fields[2] == "0";
}

}  // namespace

std::unique_ptr<packages::Driver> make_native(sdk::Host& host, const Tool& tool, sdk::Millis deadline) {
  return std::make_unique<NativeDriver>(host, tool, deadline);
}

sdk::Task<sdk::Result<void>> NativeDriver::ready() {
  const auto status = host_.files().read("/proc/self/status", std::size_t{16} * 1024);
  if (!status) co_return sdk::fail(Errc::transient, "as whom the daemon runs cannot be told: " + status.error().message);
  if (!runs_as_root(*status))
    co_return sdk::fail(Errc::unsupported,
                        tool_.name + " is run by a daemon that runs as root, and this one does not: " +
                            "/usr/share/doc/upkeep/examples/native.conf is the drop-in that lets it, and says how to use it");
  const auto program = tool_.refresh(false).front();
  if (!host_.files().exists(program)) co_return sdk::fail(Errc::unsupported, program + " does not exist");
  if (!host_.files().exists("/run/systemd/system"))
    co_return sdk::fail(Errc::unsupported, "this host was not booted with systemd, which has to run " + tool_.name);
  co_return sdk::Result<void>();
}

std::string NativeDriver::describe(std::string_view doing) {
  return "Upkeep: " + tool_.name + " " + std::string(doing) + " for the agent " + host_.agent() + ", run " + host_.random().hex(16);
}

// Where nothing was changed, what nobody knows how to read says nothing against the version.
template <typename T>
sdk::Result<T> NativeDriver::passing(sdk::Result<T> result) {
  if (!result && result.error().code == Errc::internal) return sdk::fail(Errc::transient, result.error().message);
  return result;
}

Report NativeDriver::passing(Report report) {
  if (report.failure && report.failure->reaction == Reaction::failed) {
    report.failure->reaction = Reaction::transient;
    report.failure->error.code = Errc::transient;
  }
  return report;
}

Report NativeDriver::report_of(const Said& said) const {
  Report report;
  report.failure = tool_.failure(said);
  for (const auto& line : tool_.told(said)) report.told.push_back(tool_.name + ": " + line);
  report.told.push_back(tool_.name + ": ended with exit status " + std::to_string(said.status));
  return report;
}

sdk::Task<sdk::Result<Report>> NativeDriver::try_out(Order order, Argv only) {
  auto argv = tool_.simulate(order, only);
  auto description = describe("tries out a change");
  const auto said = co_await run(std::move(argv), std::move(description));
  if (!said) co_return sdk::fail(said.error());
  if (said->cut) co_return sdk::fail(Errc::internal, tool_.name + " prints a plan that is longer than can be judged");
  auto report = passing(tool_.plan(order, *said));
  if (!report) co_return report;
  report->told = report_of(*said).told;
  co_return passing(std::move(*report));
}

sdk::Task<std::optional<NativeDriver::Copies>> NativeDriver::copies_for(Order order) {
  Argv stores;
  if (tool_.turns_to_copies) co_return std::nullopt;
  for (const auto& wanted : order.packages) {
    if (wanted.store.empty()) co_return std::nullopt;
    if (std::find(stores.begin(), stores.end(), wanted.store) == stores.end()) stores.push_back(wanted.store);
  }
  auto report = co_await try_out(std::move(order), stores);
  if (!report || report->failure || report->plan.empty()) co_return std::nullopt;
  co_return Copies(std::move(stores), std::move(*report));
}

sdk::Task<sdk::Result<Report>> NativeDriver::simulate(Order order) {
  if (const auto sound = check_order(order); !sound) co_return sdk::fail(sound.error());
  auto copies = co_await copies_for(order);
  judged_ = copies ? copies->first : Argv();
  if (copies) co_return std::move(copies->second);
  const Argv all;
  co_return co_await try_out(std::move(order), all);
}

sdk::Task<sdk::Result<Report>> NativeDriver::download(Order order, bool /*urgent*/) {
  if (const auto sound = check_order(order); !sound) co_return sdk::fail(sound.error());
  auto argv = tool_.download(order);
  auto description = describe("downloads");
  const auto said = co_await run(std::move(argv), std::move(description));
  if (!said) co_return sdk::fail(said.error());
  co_return passing(report_of(*said));
}

sdk::Task<sdk::Result<Report>> NativeDriver::install(Order order, sdk::Note& note, std::string more) {
  if (const auto sound = check_order(order); !sound) co_return sdk::fail(sound.error());
  auto argv = tool_.install(order, judged_);
  auto description = describe("installs");
  std::string begun = description + more;
  if (auto noted = co_await note.write(std::move(begun)); !noted) co_return sdk::fail(noted.error());
  host_.progress({std::nullopt, tool_.name + " is at work"});
  const auto said = co_await run(std::move(argv), std::move(description));
  if (!said) co_return sdk::fail(said.error());
  co_return report_of(*said);
}

sdk::Task<sdk::Result<void>> NativeDriver::wait_for(std::string begun) {
  if (begun.empty()) co_return sdk::Result<void>();
  auto name = unit();
  const auto ran = co_await sdk::wait_for_transient_unit(host_, std::move(name), begun, deadline_);
  if (!ran) co_return sdk::fail("waiting for what was begun", ran.error());
  if (!ran->empty()) host_.log(sdk::LogLevel::info, "it has ended: " + *ran);
  co_return sdk::Result<void>();
}

sdk::Task<sdk::Result<std::vector<Offered>>> NativeDriver::offers(std::string package) {
  auto argv = tool_.offers(package);
  auto description = describe("lists what is offered");
  sdk::Result<Said> said;
  if (tool_.lists_in_sandbox)
    said = co_await look(std::move(argv));
  else
    said = co_await run(std::move(argv), std::move(description));
  if (!said) co_return sdk::fail(said.error());
  if (said->cut) co_return sdk::fail(Errc::internal, tool_.name + " lists more versions of " + package + " than can be read");
  co_return passing(tool_.read_offers(*said, package));
}

sdk::Task<sdk::Result<std::chrono::seconds>> NativeDriver::age_of_lists() {
  auto argv = sdk::words({"/usr/bin/stat", "--format=%Y"});
  const auto folders = host_.files().list(tool_.lists);
  const auto add = [&](std::string path) {
    if (argv.size() < kMostLists) argv.push_back(std::move(path));
  };
  for (const auto& folder : folders.value_or(std::vector<std::string>())) {
    if (folder.starts_with("upkeep-store-") || (!tool_.lists_file.empty() && folder != tool_.lists_file)) continue;
    const std::string path = tool_.lists + "/" + folder;
    add(path);
    if (!tool_.lists_file.empty()) continue;
    const auto files = host_.files().list(path + "/repodata");
    for (const auto& one : files.value_or(std::vector<std::string>())) add(path + "/repodata/" + one);
  }
  if (argv.size() == 2) co_return std::chrono::seconds(kNever);
  const auto said = co_await look(std::move(argv));
  if (!said) co_return sdk::fail(said.error());
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(host_.clock().now().time_since_epoch());
  std::chrono::seconds newest = now - kNever;
  for (const auto& line : sdk::lines_of(said->out))
    if (const auto time = sdk::parse_number(line); time && *time < UINT32_MAX * std::uint64_t{16})
      newest = std::max(newest, std::chrono::seconds(*time));
  co_return newest > now ? std::chrono::seconds(kNever) : now - newest;  // a clock that was ahead then says nothing
}

sdk::Task<sdk::Result<void>> NativeDriver::do_run(Argv argv, std::string_view doing) {
  auto description = describe(doing);
  const auto said = co_await run(std::move(argv), std::move(description));
  if (!said) co_return sdk::fail(said.error());
  if (const auto failed = tool_.failure(*said)) co_return sdk::fail(failed->error);
  co_return sdk::Result<void>();
}

sdk::Task<sdk::Result<void>> NativeDriver::refresh(bool force) {
  auto argv = tool_.refresh(force);
  auto done = co_await do_run(std::move(argv), "reads the package lists");
  if (!done) co_return sdk::fail("reading the package lists", done.error());
  co_return done;
}

sdk::Task<sdk::Result<void>> NativeDriver::repair() {
  auto argv = tool_.repair();
  if (argv.empty()) co_return sdk::Result<void>();
  auto done = co_await do_run(std::move(argv), "repairs what was interrupted");
  if (!done) co_return sdk::fail("repairing the package manager's state", done.error());
  co_return done;
}

}  // namespace upkeep::shared::native
