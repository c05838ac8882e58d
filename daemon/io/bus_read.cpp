// SPDX-License-Identifier: Apache-2.0
// The reading half of bus_message.h, and the map of errors.
#include <algorithm>
#include <array>
#include <cerrno>

#include "io/bus_message.h"
#include "io/fd.h"

namespace upkeep::io {

using sdk::BusArray;
using sdk::BusDict;
using sdk::BusMessage;
using sdk::BusValue;
using sdk::Errc;
using sdk::Error;
using sdk::fail;
using sdk::Result;

namespace {

constexpr int kMaxDepth = 32;
constexpr std::size_t kMaxValues = 64 * 1024;

// Reads one message. The first failure sticks, and everything after it is empty.
class Reader {
 public:
  explicit Reader(sd_bus_message* message) : message_(message) {}

  // All values up to the end of the container.
  BusArray rest(int depth) {
    BusArray out;
    while (!failed() && sd_bus_message_at_end(message_, 0) == 0) out.push_back(value(depth));
    return out;
  }

  [[nodiscard]] bool failed() const { return !why_.empty(); }
  [[nodiscard]] const std::string& why() const { return why_; }

 private:
  BusValue value(int depth) {
    char type = 0;
    const char* peeked = nullptr;
    if (++values_ > kMaxValues) return refuse("more than " + std::to_string(kMaxValues) + " values");
    if (depth > kMaxDepth) return refuse("nested deeper than " + std::to_string(kMaxDepth));
    if (const int r = sd_bus_message_peek_type(message_, &type, &peeked); r <= 0) return refuse("malformed");
    const std::string contents = peeked ? peeked : "";
    switch (type) {
      case SD_BUS_TYPE_BOOLEAN:
        return basic<int>(type, [](int v) { return BusValue(v != 0); });
      case SD_BUS_TYPE_BYTE:
        return basic<std::uint8_t>(type, [](std::uint8_t v) { return BusValue(std::uint64_t{v}); });
      case SD_BUS_TYPE_UINT16:
        return basic<std::uint16_t>(type, [](std::uint16_t v) { return BusValue(std::uint64_t{v}); });
      case SD_BUS_TYPE_UINT32:
        return basic<std::uint32_t>(type, [](std::uint32_t v) { return BusValue(v); });
      case SD_BUS_TYPE_UINT64:
        return basic<std::uint64_t>(type, [](std::uint64_t v) { return BusValue(v); });
      case SD_BUS_TYPE_INT16:
        return basic<std::int16_t>(type, [](std::int16_t v) { return BusValue(std::int64_t{v}); });
      case SD_BUS_TYPE_INT32:
        return basic<std::int32_t>(type, [](std::int32_t v) { return BusValue(std::int64_t{v}); });
      case SD_BUS_TYPE_INT64:
        return basic<std::int64_t>(type, [](std::int64_t v) { return BusValue(v); });
      case SD_BUS_TYPE_DOUBLE:
        return basic<double>(type, [](double v) { return BusValue(v); });
      case SD_BUS_TYPE_STRING:
      case SD_BUS_TYPE_OBJECT_PATH:
      case SD_BUS_TYPE_SIGNATURE:
        return basic<const char*>(type, [](const char* v) { return BusValue(v); });
      case SD_BUS_TYPE_VARIANT:
        return inside(type, contents, [&] { return value(depth + 1); });
      case SD_BUS_TYPE_STRUCT:
        return inside(type, contents, [&] { return BusValue(rest(depth + 1)); });
      case SD_BUS_TYPE_ARRAY:
        if (contents.starts_with('{')) return inside(type, contents, [&] { return BusValue(entries(contents, depth + 1)); });
        return inside(type, contents, [&] { return BusValue(rest(depth + 1)); });
      default:
        return refuse(std::string("a value of type ") + type + ", which is not supported");
    }
  }

  BusDict entries(const std::string& braced, int depth) {
    const std::string contents = braced.substr(1, braced.size() - 2);
    BusDict out;
    while (!failed() && sd_bus_message_at_end(message_, 0) == 0) {
      if (sd_bus_message_enter_container(message_, SD_BUS_TYPE_DICT_ENTRY, contents.c_str()) <= 0) {
        refuse("malformed");
        break;
      }
      BusValue key = value(depth);
      BusValue held = value(depth);
      out.emplace_back(std::move(key), std::move(held));
      if (!failed() && sd_bus_message_exit_container(message_) < 0) refuse("malformed");
    }
    return out;
  }

  template <typename Raw, typename Make>
  BusValue basic(char type, Make make) {
    Raw raw{};
    if (sd_bus_message_read_basic(message_, type, &raw) <= 0) return refuse("malformed");
    return make(raw);
  }

  template <typename Read>
  BusValue inside(char type, const std::string& contents, Read read) {
    if (sd_bus_message_enter_container(message_, type, contents.c_str()) <= 0) return refuse("malformed");
    BusValue out = read();
    if (!failed() && sd_bus_message_exit_container(message_) < 0) return refuse("malformed");
    return out;
  }

  BusValue refuse(std::string why) {
    if (why_.empty()) why_ = std::move(why);
    return {};
  }

  sd_bus_message* message_;
  std::size_t values_ = 0;
  std::string why_;
};

std::string text_or_empty(const char* text) { return text ? text : ""; }

}  // namespace

Result<BusMessage> read_message(sd_bus_message* message) {
  BusMessage out;
  out.sender = text_or_empty(sd_bus_message_get_sender(message));
  out.path = text_or_empty(sd_bus_message_get_path(message));
  out.interface = text_or_empty(sd_bus_message_get_interface(message));
  out.member = text_or_empty(sd_bus_message_get_member(message));
  Reader reader(message);
  out.arguments = reader.rest(0);
  if (reader.failed())
    return fail(Errc::internal, "a message of " + out.sender + " " + out.interface + "." + out.member + ": " + reader.why());
  return out;
}

Error bus_error(const std::string& name, const std::string& text) {
  constexpr std::array<std::string_view, 4> kDenied = {"AccessDenied", "InteractiveAuthorizationRequired", "NotAuthorized",
                                                       "RefusedByPolicy"};
  constexpr std::array<std::string_view, 2> kTimeout = {"NoReply", "Timeout"};
  constexpr std::array<std::string_view, 3> kTransient = {"ServiceUnknown", "NameHasNoOwner", "Disconnected"};
  const auto last = std::string_view(name).substr(name.rfind('.') + 1);
  const auto among = [&](const auto& names) { return std::find(names.begin(), names.end(), last) != names.end(); };
  const Errc code = among(kDenied) ? Errc::denied : among(kTimeout) ? Errc::timeout : among(kTransient) ? Errc::transient : Errc::invalid;
  return Error(code, name + ": " + text);
}

Error lost_connection() { return bus_error("org.freedesktop.DBus.Error.Disconnected", "the connection to the system bus was lost"); }

std::optional<Error> error_in(sd_bus_message* reply) {
  if (sd_bus_is_open(sd_bus_message_get_bus(reply)) <= 0) return lost_connection();
  const sd_bus_error* error = sd_bus_message_get_error(reply);
  if (!error) return std::nullopt;
  return bus_error(error->name, text_or_empty(error->message));
}

}  // namespace upkeep::io
