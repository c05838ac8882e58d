// SPDX-License-Identifier: Apache-2.0
// Method calls on a real message bus, its errors, and its end.

#include <gtest/gtest.h>

#include "io/bus.h"
#include "support/private_bus.h"

namespace upkeep::io {
namespace {

using namespace std::chrono_literals;
using sdk::BusCall;
using sdk::Errc;

constexpr const char* kBus = "org.freedesktop.DBus";

BusCall ask_bus(const std::string& member, const std::string& signature = "", sdk::BusArray arguments = {}) {
  BusCall call(kBus, "/org/freedesktop/DBus", kBus, member);
  call.signature = signature;
  call.arguments = std::move(arguments);
  return call;
}

struct IoBus : testing::Test {
  test::RealLoop loop;
  test::PrivateBus daemon{loop};
  std::unique_ptr<SdBus> bus = std::make_unique<SdBus>(loop.executor());

  sdk::Result<sdk::BusMessage> call(BusCall what) { return loop.run(bus->call(std::move(what))); }
  // A call to a peer that answers with this error.
  sdk::Error error(const char* name) {
    test::BusPeer peer;
    peer.own("org.example.Peer");
    const auto started = loop.start(bus->call(BusCall("org.example.Peer", "/", "org.example.Peer", "Do")));
    loop.until([&] {
      peer.serve([&](sd_bus_message* m) { return sd_bus_reply_method_errorf(m, name, "because"); });
      return started->done;
    });
    return (*started->value).error();
  }
};

TEST_F(IoBus, CallsAndGivesWhatIsAnswered) {
  EXPECT_EQ(call(ask_bus("GetId"))->at(0).text().size(), 32U);
  const auto owner = call(ask_bus("GetNameOwner", "s", {kBus}));
  ASSERT_TRUE(owner) << owner.error().message;
  EXPECT_EQ(owner->at(0).text(), kBus);
  EXPECT_EQ(owner->sender, kBus);
  const auto names = call(ask_bus("ListNames"));
  ASSERT_TRUE(names);
  bool seen = false;
  for (const auto& name : names->at(0).items()) seen = seen || name.text() == kBus;
  EXPECT_TRUE(seen);
}

TEST_F(IoBus, ManyCallsRunAtOnce) {
  std::vector<std::shared_ptr<test::Started<sdk::Result<sdk::BusMessage>>>> all;
  for (int i = 0; i < 200; ++i) all.push_back(loop.start(bus->call(ask_bus("GetId"))));
  for (const auto& one : all) {
    loop.until([&] { return one->done; });
    EXPECT_TRUE(*one->value);
  }
}

TEST_F(IoBus, ErrorsAskForTheRightReactionAndBeginWithTheirName) {
  const std::vector<std::pair<const char*, Errc>> table = {
      {"org.freedesktop.DBus.Error.AccessDenied", Errc::denied},
      {"org.freedesktop.DBus.Error.InteractiveAuthorizationRequired", Errc::denied},
      {"org.freedesktop.PolicyKit1.Error.NotAuthorized", Errc::denied},
      {"org.freedesktop.PackageKit.Transaction.RefusedByPolicy", Errc::denied},
      {"org.freedesktop.DBus.Error.NoReply", Errc::timeout},
      {"org.freedesktop.DBus.Error.Timeout", Errc::timeout},
      {"org.freedesktop.DBus.Error.ServiceUnknown", Errc::transient},
      {"org.freedesktop.DBus.Error.NameHasNoOwner", Errc::transient},
      {"org.freedesktop.DBus.Error.Disconnected", Errc::transient},
      {"org.freedesktop.systemd1.NoSuchUnit", Errc::invalid},
  };
  for (const auto& [name, code] : table) {
    const auto refused = error(name);
    EXPECT_EQ(refused.code, code) << name;
    EXPECT_EQ(refused.message, std::string(name) + ": because (calling org.example.Peer.Do of org.example.Peer)");
  }
}

TEST_F(IoBus, AMissingServiceIsTransientAndAWrongCallInvalid) {
  EXPECT_EQ(call(BusCall("org.example.Nobody", "/", "org.example.Nobody", "Do")).error().code, Errc::transient);
  EXPECT_EQ(call(ask_bus("NoSuchMethod")).error().code, Errc::invalid);
  EXPECT_EQ(call(ask_bus("GetNameOwner")).error().code, Errc::invalid);
  for (const BusCall& bad : {BusCall("not a name", "/", "a.b", "C"), BusCall("a.b", "no/path", "a.b", "C"), BusCall("a.b", "/", "a b", "C"),
                             BusCall("a.b", "/", "a.b", "not a member")})
    EXPECT_EQ(call(bad).error().code, Errc::invalid);
}

TEST_F(IoBus, ACallThatNobodyAnswersIsATimeout) {
  ASSERT_TRUE(call(ask_bus("GetId")));  // on a connection that is idle, nothing else arms the timer
  test::BusPeer silent;
  silent.own("org.example.Silent");
  BusCall question("org.example.Silent", "/", "org.example.Silent", "Do");
  question.timeout = 50ms;
  const auto late = call(question);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Errc::timeout) << late.error().message;
}

TEST_F(IoBus, ALateAnswerToACancelledCallReachesNobody) {
  test::BusPeer peer;
  peer.own("org.example.Slow");
  const auto started = loop.start(bus->call(BusCall("org.example.Slow", "/", "org.example.Slow", "Do")));
  loop.settle();
  started->cancel();
  loop.until([&] { return started->done; });
  bool served = false;
  loop.until([&] { return served = served || peer.serve([](sd_bus_message* m) { return sd_bus_reply_method_return(m, "s", "late"); }); });
  EXPECT_TRUE(call(ask_bus("GetId")));
}

TEST_F(IoBus, WhenTheBusGoesEveryCallIsTransientUntilItIsBack) {
  test::BusPeer silent;
  silent.own("org.example.Silent");
  const auto waiting = loop.start(bus->call(BusCall("org.example.Silent", "/", "org.example.Silent", "Do")));
  ASSERT_TRUE(call(ask_bus("GetId")));
  daemon.end();
  loop.until([&] { return waiting->done; });
  ASSERT_TRUE(waiting->value && !*waiting->value);
  EXPECT_EQ((*waiting->value).error().code, Errc::transient);
  EXPECT_EQ((*waiting->value).error().message,
            "org.freedesktop.DBus.Error.Disconnected: the connection to the system bus was lost (calling org.example.Silent.Do of "
            "org.example.Silent)");
  const auto without = call(ask_bus("GetId"));
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().code, Errc::transient);
  daemon.begin();
  const auto again = call(ask_bus("GetId"));
  EXPECT_TRUE(again) << again.error().message;
}

TEST_F(IoBus, ACallMayOutliveTheBusObjectAndTheLoop) {
  test::BusPeer silent;
  silent.own("org.example.Silent");
  test::RealLoop short_loop;
  {
    SdBus short_lived(short_loop.executor());
    short_loop.start(short_lived.call(BusCall("org.example.Silent", "/", "org.example.Silent", "Do")));
    short_loop.start(short_lived.subscribe({}));
    short_loop.settle();
  }
  short_loop.settle();
}

}  // namespace
}  // namespace upkeep::io
