// SPDX-License-Identifier: Apache-2.0
#include "io/bus_call.h"

#include <algorithm>
#include <optional>

#include "io/bus_message.h"
#include "io/fd.h"
#include "io/scope_guard.h"
#include "io/waiter.h"

namespace upkeep::io {

using sdk::BusCall;
using sdk::BusMessage;
using sdk::Errc;
using sdk::fail;
using sdk::Result;
using sdk::Task;

namespace {

class Pending : public BusListener {
 public:
  explicit Pending(const asio::any_io_executor& executor) : waiter(executor) {}

  void lost() override { take(fail(lost_connection())); }

  static int on_reply(sd_bus_message* reply, void* self, sd_bus_error* /*unused*/) {
    auto& pending = *static_cast<Pending*>(self);
    const auto error = error_in(reply);
    pending.take(error ? fail(*error) : read_message(reply));
    return 1;
  }

  std::optional<Result<BusMessage>> answer;
  Waiter waiter;

 private:
  void take(Result<BusMessage> result) {
    if (answer) return;
    answer = std::move(result);
    waiter.notify();
  }
};

// "NAME: TEXT (calling org.example.Thing.Do)"
sdk::Error about(const sdk::Error& error, const BusCall& call) {
  return sdk::Error(error.code, error.message + " (calling " + call.interface + "." + call.member + " of " + call.destination + ")");
}

Result<SdPtr<sd_bus_message>> message_of(sd_bus* bus, const BusCall& call) {
  sd_bus_message* raw = nullptr;
  const int r =
      sd_bus_message_new_method_call(bus, &raw, call.destination.c_str(), call.path.c_str(), call.interface.c_str(), call.member.c_str());
  SdPtr<sd_bus_message> message(raw);
  if (r < 0) return fail(errno_error("cannot make a call", -r));
  if (auto written = write_arguments(raw, call.signature, call.arguments); !written) return fail(written.error());
  return message;
}

}  // namespace

Task<Result<BusMessage>> call_method(std::shared_ptr<BusConnection> connection, BusCall call) {
  const auto bus = connection->open();
  if (!bus) co_return fail(about(bus.error(), call));
  const auto message = message_of(*bus, call);
  if (!message) co_return fail(about(message.error(), call));

  Pending pending(connection->executor());
  connection->add(pending);
  const ScopeGuard remove([&] { connection->remove(pending); });
  const auto timeout = std::chrono::microseconds(std::max(call.timeout, sdk::Millis(1)));
  sd_bus_slot* raw = nullptr;
  const int r = sd_bus_call_async(*bus, &raw, message->get(), &Pending::on_reply, &pending, static_cast<std::uint64_t>(timeout.count()));
  const SdPtr<sd_bus_slot> slot(raw);  // dropped with the frame: a late answer finds nobody
  if (r < 0) co_return fail(about(lost_connection(), call));
  connection->pump_soon();

  const Woken woken = co_await pending.waiter.wait();
  if (woken == Woken::cancelled) co_return fail(Errc::cancelled, "stopped (calling " + call.interface + "." + call.member + ")");
  if (!*pending.answer) co_return fail(about(pending.answer->error(), call));
  co_return std::move(*pending.answer);
}

}  // namespace upkeep::io
