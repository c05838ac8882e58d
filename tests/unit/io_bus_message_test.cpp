// SPDX-License-Identifier: Apache-2.0
// Values into a message and back, and messages that ask too much.

#include <gtest/gtest.h>

#include <limits>

#include "io/bus_message.h"
#include "support/private_bus.h"

namespace upkeep::io {
namespace {

using sdk::BusArray;
using sdk::BusDict;
using sdk::BusValue;
using sdk::BusVariant;
using sdk::Errc;

std::string text(const BusValue& value);
std::string text(const BusArray& items) {
  std::string out;
  for (const auto& item : items) out += (out.empty() ? "" : ", ") + text(item);
  return out;
}
std::string text(const BusValue& value) {
  struct Print {
    std::string operator()(bool v) const { return v ? "true" : "false"; }
    std::string operator()(std::int64_t v) const { return std::to_string(v); }
    std::string operator()(std::uint64_t v) const { return std::to_string(v) + "u"; }
    std::string operator()(double v) const { return std::to_string(v); }
    std::string operator()(const std::string& v) const { return "'" + v + "'"; }
    std::string operator()(const BusArray& v) const { return "[" + text(v) + "]"; }
    std::string operator()(const BusVariant& v) const { return "a variant " + v.signature + ", which never arrives"; }
    std::string operator()(const BusDict& v) const {
      std::string out;
      for (const auto& [key, held] : v) out += (out.empty() ? "" : ", ") + text(key) + ": " + text(held);
      return "{" + out + "}";
    }
  };
  return std::visit(Print(), value.any);
}

struct IoBusMessage : testing::Test {
  test::RealLoop loop;
  test::PrivateBus daemon{loop};
  test::BusPeer peer;

  struct Message {
    explicit Message(sd_bus* bus) { sd_bus_message_new_method_call(bus, &raw, "a.b", "/", "a.b", "C"); }
    ~Message() { sd_bus_message_unref(raw); }
    Message(const Message&) = delete;
    Message& operator=(const Message&) = delete;
    sd_bus_message* raw = nullptr;
  };
  // What arrives of arguments that are written by this signature.
  std::string round_trip(const std::string& signature, const BusArray& arguments) {
    const Message message(peer.bus());
    if (const auto written = write_arguments(message.raw, signature, arguments); !written) return written.error().message;
    return read(message.raw);
  }
  static std::string read(sd_bus_message* message) {
    if (sd_bus_message_seal(message, 1, 0) < 0) return "not to be sealed";
    const auto back = read_message(message);
    return back ? text(back->arguments) : back.error().message;
  }
};

TEST_F(IoBusMessage, EveryBasicTypeArrivesAsItIs) {
  EXPECT_EQ(round_trip("bbynqiuxtdsog", {true, false, 255, -32768, 65535, std::numeric_limits<int>::min(), std::uint32_t{4294967295},
                                         std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::uint64_t>::max(), 0.5, "text",
                                         "/a/path", "a{sv}"}),
            "true, false, 255u, -32768, 65535u, -2147483648, 4294967295u, -9223372036854775808, 18446744073709551615u, 0.500000, 'text', "
            "'/a/path', 'a{sv}'");
}

TEST_F(IoBusMessage, SoDoArraysDictionariesStructuresAndVariants) {
  EXPECT_EQ(round_trip("as", {BusValue(BusArray{"a", "b"})}), "['a', 'b']");
  EXPECT_EQ(round_trip("asau", {BusArray{}, BusArray{1, 2}}), "[], [1u, 2u]");
  EXPECT_EQ(round_trip("a{sv}", {BusDict{{"a", 1}, {"b", "text"}, {"c", true}, {"d", BusArray{"x"}}, {"e", BusDict{{"f", 2.0}}}}}),
            "{'a': 1, 'b': 'text', 'c': true, 'd': ['x'], 'e': {'f': 2.000000}}");
  EXPECT_EQ(round_trip("a(sas)(i(s))", {BusArray{BusArray{"a", BusArray{"b"}}}, BusArray{1, BusArray{"c"}}}), "[['a', ['b']]], [1, ['c']]");
  EXPECT_EQ(round_trip("a{s}", {BusDict{}}), "argument 1 does not fit the signature a{s}");
}

TEST_F(IoBusMessage, AVariantMaySayItsOwnType) {
  const BusArray command{"/bin/true", BusArray{"/bin/true", "-x"}, false};
  EXPECT_EQ(
      round_trip("sa(sv)a(sa(sv))",
                 {"a.service",
                  BusArray{BusArray{"ExecStart", BusVariant{"a(sasb)", {BusArray{command}}}}, BusArray{"Number", BusVariant{"u", {7}}},
                           BusArray{"None", BusVariant{"a(ii)", {BusArray{}}}}, BusArray{"Type", "oneshot"}},
                  BusArray{}}),
      "'a.service', [['ExecStart', [['/bin/true', ['/bin/true', '-x'], false]]], ['Number', 7u], ['None', []], ['Type', 'oneshot']], []");
  EXPECT_EQ(round_trip("v", {BusVariant{"v", {BusVariant{"i", {1}}}}}), "1");
}

TEST_F(IoBusMessage, AVariantThatSaysWhatItIsNotIsRefused) {
  const std::string deep = std::string(300, 'a') + "s";
  const std::vector<BusVariant> bad = {{"u", {-1}},
                                       {"s", {1}},
                                       {"", {"a"}},
                                       {"ss", {"a"}},
                                       {"s", {}},
                                       {"s", {"a", "b"}},
                                       {"(s", {"a"}},
                                       {"a(ss)", {BusArray{BusArray{"a"}}}},
                                       {deep, {BusArray{}}},
                                       {"a{vs}", {BusDict{{"a", "b"}}}}};
  for (const auto& variant : bad)
    EXPECT_EQ(round_trip("sv", {"ok", variant}), "argument 2 does not fit the signature sv") << variant.signature;
  EXPECT_EQ(round_trip("ss", {"ok", BusVariant{"s", {"a"}}}), "argument 2 does not fit the signature ss");
}

TEST_F(IoBusMessage, AValueThatDoesNotFitIsNamed) {
  const std::vector<std::pair<std::string, BusArray>> bad = {
      {"su", {"ok", -1}},      {"su", {"ok", std::uint64_t{1} << 32}}, {"si", {"ok", "1"}},           {"sy", {"ok", 256}},
      {"sb", {"ok", 1}},       {"ss", {"ok", std::string("a\0b", 3)}}, {"so", {"ok", "no path"}},     {"sas", {"ok", BusArray{"a", 1}}},
      {"sa{ss}", {"ok", "a"}}, {"s(ss)", {"ok", BusArray{"a"}}},       {"s(", {"ok", BusArray{"a"}}}, {"sh", {"ok", 1}},
      {"s", {"ok", "more"}},   {"sg", {"ok", "no signature!"}},        {"s\xff", {"ok", 1}},
  };
  for (const auto& [signature, arguments] : bad)
    EXPECT_EQ(round_trip(signature, arguments), "argument 2 does not fit the signature " + signature);
  EXPECT_EQ(round_trip("ss", {"ok"}), "fewer arguments than the signature ss");
}

TEST_F(IoBusMessage, WhatIsNestedTooDeepIsRefused) {
  const auto nested = [&](int depth) {
    const Message message(peer.bus());
    for (int i = 0; i < depth; ++i) sd_bus_message_open_container(message.raw, 'v', i + 1 < depth ? "v" : "s");
    sd_bus_message_append(message.raw, "s", "core");
    for (int i = 0; i < depth; ++i) sd_bus_message_close_container(message.raw);
    return read(message.raw);
  };
  EXPECT_EQ(nested(32), "'core'");
  EXPECT_EQ(nested(33), "a message of  a.b.C: nested deeper than 32");
}

TEST_F(IoBusMessage, ValuesAreCounted) {
  const auto bytes = [&](std::size_t count) {
    const Message message(peer.bus());
    const std::string many(count, 'x');
    sd_bus_message_append_array(message.raw, 'y', many.data(), many.size());
    sd_bus_message_seal(message.raw, 1, 0);
    return read_message(message.raw);
  };
  EXPECT_EQ(bytes(65'535)->at(0).items().size(), 65'535U);
  EXPECT_EQ(bytes(65'536).error().code, Errc::internal);
}

TEST_F(IoBusMessage, DescriptorsAreNotTaken) {
  const Message message(peer.bus());
  sd_bus_message_append(message.raw, "h", 0);
  EXPECT_EQ(read(message.raw), "a message of  a.b.C: a value of type h, which is not supported");
}

}  // namespace
}  // namespace upkeep::io
