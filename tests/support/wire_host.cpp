// SPDX-License-Identifier: Apache-2.0
#include "support/wire_host.h"

#include "io/bus_message.h"
#include "io/scope_guard.h"
#include "shared/packagekit/numbers.h"

namespace upkeep::test {
namespace {

using shared::packagekit::kBus;
using shared::packagekit::kService;
using shared::packagekit::kTransactionInterface;

constexpr const char* kSystemdName = "org.freedesktop.systemd1";
constexpr const char* kDies = "NameOwnerChanged";

void sound(int result) {
  if (result < 0) throw std::runtime_error("sd-bus error " + std::to_string(-result));
}

// As PackageKit and systemd sign what they send.
std::string usual_signature(const std::string& member) {
  static const std::map<std::string, std::string> kSignatures = {{"Package", "uss"},
                                                                 {"Packages", "a(uss)"},
                                                                 {"ErrorCode", "us"},
                                                                 {"RequireRestart", "us"},
                                                                 {"Finished", "uu"},
                                                                 {"PropertiesChanged", "sa{sv}"},
                                                                 {"JobRemoved", "uoss"},
                                                                 {"ItemProgress", "suu"},
                                                                 {"CreateTransaction", "o"},
                                                                 {"GetTimeSinceAction", "u"},
                                                                 {"Get", "v"},
                                                                 {"GetTransactionList", "ao"},
                                                                 {"LoadUnit", "o"},
                                                                 {"GetAll", "a{sv}"},
                                                                 {"StartUnit", "o"},
                                                                 {"RestartUnit", "o"},
                                                                 {"TryRestartUnit", "o"},
                                                                 {"ReloadUnit", "o"}};
  const auto known = kSignatures.find(member);
  return known == kSignatures.end() ? "" : known->second;
}

std::string signature_of_values(const sdk::BusArray& values) {
  constexpr const char* kTypes[] = {"b", "x", "t", "d", "s", "as", "a{sv}"};
  std::string out;
  for (const auto& value : values) out += kTypes[value.any.index()];
  return out;
}

}  // namespace

WireHost::WireHost() : systemd_(std::make_unique<BusPeer>()), wire_(std::make_unique<io::SdBus>(context().get_executor())) {
  systemd_->own(kSystemdName);
  begin_packagekitd();
}
WireHost::~WireHost() {
  end_packagekitd();
  systemd_->disown(kSystemdName);
}

void WireHost::begin_packagekitd() {
  packagekitd_ = std::make_unique<BusPeer>();
  packagekitd_->own(kService);
}

void WireHost::end_packagekitd() {
  packagekitd_->disown(kService);  // which is done when it returns, unlike what a closed connection leads to
  packagekitd_.reset();
}

sdk::BusMessage WireHost::transaction_signal(std::string path, std::string member, sdk::BusArray arguments) {
  sdk::BusMessage message;
  message.path = std::move(path);
  message.interface = kTransactionInterface;
  message.member = std::move(member);
  message.arguments = std::move(arguments);
  return message;
}

void WireHost::send(sdk::BusMessage signal, std::string signature) { to_send_.emplace_back(std::move(signal), std::move(signature)); }

void WireHost::send_now(const sdk::BusMessage& signal, const std::string& signature) {
  if (signal.member == kDies) {  // and is at once started again
    end_packagekitd();
    begin_packagekitd();
    return;
  }
  const auto& peer = signal.path.starts_with("/org/freedesktop/systemd1") ? systemd_ : packagekitd_;
  // By PackageKit's signature where the values have its types, else by their own.
  std::vector<std::string> signatures = {signature};
  if (signature.empty()) signatures = {usual_signature(signal.member), signature_of_values(signal.arguments)};
  for (const auto& one : signatures) {
    sd_bus_message* raw = nullptr;
    sound(sd_bus_message_new_signal(peer->bus(), &raw, signal.path.c_str(), signal.interface.c_str(), signal.member.c_str()));
    const bool written = io::write_arguments(raw, one, signal.arguments).has_value();
    if (written) sound(sd_bus_send(peer->bus(), raw, nullptr));
    sd_bus_message_unref(raw);
    if (written) return;
  }
  throw std::logic_error("a signal that cannot be sent: " + signal.member);
}

void WireHost::flush() {
  const auto all = std::exchange(to_send_, {});
  for (const auto& [signal, signature] : all) send_now(signal, signature);
  sd_bus_flush(packagekitd_->bus());
  sd_bus_flush(systemd_->bus());
}

int WireHost::handle(sd_bus_message* raw, BusPeer& peer) {
  const auto asked = io::read_message(raw);
  if (!asked) throw std::logic_error(asked.error().message);
  sdk::BusCall call(&peer == systemd_.get() ? kSystemdName : kService, asked->path, asked->interface, asked->member);
  call.arguments = asked->arguments;
  const auto said = answer(call);
  sd_bus_message* reply = nullptr;
  int sent = 0;
  if (signals_first) flush();
  if (const auto odd = odd_replies.find(call.member); odd != odd_replies.end()) {
    const auto& [signature, values] = odd->second;
    if (signature.find('.') != std::string::npos)
      return sd_bus_reply_method_errorf(raw, signature.c_str(), "%s", values.at(0).text().c_str());
    sound(sd_bus_message_new_method_return(raw, &reply));
    if (!io::write_arguments(reply, signature, values)) throw std::logic_error("an odd reply that cannot be sent: " + call.member);
  } else if (!said) {
    return sd_bus_reply_method_errorf(raw, "org.freedesktop.DBus.Error.Failed", "%s", said.error().message.c_str());
  } else {
    sound(sd_bus_message_new_method_return(raw, &reply));
    const auto signature = usual_signature(call.member);
    if (!signature.empty() && !io::write_arguments(reply, signature, said->arguments)) throw std::logic_error("a reply: " + call.member);
  }
  sent = sd_bus_send(peer.bus(), reply, nullptr);
  sd_bus_message_unref(reply);
  return sent;
}

bool WireHost::serve() {
  bool asked = false;
  for (auto* peer : {packagekitd_.get(), systemd_.get()})
    asked = peer->serve([&](sd_bus_message* call) { return handle(call, *peer); }) || asked;
  flush();  // behind the answers; packagekitd may be another one now
  return asked;
}

sdk::Task<sdk::Result<sdk::BusMessage>> WireHost::call(sdk::BusCall call) {
  ++asked_;
  const io::ScopeGuard answered([this] { --asked_; });
  co_return co_await wire_->call(std::move(call));
}

sdk::Task<sdk::Result<std::unique_ptr<sdk::BusSignals>>> WireHost::subscribe(sdk::BusMatch match) {
  ++asked_;
  const io::ScopeGuard answered([this] { --asked_; });
  co_return co_await wire_->subscribe(std::move(match));
}

// The bus hands on in the order in which it is sent, so whoever has an answer of it has everything before that, too.
void WireHost::arrive() {
  const auto ask_peers = [&] {
    for (const auto& peer : {packagekitd_.get(), systemd_.get()})
      sound(sd_bus_call_method(peer->bus(), kBus, "/", kBus, "GetId", nullptr, nullptr, nullptr));
  };
  ask_peers();
  bool back = false;
  std::optional<sdk::Result<sdk::BusMessage>> id;
  sdk::BusCall ask(kBus, "/", kBus, "GetId");
  start_task(context().get_executor(), keep_result(wire_->call(std::move(ask)), id), [&](const std::exception_ptr&) { back = true; });
  while (!back) {
    context().restart();
    context().run_one();
  }
  context().restart();
  context().poll();
  ask_peers();
}

bool WireHost::go_on() {
  const bool served = serve();
  arrive();
  if (serve() || served || asked_ > 0) {
    quiet_ = 0;
    return true;
  }
  if (++quiet_ < 2) return true;  // what has arrived may have ended it
  quiet_ = 0;
  if (endless.empty()) return jump();
  for (const auto& signal : endless) send(signal);
  flush();
  arrive();
  pass(std::chrono::seconds(10));
  return true;
}

}  // namespace upkeep::test
