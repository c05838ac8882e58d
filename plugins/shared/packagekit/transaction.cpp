// SPDX-License-Identifier: Apache-2.0
#include "shared/packagekit/transaction.h"

#include <algorithm>

#include "sdk/deadline.h"
#include "sdk/text.h"
#include "shared/packages/text.h"

namespace upkeep::shared::packagekit {

using packages::one_line;

namespace {

using sdk::Errc;

constexpr std::size_t kMostPackages = 4096;
constexpr std::size_t kMostTold = 40;

struct StatusWords {
  std::string_view text;
  bool measured;  // its percentage means something; in between, backends send whatever they had before
};
StatusWords words_of(Status status) {
  switch (status) {
    case Status::wait:
      return {"waiting in PackageKit's queue", false};
    case Status::refresh_cache:
    case Status::download_repository:
    case Status::download_packagelist:
      return {"fetching the package lists", true};
    case Status::download:
      return {"downloading", true};
    case Status::install:
    case Status::update:
      return {"installing", true};
    case Status::dep_resolve:
      return {"resolving dependencies", false};
    case Status::sig_check:
      return {"checking signatures", false};
    case Status::test_commit:
      return {"testing changes", false};
    case Status::commit:
      return {"committing changes", false};
    case Status::loading_cache:
      return {"reading the package lists", false};
    case Status::waiting_for_lock:
      return {"waiting for another package manager", false};
    case Status::waiting_for_auth:
      return {"waiting for permission", false};
    default:
      return {"", false};  // between two of the others
  }
}

std::string_view restart_words(Restart kind) {
  switch (kind) {
    case Restart::application:
      return "the application";
    case Restart::session:
    case Restart::security_session:
      return "the session";
    case Restart::system:
    case Restart::security_system:
      return "the system";
    default:
      return "nothing";
  }
}

std::string_view info_words(Info info) {
  switch (info) {
    case Info::updating:
      return "updated";
    case Info::installing:
    case Info::reinstalling:
      return "installed";
    case Info::downgrading:
      return "downgraded";
    case Info::removing:
    case Info::obsoleting:
      return "removed";
    default:
      return "";
  }
}

// A note may be damaged, and a path from it goes onto the bus.
bool is_transaction_path(std::string_view path) {
  return path.size() > 1 && path.size() <= 128 && path.front() == '/' &&
         std::all_of(path.begin() + 1, path.end(), [](char c) { return sdk::is_digit(c) || sdk::is_letter(c) || c == '_'; });
}

}  // namespace

sdk::Error refused_call(const sdk::Error& error, const std::string& method, const std::string& agent) {
  // Its text is as much from outside as a transaction's.
  const sdk::Error bounded(error.code, one_line(error.message, 600));
  sdk::Error out = bounded.with_context("PackageKit refused " + method);
  const auto about = [&](std::string_view name) { return bounded.message.find(name) != std::string::npos; };
  if (about(".NotSupported")) out.code = Errc::unsupported;
  // Somebody has ended it before it was used: packagekitd was told to quit.
  if (about(".InvalidState")) out.code = Errc::transient;
  // Not PackageKit's word, but the bus's and systemd's about it.
  if (about(".ServiceUnknown") || about(".Spawn.") || about(".systemd1.")) {
    out.code = Errc::transient;
    out.message += "; packagekitd cannot be started: is the package packagekit installed, and its service not masked?";
  }
  if (error.code == Errc::denied) out.message += "; `sudo upkeep enable " + agent + "` allows it";
  // Its outcome is unknown, not late: packagekitd is in trouble, or died before it answered.
  if (error.code == Errc::timeout) out = sdk::Error(Errc::transient, "PackageKit did not answer " + method + ": " + bounded.message);
  return out;
}

sdk::Task<sdk::Result<void>> Transaction::listen_to_owner() {
  sdk::BusMatch match;
  match.sender = kBus;
  match.path = kBusPath;
  match.interface = kBus;
  match.member = "NameOwnerChanged";
  match.arg0 = kService;
  auto signals = co_await host_.bus().subscribe(std::move(match));
  if (!signals) co_return sdk::fail("listening for packagekitd's end", signals.error());
  owner_changes_ = std::move(*signals);
  co_return sdk::Result<void>();
}

sdk::Task<sdk::Result<void>> Transaction::listen_to_path() {
  sdk::BusMatch match;
  match.sender = kService;
  match.path = path_;
  auto signals = co_await host_.bus().subscribe(std::move(match));
  if (!signals) co_return sdk::fail("listening to PackageKit's transaction " + path_, signals.error());
  signals_ = std::move(*signals);
  co_return sdk::Result<void>();
}

sdk::Task<sdk::Result<std::unique_ptr<Transaction>>> Transaction::create(sdk::Host& host) {
  std::unique_ptr<Transaction> made(new Transaction(host, ""));
  if (auto listening = co_await made->listen_to_owner(); !listening) co_return sdk::fail(listening.error());
  sdk::BusCall call(kService, kManagerPath, kService, "CreateTransaction");
  auto reply = co_await host.bus().call(std::move(call));
  if (!reply) co_return sdk::fail(refused_call(reply.error(), "CreateTransaction", host.agent()));
  made->path_ = reply->at(0).text();
  made->owner_ = reply->sender;
  if (!is_transaction_path(made->path_)) {
    co_return sdk::fail(Errc::internal, "PackageKit's new transaction has no sound path: " + sdk::quoted(made->path_));
  }
  if (auto listening = co_await made->listen_to_path(); !listening) co_return sdk::fail(listening.error());
  co_return made;
}

sdk::Task<sdk::Result<std::unique_ptr<Transaction>>> Transaction::attach(sdk::Host& host, std::string path) {
  if (!is_transaction_path(path)) co_return sdk::fail(Errc::internal, "no path of a transaction: " + sdk::quoted(path));
  std::unique_ptr<Transaction> found(new Transaction(host, std::move(path)));
  if (auto listening = co_await found->listen_to_owner(); !listening) co_return sdk::fail(listening.error());
  if (auto listening = co_await found->listen_to_path(); !listening) co_return sdk::fail(listening.error());
  // A packagekitd that is not there has no transactions, and asking it for them would start it.
  sdk::BusCall ask(kBus, kBusPath, kBus, "NameHasOwner");
  ask.signature = "s";
  ask.arguments.emplace_back(kService);
  const auto there = co_await host.bus().call(std::move(ask));
  if (!there) co_return sdk::fail("asking whether packagekitd runs", there.error());
  if (!there->at(0).flag()) co_return nullptr;
  sdk::BusCall call(kService, kManagerPath, kService, "GetTransactionList");
  const auto list = co_await host.bus().call(std::move(call));
  if (!list) co_return sdk::fail(refused_call(list.error(), "GetTransactionList", host.agent()));
  found->owner_ = list->sender;
  if (!std::holds_alternative<sdk::BusArray>(list->at(0).any))
    co_return sdk::fail(Errc::internal, "PackageKit does not say which transactions it has");
  const auto& running = list->at(0).items();
  const bool runs = std::any_of(running.begin(), running.end(), [&](const sdk::BusValue& one) { return one.text() == found->path_; });
  if (!runs) co_return nullptr;
  co_return found;
}

sdk::Task<sdk::Result<Outcome>> Transaction::run(Request request) {
  // interactive=false decides how apt treats configuration files; a background transaction is cancelled by any
  // foreground one; the locale is for error_table.h, which has to read texts.
  sdk::BusArray hints;
  for (const char* hint : {"interactive=false", request.background ? "background=true" : "background=false", "locale=C.UTF-8"})
    hints.emplace_back(hint);
  sdk::BusCall set(kService, path_, kTransactionInterface, "SetHints");
  set.signature = "as";
  set.arguments.emplace_back(std::move(hints));
  if (auto done = co_await host_.bus().call(std::move(set)); !done) co_return sdk::fail(refused(done.error(), "SetHints"));

  sdk::BusCall call(kService, path_, kTransactionInterface, request.method);
  call.signature = std::move(request.signature);
  call.arguments = std::move(request.arguments);
  if (auto done = co_await host_.bus().call(std::move(call)); !done) co_return sdk::fail(refused(done.error(), request.method));
  auto outcome = co_await wait(request.most);
  // What waits in the queue is cancelled, or dropped without a word.
  const bool unbegun = told_.text.empty() || told_.text == words_of(Status::wait).text;
  const bool ended = outcome ? outcome->exit == Exit::cancelled : outcome.error().code == Errc::internal;
  ended_unbegun_ = unbegun && ended;
  co_return outcome;
}

sdk::Error Transaction::refused(const sdk::Error& error, const std::string& method) {
  ended_unbegun_ = error.message.find(".InvalidState") != std::string::npos;
  return refused_call(error, method, host_.agent());
}

sdk::Task<sdk::Result<Outcome>> Transaction::wait(sdk::Millis most) {
  const sdk::BootTime end = host_.clock().boot_now() + most;
  auto outcome = co_await before(host_.clock(), end, first_of_both());
  if (outcome) co_return std::move(*outcome);
  co_return sdk::fail(Errc::timeout, "PackageKit's transaction " + path_ + " has not ended after " + sdk::format_duration(most) + " (" +
                                         standing() +
                                         "). It goes on by itself and is not cancelled, because that could kill dpkg or rpm halfway; "
                                         "look at `systemctl status packagekit` and at what its child processes wait for");
}

sdk::Task<sdk::Result<Outcome>> Transaction::first_of_both() {
  using namespace asio::experimental::awaitable_operators;
  auto first = co_await (collect() || watch_owner());
  if (first.index() == 0) co_return std::get<0>(std::move(first));
  co_return std::get<1>(std::move(first));
}

sdk::Task<sdk::Result<Outcome>> Transaction::collect() {
  for (;;) {
    auto message = co_await signals_->next();
    if (!message) co_return sdk::fail("listening to PackageKit's transaction " + path_, message.error());
    if (!take(*message)) continue;
    if (finished_) co_return std::move(outcome_);
    co_return sdk::fail(Errc::internal,
                        "PackageKit dropped its transaction " + path_ + " without saying how it ended (" + standing() + ")");
  }
}

sdk::Task<sdk::Result<Outcome>> Transaction::watch_owner() {
  for (;;) {
    auto message = co_await owner_changes_->next();
    if (!message) co_return sdk::fail("listening for packagekitd's end", message.error());
    // (name, old owner, new owner). The old one is compared: an idle packagekitd that quit before ours was started is none of our concern.
    if (message->at(1).text() != owner_ || message->at(2).text() == owner_) continue;
    co_return sdk::fail(Errc::transient, "packagekitd went away during its transaction " + path_ + " (" + standing() + ")");
  }
}

bool Transaction::take(const sdk::BusMessage& message) {
  if (message.member == "PropertiesChanged") {
    if (message.at(0).text() == kTransactionInterface) take_properties(message.at(1));
    return false;
  }
  if (message.interface != kTransactionInterface) return false;
  if (message.member == "Package") {
    take_package(message.at(0), message.at(1));
  } else if (message.member == "Packages") {
    if (!std::holds_alternative<sdk::BusArray>(message.at(0).any)) outcome_.unreadable = true;
    for (const auto& one : message.at(0).items()) {
      const bool whole = one.items().size() >= 2;
      take_package(whole ? one.items()[0] : sdk::BusValue(), whole ? one.items()[1] : sdk::BusValue());
    }
  } else if (message.member == "ErrorCode") {
    if (!outcome_.error) {
      const auto code = message.at(0).number();
      outcome_.error = code <= UINT32_MAX ? static_cast<std::uint32_t>(code) : 0;  // never cut down to one that is no error
      outcome_.error_text = one_line(message.at(1).text(), 600);
    }
  } else if (message.member == "RequireRestart") {
    const auto kind = static_cast<Restart>(message.at(0).number());
    const bool machine = kind == Restart::system || kind == Restart::security_system;
    const auto what = one_line(message.at(1).text(), 200);
    if (outcome_.restarts.size() < kMostTold) {
      outcome_.restarts.push_back("asks for a restart of " + std::string(restart_words(kind)) + ": " + what);
      if (machine) outcome_.reboot.push_back(what);
    }
  } else if (message.member == "Finished") {
    const auto exit = message.at(0).number();
    outcome_.exit = exit <= UINT32_MAX ? static_cast<Exit>(exit) : Exit::failed;  // never cut down to a success
    outcome_.last_seen = standing();
    finished_ = true;
    return true;
  } else if (message.member == "Destroy") {
    return true;
  }
  return false;
}

// What it means is in the number: without it nobody knows whether the package would be installed or removed.
void Transaction::take_package(const sdk::BusValue& info, const sdk::BusValue& id) {
  if (outcome_.incomplete) return;
  constexpr std::uint64_t kNone = UINT64_MAX;
  const auto number = std::holds_alternative<bool>(info.any) ? kNone : info.number(kNone);
  const auto* text = std::get_if<std::string>(&id.any);
  if (number == kNone || text == nullptr) {
    outcome_.unreadable = true;
    return;
  }
  // One byte more than an id may have: it is refused where it is parsed.
  PackageLine line{number, text->substr(0, 1025)};
  if (std::find(outcome_.packages.begin(), outcome_.packages.end(), line) != outcome_.packages.end()) return;
  if (outcome_.packages.size() >= kMostPackages) {
    outcome_.incomplete = true;
    return;
  }
  outcome_.packages.push_back(std::move(line));
}

void Transaction::take_properties(const sdk::BusValue& changed) {
  if (const auto* value = changed.find("Status")) {
    if (value->number() != status_) percent_.reset();
    status_ = value->number();
  }
  if (const auto* value = changed.find("Percentage")) {
    percent_.reset();
    if (value->number(kPercentUnknown) <= 100) percent_ = static_cast<int>(value->number());
  }
  const auto words = words_of(static_cast<Status>(status_));
  sdk::Progress now;
  now.text = words.text;
  if (words.measured) now.percent = percent_;
  if (now.text.empty() || (now.text == told_.text && now.percent == told_.percent)) return;
  told_ = now;
  host_.progress(now);
}

std::string Transaction::standing() const {
  if (told_.text.empty()) return "it had not begun";
  return "last seen " + told_.text + (told_.percent ? ", " + std::to_string(*told_.percent) + " %" : "");
}

sdk::Result<void> has_all_packages(const Outcome& outcome) {
  if (outcome.unreadable) return sdk::fail(Errc::internal, "PackageKit sent a signal Package whose values are none of a package");
  if (outcome.incomplete) return sdk::fail(Errc::internal, "PackageKit names more packages than can be judged");
  return {};
}

std::vector<std::string> told(const Outcome& outcome) {
  std::vector<std::string> lines;
  if (outcome.error)
    lines.push_back("PackageKit: " + std::string(error_name(*outcome.error)) + " (" + std::to_string(*outcome.error) +
                    "): " + outcome.error_text);
  for (const auto& [info, id] : outcome.packages) {
    const auto word = info_words(info_of(info));
    if (!word.empty() && lines.size() < kMostTold) lines.push_back("PackageKit: " + std::string(word) + " " + one_line(id, 200));
  }
  for (const auto& restart : outcome.restarts) lines.push_back("PackageKit: " + restart);
  lines.push_back("PackageKit: ended with exit " + std::to_string(static_cast<std::uint32_t>(outcome.exit)) + ", " + outcome.last_seen);
  return lines;
}

std::optional<Failure> failure(const Outcome& outcome, const std::string& agent) {
  if (outcome.exit == Exit::success) return std::nullopt;
  Reaction what = Reaction::failed;
  std::string text;
  if (outcome.error) {
    what = reaction(*outcome.error, outcome.error_text);
    if (what == Reaction::none) return std::nullopt;
    text =
        "PackageKit says " + std::string(error_name(*outcome.error)) + " (" + std::to_string(*outcome.error) + "): " + outcome.error_text;
  } else {
    switch (outcome.exit) {
      case Exit::cancelled:
        what = Reaction::cancelled;
        break;
      case Exit::cancelled_priority:
        what = Reaction::busy;
        break;
      case Exit::key_required:
      case Exit::need_untrusted:
        what = Reaction::forged;
        break;
      case Exit::eula_required:
        what = Reaction::denied;
        break;
      case Exit::media_change_required:
        what = Reaction::unsupported;
        break;
      case Exit::repair_required:
        what = Reaction::interrupted;
        break;
      default:
        break;
    }
    text = "PackageKit's transaction ended with exit " + std::to_string(static_cast<std::uint32_t>(outcome.exit)) + " and no reason";
  }
  if (what == Reaction::denied) text += "; `sudo upkeep enable " + agent + "` allows what Upkeep needs";
  return Failure{what, sdk::Error(errc(what), std::move(text))};
}

}  // namespace upkeep::shared::packagekit
