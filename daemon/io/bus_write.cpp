// SPDX-License-Identifier: Apache-2.0
// The writing half of bus_message.h.
#include <string_view>
#include <utility>

#include "io/bus_message.h"
#include "io/fd.h"

namespace upkeep::io {

using sdk::BusArray;
using sdk::BusDict;
using sdk::BusValue;
using sdk::Errc;
using sdk::fail;
using sdk::Result;

namespace {

// Length of the first complete type of a signature; 0: malformed.
std::size_t one_type(std::string_view signature) {
  if (signature.empty()) return 0;
  if (signature[0] == 'a') {
    const std::size_t inner = one_type(signature.substr(1));
    return inner == 0 ? 0 : inner + 1;
  }
  if (signature[0] != '(' && signature[0] != '{') return 1;
  const char close = signature[0] == '(' ? ')' : '}';
  std::size_t at = 1;
  while (at < signature.size() && signature[at] != close) {
    const std::size_t inner = one_type(signature.substr(at));
    if (inner == 0) return 0;
    at += inner;
  }
  return at < signature.size() ? at + 1 : 0;
}

// What D-Bus allows, and how deep a type can be nested in it.
constexpr std::size_t kMostSignature = 255;

// Of a value that does not say it itself.
std::string signature_of(const BusValue& value) {
  constexpr std::string_view kTypes[] = {"b", "x", "t", "d", "s", "as", "a{sv}"};
  return std::string(kTypes[value.any.index()]);
}

class Writer {
 public:
  explicit Writer(sd_bus_message* message) : message_(message) {}

  bool all(std::string_view signature, const BusArray& values) {
    for (const BusValue& value : values) {
      const std::size_t length = one_type(signature);
      if (length == 0 || !one(signature.substr(0, length), value)) return false;
      signature.remove_prefix(length);
    }
    return signature.empty();
  }

  bool one(std::string_view type, const BusValue& value) {
    switch (type[0]) {
      case 'b':
        return flag(value);
      case 'y':
        return integer<std::uint8_t>('y', value);
      case 'n':
        return integer<std::int16_t>('n', value);
      case 'q':
        return integer<std::uint16_t>('q', value);
      case 'i':
        return integer<std::int32_t>('i', value);
      case 'u':
        return integer<std::uint32_t>('u', value);
      case 'x':
        return integer<std::int64_t>('x', value);
      case 't':
        return integer<std::uint64_t>('t', value);
      case 'd':
        return basic<double>('d', value);
      case 's':
      case 'o':
      case 'g':
        return text(type[0], value);
      case 'v':
        if (const auto* typed = std::get_if<sdk::BusVariant>(&value.any)) return variant(*typed);
        return variant(signature_of(value), value);
      case '(': {
        const auto* fields = std::get_if<BusArray>(&value.any);
        const std::string inner(type.substr(1, type.size() - 2));
        return fields && open('r', inner) && all(inner, *fields) && close();
      }
      case 'a':
        return array(type.substr(1), value);
      default:
        return false;
    }
  }

 private:
  bool variant(const sdk::BusVariant& typed) {
    const auto& signature = typed.signature;
    const bool one_of_one = typed.content.size() == 1 && signature.size() <= kMostSignature && one_type(signature) == signature.size();
    return one_of_one && variant(signature, typed.content.front());
  }
  bool variant(const std::string& type, const BusValue& value) { return open('v', type) && one(type, value) && close(); }

  bool array(std::string_view element, const BusValue& value) {
    if (!element.starts_with('{')) {
      const auto* items = std::get_if<BusArray>(&value.any);
      if (!items || !open('a', std::string(element))) return false;
      for (const BusValue& item : *items)
        if (!one(element, item)) return false;
      return close();
    }
    const auto* entries = std::get_if<BusDict>(&value.any);
    const std::string inner(element.substr(1, element.size() - 2));
    if (!entries || inner.size() < 2 || !open('a', std::string(element))) return false;
    for (const auto& [key, held] : *entries)
      if (!open('e', inner) || !one(inner.substr(0, 1), key) || !one(std::string_view(inner).substr(1), held) || !close()) return false;
    return close();
  }

  bool flag(const BusValue& value) {
    const auto* held = std::get_if<bool>(&value.any);
    const int raw = held && *held ? 1 : 0;
    return held && sd_bus_message_append_basic(message_, 'b', &raw) >= 0;
  }

  template <typename Raw>
  bool integer(char type, const BusValue& value) {
    const auto append = [&](auto held) {
      const Raw raw = static_cast<Raw>(held);
      return std::in_range<Raw>(held) && sd_bus_message_append_basic(message_, type, &raw) >= 0;
    };
    if (const auto* held = std::get_if<std::int64_t>(&value.any)) return append(*held);
    if (const auto* held = std::get_if<std::uint64_t>(&value.any)) return append(*held);
    return false;
  }

  template <typename Raw>
  bool basic(char type, const BusValue& value) {
    const auto* held = std::get_if<Raw>(&value.any);
    return held && sd_bus_message_append_basic(message_, type, held) >= 0;
  }

  bool text(char type, const BusValue& value) {
    const auto* held = std::get_if<std::string>(&value.any);
    return held && held->find('\0') == std::string::npos && sd_bus_message_append_basic(message_, type, held->c_str()) >= 0;
  }

  bool open(char type, const std::string& contents) { return sd_bus_message_open_container(message_, type, contents.c_str()) >= 0; }
  bool close() { return sd_bus_message_close_container(message_) >= 0; }

  sd_bus_message* message_;
};

}  // namespace

Result<void> write_arguments(sd_bus_message* message, const std::string& signature, const BusArray& arguments) {
  Writer writer(message);
  std::string_view rest = signature;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::size_t length = one_type(rest);
    if (length == 0 || !writer.one(rest.substr(0, length), arguments[i]))
      return fail(Errc::invalid, "argument " + std::to_string(i + 1) + " does not fit the signature " + signature);
    rest.remove_prefix(length);
  }
  if (!rest.empty()) return fail(Errc::invalid, "fewer arguments than the signature " + signature);
  return {};
}

}  // namespace upkeep::io
