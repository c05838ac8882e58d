// SPDX-License-Identifier: Apache-2.0
#include "shared/packagekit/roles.h"

#include <algorithm>
#include <iterator>

namespace upkeep::shared::packagekit {
namespace {

// Who else reads the lists (an administrator's apt-get update, our own package store) has soon done so.
constexpr sdk::Millis kOthersRead = std::chrono::minutes(1);
constexpr sdk::Millis kAskAgain = std::chrono::seconds(2);

Request about(std::string method, std::uint64_t number, std::vector<std::string> what, sdk::Millis most) {
  sdk::BusArray all(std::make_move_iterator(what.begin()), std::make_move_iterator(what.end()));
  Request out{std::move(method), "tas", {}, most};
  out.arguments.emplace_back(number);
  out.arguments.emplace_back(std::move(all));
  return out;
}

sdk::Task<sdk::Result<void>> run_alone(sdk::Host& host, std::string method, std::string signature, sdk::BusValue argument,
                                       sdk::Millis most) {
  Request request{std::move(method), std::move(signature), {}, most};
  request.arguments.push_back(std::move(argument));
  const auto outcome = co_await run_new(host, std::move(request));
  if (!outcome) co_return sdk::fail(outcome.error());
  if (const auto failed = failure(*outcome, host.agent())) co_return sdk::fail(failed->error);
  co_return sdk::Result<void>();
}

}  // namespace

sdk::Task<sdk::Result<Outcome>> run_new(sdk::Host& host, Request request, sdk::Note* note, std::string more) {
  constexpr int kTries = 3;
  for (int tries = 1;; ++tries) {
    auto transaction = co_await Transaction::create(host);
    if (!transaction) co_return sdk::fail(transaction.error());
    if (note) {
      std::string begun = (*transaction)->path() + more;
      if (auto noted = co_await note->write(std::move(begun)); !noted) co_return sdk::fail(noted.error());
    }
    Request again = request;
    auto outcome = co_await (*transaction)->run(std::move(again));
    if (!(*transaction)->ended_unbegun() || tries == kTries) co_return outcome;
    host.log(sdk::LogLevel::info, "PackageKit ended the transaction " + (*transaction)->path() + " before it had begun: asking again");
  }
}

sdk::Task<sdk::Result<std::chrono::seconds>> age_of_lists(sdk::Host& host) {
  sdk::BusCall call(kService, kManagerPath, kService, "GetTimeSinceAction");
  call.signature = "u";
  call.arguments.emplace_back(kRoleRefreshCache);
  const auto reply = co_await host.bus().call(std::move(call));
  if (!reply) co_return sdk::fail(refused_call(reply.error(), "GetTimeSinceAction", host.agent()));
  // UINT32_MAX is PackageKit's word for never; what is no such number says nothing of freshness either.
  co_return std::chrono::seconds(std::min<std::uint64_t>(reply->at(0).number(UINT32_MAX), UINT32_MAX));
}

sdk::Task<sdk::Result<void>> refresh(sdk::Host& host, bool force, sdk::Millis most) {
  const auto patience = host.clock().boot_now() + kOthersRead;
  while (true) {
    const sdk::BusValue forced(force);
    auto done = co_await run_alone(host, "RefreshCache", "b", forced, most);
    if (done) co_return done;
    if (done.error().code != sdk::Errc::busy || host.clock().boot_now() >= patience)
      co_return sdk::fail("reading the package lists", done.error());
    host.progress({std::nullopt, "waiting for another program that reads the package lists"});
    co_await host.clock().sleep_for(kAskAgain);
  }
}

sdk::Task<sdk::Result<Listed>> resolve(sdk::Host& host, std::vector<std::string> names, sdk::Millis most) {
  Request request = about("Resolve", 0, std::move(names), most);
  const auto outcome = co_await run_new(host, std::move(request));
  if (!outcome) co_return sdk::fail("asking what is offered", outcome.error());
  Listed out;
  if (outcome->error == kErrorPackageNotFound) co_return out;
  if (const auto failed = failure(*outcome, host.agent())) co_return sdk::fail("asking what is offered", failed->error);
  if (auto all = has_all_packages(*outcome); !all) co_return sdk::fail("asking what is offered", all.error());
  for (const auto& line : outcome->packages) {
    auto id = parse_package_id(line.id);
    if (!id) co_return sdk::fail(id.error());
    (info_of(line.info) == Info::installed ? out.installed : out.available).push_back(std::move(*id));
  }
  co_return out;
}

sdk::Task<sdk::Result<std::string>> backend_name(sdk::Host& host) {
  sdk::BusCall call(kService, kManagerPath, "org.freedesktop.DBus.Properties", "Get");
  call.signature = "ss";
  call.arguments.emplace_back(kService);
  call.arguments.emplace_back("BackendName");
  const auto reply = co_await host.bus().call(std::move(call));
  if (!reply) co_return sdk::fail(refused_call(reply.error(), "to say its backend", host.agent()));
  auto name = reply->at(0).text();
  if (name.empty()) co_return sdk::fail(sdk::Errc::internal, "PackageKit does not say which backend it has");
  co_return name;
}

Request install(std::uint64_t flags, std::vector<std::string> ids, sdk::Millis most) {
  return about("InstallPackages", flags, std::move(ids), most);
}

sdk::Task<sdk::Result<void>> repair_system(sdk::Host& host, sdk::Millis most) {
  const sdk::BusValue flags(kOnlyTrusted);
  auto done = co_await run_alone(host, "RepairSystem", "t", flags, most);
  if (!done) co_return sdk::fail("repairing the package manager's state", done.error());
  co_return done;
}

sdk::Task<std::string> idle_process(sdk::Host& host) {
  sdk::BusCall ask(kBus, kBusPath, kBus, "GetConnectionUnixProcessID");
  ask.signature = "s";
  ask.arguments.emplace_back(kService);
  const auto process = co_await host.bus().call(std::move(ask));  // an error when it does not run: it is not started by this
  if (!process) co_return "";
  sdk::BusCall call(kService, kManagerPath, kService, "GetTransactionList");
  const auto list = co_await host.bus().call(std::move(call));
  if (!list || !std::holds_alternative<sdk::BusArray>(list->at(0).any) || !list->at(0).items().empty()) co_return "";
  co_return std::to_string(process->at(0).number());
}

}  // namespace upkeep::shared::packagekit
