// SPDX-License-Identifier: Apache-2.0
#pragma once
// The system bus (D-Bus), as values: no library type reaches a plugin.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "sdk/result.h"
#include "sdk/task.h"
#include "sdk/time.h"

namespace upkeep::sdk {

struct BusValue;
using BusArray = std::vector<BusValue>;                      // arrays and structs
using BusDict = std::vector<std::pair<BusValue, BusValue>>;  // a{..}

// A variant of a type that its value does not tell: "a(sasb)", or an empty list of anything. Only for what is sent; one that arrives is
// its content.
struct BusVariant {
  std::string signature;  // of the one value in it
  BusArray content;
};

// One value. All integers are widened; a variant is its content. Depth is bounded when read.
struct BusValue {
  using Any = std::variant<bool, std::int64_t, std::uint64_t, double, std::string, BusArray, BusDict, BusVariant>;
  BusValue() : any(false) {}
  // Implicit on purpose, so that a call's arguments read as literals.
  BusValue(bool value) : any(value) {}
  BusValue(int value) : any(std::int64_t{value}) {}
  BusValue(std::int64_t value) : any(value) {}
  BusValue(std::uint32_t value) : any(std::uint64_t{value}) {}
  BusValue(std::uint64_t value) : any(value) {}
  BusValue(double value) : any(value) {}
  BusValue(const char* text) : any(std::string(text)) {}
  BusValue(std::string text) : any(std::move(text)) {}
  BusValue(BusArray items) : any(std::move(items)) {}
  BusValue(BusDict dict) : any(std::move(dict)) {}
  BusValue(BusVariant variant) : any(std::move(variant)) {}
  Any any;

  // The value as T, or the fallback when it is something else.
  [[nodiscard]] std::string text(std::string_view fallback = "") const;
  [[nodiscard]] std::uint64_t number(std::uint64_t fallback = 0) const;  // unsigned, signed (not negative) or bool
  [[nodiscard]] bool flag(bool fallback = false) const;
  [[nodiscard]] const BusArray& items() const;                     // empty when no array
  [[nodiscard]] const BusValue* find(std::string_view key) const;  // of a dict with text keys
};

// A message that arrived.
struct BusMessage {
  std::string sender, path, interface, member;
  BusArray arguments;
  // Argument i, or an empty value when there are fewer.
  [[nodiscard]] const BusValue& at(std::size_t i) const;
};

struct BusCall {
  BusCall(std::string destination_, std::string path_, std::string interface_, std::string member_)
      : destination(std::move(destination_)), path(std::move(path_)), interface(std::move(interface_)), member(std::move(member_)) {}
  std::string destination, path, interface, member;
  std::string signature;  // of the arguments; in a{sv}, v is a basic value, as or a{sv}, or says what it is (BusVariant)
  BusArray arguments;
  Millis timeout = std::chrono::seconds(25);
};

// What to receive; empty fields match anything.
struct BusMatch {
  std::string sender, path, interface, member, arg0;
};

// A stream of signals. Dropping it removes the match. At most 4096 wait, or 64 MiB of text; more is Errc::internal once.
class BusSignals {
 public:
  virtual ~BusSignals() = default;
  // The next one; Errc::transient when the connection to the bus was lost.
  virtual Task<Result<BusMessage>> next() = 0;
};

class Bus {
 public:
  virtual ~Bus() = default;
  // A D-Bus error becomes: denied (AccessDenied, InteractiveAuthorizationRequired, NotAuthorized, RefusedByPolicy),
  // timeout (NoReply, Timeout), transient (ServiceUnknown, NameHasNoOwner, Disconnected, no bus), invalid (all else);
  // the message starts with the error's name.
  virtual Task<Result<BusMessage>> call(BusCall call) = 0;
  // Returns once the bus has installed the match: signals sent after that are received.
  virtual Task<Result<std::unique_ptr<BusSignals>>> subscribe(BusMatch match) = 0;
};

}  // namespace upkeep::sdk
