// SPDX-License-Identifier: Apache-2.0
#include "io/bus_signals.h"

#include <algorithm>
#include <deque>
#include <optional>

#include "io/bus_call.h"
#include "io/bus_message.h"
#include "io/fd.h"
#include "io/waiter.h"

namespace upkeep::io {

using sdk::BusMatch;
using sdk::BusMessage;
using sdk::BusSignals;
using sdk::Errc;
using sdk::fail;
using sdk::Result;
using sdk::Task;

namespace {

constexpr std::size_t kMaxWaiting = 4096;
constexpr std::size_t kMaxText = std::size_t{64} * 1024 * 1024;
constexpr const char* kBusName = "org.freedesktop.DBus";

Result<std::string> rule_of(const BusMatch& match) {
  std::string rule = "type='signal'";
  const std::pair<const char*, const std::string&> parts[] = {
      {"sender", match.sender}, {"path", match.path}, {"interface", match.interface}, {"member", match.member}, {"arg0", match.arg0}};
  for (const auto& [key, value] : parts) {
    const bool printable = std::none_of(value.begin(), value.end(), [](unsigned char c) { return c < ' ' || c == '\'' || c == '\\'; });
    if (!printable) return fail(Errc::invalid, std::string("cannot match signals by this ") + key);
    if (!value.empty()) rule += std::string(",") + key + "='" + value + "'";
  }
  return rule;
}

bool is_well_known(const std::string& name) { return !name.empty() && !name.starts_with(':') && name != kBusName; }

// The bytes of its texts; everything else in it is of bounded number (bus_message.h).
std::size_t text_in(const sdk::BusValue& value) {
  std::size_t sum = 0;
  if (const auto* text = std::get_if<std::string>(&value.any)) sum = text->size();
  if (const auto* items = std::get_if<sdk::BusArray>(&value.any))
    for (const auto& item : *items) sum += text_in(item);
  if (const auto* entries = std::get_if<sdk::BusDict>(&value.any))
    for (const auto& [key, held] : *entries) sum += text_in(key) + text_in(held);
  return sum;
}
std::size_t text_in(const Result<BusMessage>& item) {
  std::size_t sum = 0;
  if (item)
    for (const auto& value : item->arguments) sum += text_in(value);
  return sum;
}

// Shared by the subscription and the coroutine that waits in next().
struct Queue {
  explicit Queue(const asio::any_io_executor& executor) : waiter(executor) {}

  // Once something is lost, all is until the reader has come to that.
  void push(Result<BusMessage> item) {
    const auto size = text_in(item);
    if (!std::exchange(overflows, overflows || items.size() >= kMaxWaiting || text + size > kMaxText)) {
      if (overflows) item = fail(Errc::internal, "more than " + std::to_string(kMaxWaiting) + " signals waited, or 64 MiB; some are lost");
      text += overflows ? 0 : size;
      items.push_back(std::move(item));
    }
    waiter.notify();
  }

  Result<BusMessage> pop() {
    Result<BusMessage> item = std::move(items.front());
    items.pop_front();
    text -= text_in(item);
    if (items.empty()) overflows = false;
    return item;
  }

  std::deque<Result<BusMessage>> items;
  std::size_t text = 0;
  bool overflows = false;
  bool ended = false;
  Waiter waiter;
};

Task<Result<BusMessage>> next_of(std::shared_ptr<Queue> queue) {
  while (queue->items.empty()) {
    if (queue->ended) co_return fail(lost_connection());
    const Woken woken = co_await queue->waiter.wait();
    if (woken == Woken::cancelled) co_return fail(Errc::cancelled, "waiting for signals was stopped");
  }
  co_return queue->pop();
}

class Subscription final : public BusSignals, public BusListener {
 public:
  Subscription(std::shared_ptr<BusConnection> connection, const BusMatch& match)
      : connection_(std::move(connection)), installed_(connection_->executor()), queue_(std::make_shared<Queue>(connection_->executor())) {
    connection_->add(*this);
    any_sender_ = match.sender.empty();
    if (!is_well_known(match.sender)) sender_ = match.sender;
  }
  ~Subscription() override {
    connection_->remove(*this);
    lost();
    slots_.clear();
    connection_->pump_soon();  // tells the bus
  }

  Task<Result<BusMessage>> next() override { return next_of(queue_); }

  void lost() override {
    queue_->ended = true;
    queue_->waiter.notify();
    installed_.notify();
  }

  // Returns when the bus has the match.
  Task<Result<void>> install(sd_bus* bus, std::string rule, sd_bus_message_handler_t handler) {
    sd_bus_slot* raw = nullptr;
    const int r = sd_bus_add_match_async(bus, &raw, rule.c_str(), handler, &Subscription::on_installed, this);
    slots_.emplace_back(raw);
    if (r == -ENOTCONN || r == -ECONNRESET) co_return fail(lost_connection());
    if (r < 0) co_return fail(errno_error("cannot match signals by " + rule, -r));
    connection_->pump_soon();
    const Woken woken = co_await installed_.wait();
    if (woken == Woken::cancelled) co_return fail(Errc::cancelled, "subscribing was stopped");
    if (queue_->ended) co_return fail(lost_connection());
    if (refused_) co_return fail(*refused_);
    co_return Result<void>();
  }

  // Unless a change of the owner was seen already, which is then the newer word.
  void first_owner(const std::string& owner) {
    if (!owner_changed_) sender_ = owner;
  }

  static int on_signal(sd_bus_message* message, void* self, sd_bus_error* /*unused*/) {
    auto& subscription = *static_cast<Subscription*>(self);
    const char* sender = sd_bus_message_get_sender(message);
    if (sd_bus_is_open(sd_bus_message_get_bus(message)) <= 0) return 0;  // sd-bus's own word that the connection is gone
    if (subscription.any_sender_ || (sender && subscription.sender_ == sender)) subscription.queue_->push(read_message(message));
    return 0;
  }

  static int on_owner(sd_bus_message* message, void* self, sd_bus_error* /*unused*/) {
    auto& subscription = *static_cast<Subscription*>(self);
    const char* sender = sd_bus_message_get_sender(message);
    const char *name = nullptr, *before = nullptr, *after = nullptr;
    if (!sender || std::string_view(sender) != kBusName || sd_bus_message_read(message, "sss", &name, &before, &after) < 0) return 0;
    subscription.owner_changed_ = true;
    subscription.sender_ = after;
    return 0;
  }

 private:
  static int on_installed(sd_bus_message* reply, void* self, sd_bus_error* /*unused*/) {
    auto& subscription = *static_cast<Subscription*>(self);
    subscription.refused_ = error_in(reply);
    subscription.installed_.notify();
    return 1;
  }

  std::shared_ptr<BusConnection> connection_;
  Waiter installed_;
  std::optional<sdk::Error> refused_;
  bool any_sender_ = false, owner_changed_ = false;
  std::string sender_;  // unique name; empty while nobody owns the name
  std::shared_ptr<Queue> queue_;
  std::vector<SdPtr<sd_bus_slot>> slots_;
};

}  // namespace

Task<Result<std::unique_ptr<BusSignals>>> subscribe_signals(std::shared_ptr<BusConnection> connection, BusMatch match) {
  const auto rule = rule_of(match);
  if (!rule) co_return fail(rule.error());
  const auto bus = connection->open();
  if (!bus) co_return fail(bus.error());
  auto subscription = std::make_unique<Subscription>(connection, match);

  if (is_well_known(match.sender)) {
    BusMatch owners;
    owners.sender = kBusName;
    owners.member = "NameOwnerChanged";
    owners.arg0 = match.sender;
    const auto owner_rule = rule_of(owners);
    const auto watched = co_await subscription->install(*bus, *owner_rule, &Subscription::on_owner);
    if (!watched) co_return fail(watched.error());
    sdk::BusCall ask(kBusName, "/org/freedesktop/DBus", kBusName, "GetNameOwner");
    ask.signature = "s";
    ask.arguments.emplace_back(match.sender);
    const auto owner = co_await call_method(connection, std::move(ask));
    if (owner) subscription->first_owner(owner->at(0).text());
    if (!owner && owner.error().message.find("NameHasNoOwner") == std::string::npos) co_return fail(owner.error());
  }
  const auto installed = co_await subscription->install(*bus, *rule, &Subscription::on_signal);
  if (!installed) co_return fail(installed.error());
  co_return std::unique_ptr<BusSignals>(std::move(subscription));
}

}  // namespace upkeep::io
