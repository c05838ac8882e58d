// SPDX-License-Identifier: Apache-2.0
// Signals: none is missed after subscribe returned, none is taken from an impostor, and a flood is bounded.

#include <gtest/gtest.h>

#include "io/bus.h"
#include "support/private_bus.h"

namespace upkeep::io {
namespace {

using namespace std::chrono_literals;
using sdk::BusMatch;
using sdk::Errc;

BusMatch from(const std::string& sender, const std::string& member = "") {
  BusMatch match;
  match.sender = sender;
  match.member = member;
  return match;
}

struct IoBusSignals : testing::Test {
  test::RealLoop loop;
  test::PrivateBus daemon{loop};
  SdBus bus{loop.executor()};
  test::BusPeer peer;

  std::unique_ptr<sdk::BusSignals> subscribe(BusMatch match) {
    auto signals = loop.run(bus.subscribe(std::move(match)));
    if (!signals) throw std::runtime_error(signals.error().message);
    return std::move(*signals);
  }
  std::string next(sdk::BusSignals& signals) {
    const auto signal = loop.run(signals.next());
    return signal ? signal->at(0).text() : "error: " + signal.error().message;
  }
  void emit(const std::string& text, const char* member = "Happened", const char* path = "/a") {
    peer.emit(path, "org.example.Peer", member, text);
  }
};

TEST_F(IoBusSignals, EverySignalSentAfterSubscribingArrivesInOrder) {
  peer.own("org.example.Peer");
  const auto signals = subscribe(from("org.example.Peer"));
  for (int i = 0; i < 100; ++i) emit(std::to_string(i));
  for (int i = 0; i < 100; ++i) ASSERT_EQ(next(*signals), std::to_string(i));
  emit("last");
  const auto last = loop.run(signals->next());
  ASSERT_TRUE(last);
  EXPECT_EQ(last->path, "/a");
  EXPECT_EQ(last->interface, "org.example.Peer");
  EXPECT_EQ(last->member, "Happened");
}

TEST_F(IoBusSignals, EachSubscriptionGetsWhatItMatchesOnly) {
  peer.own("org.example.Peer");
  BusMatch narrow;
  narrow.sender = "org.example.Peer";
  narrow.path = "/b";
  narrow.interface = "org.example.Peer";
  narrow.member = "Happened";
  narrow.arg0 = "right";
  const auto all = subscribe(BusMatch{});
  const auto one = subscribe(narrow);
  emit("right", "Happened", "/a");
  emit("right", "Ended", "/b");
  emit("wrong", "Happened", "/b");
  emit("right", "Happened", "/b");
  EXPECT_EQ(next(*one), "right");
  const auto more = loop.start(one->next());
  emit("end");
  std::string last;
  while (last != "end") {
    last = next(*all);
    ASSERT_FALSE(last.starts_with("error")) << last;
  }
  loop.settle();
  EXPECT_FALSE(more->done);
}

TEST_F(IoBusSignals, SeesNamesComeAndGo) {
  auto match = from("org.freedesktop.DBus", "NameOwnerChanged");
  match.arg0 = "org.example.Peer";
  const auto signals = subscribe(match);
  peer.own("org.example.Peer");
  peer.disown("org.example.Peer");
  const auto came = loop.run(signals->next());
  ASSERT_TRUE(came);
  EXPECT_EQ(came->at(1).text(), "");
  EXPECT_TRUE(came->at(2).text().starts_with(":1."));
  EXPECT_EQ(loop.run(signals->next())->at(2).text(), "");
}

TEST_F(IoBusSignals, AnImpostorIsNotHeard) {
  peer.own("org.example.Peer");
  const auto signals = subscribe(from("org.example.Peer"));
  const auto names = subscribe(from("org.freedesktop.DBus", "NameOwnerChanged"));
  // Our own connection's name, which anybody can find out.
  sdk::BusCall list("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "ListNames");
  test::BusPeer impostor;
  impostor.own("org.example.Impostor");
  const auto all = loop.run(bus.call(list));
  ASSERT_TRUE(all);
  for (const auto& name : all->at(0).items()) {
    if (!name.text().starts_with(':')) continue;
    impostor.emit("/a", "org.example.Peer", "Happened", "forged", name.text().c_str());
    impostor.emit("/org/freedesktop/DBus", "org.freedesktop.DBus", "NameOwnerChanged", "forged", name.text().c_str());
  }
  emit("genuine");
  EXPECT_EQ(next(*signals), "genuine");
  std::string name;
  while (name != "org.example.Impostor") {
    name = next(*names);
    ASSERT_NE(name, "forged");
    ASSERT_FALSE(name.starts_with("error")) << name;
  }
}

TEST_F(IoBusSignals, ANameIsFollowedToItsNewOwner) {
  const auto signals = subscribe(from("org.example.Peer"));  // nobody owns it yet
  emit("too early");
  peer.own("org.example.Peer");
  emit("first owner");
  EXPECT_EQ(next(*signals), "first owner");
  peer.disown("org.example.Peer");
  emit("no owner any more");
  test::BusPeer successor;
  successor.own("org.example.Peer");
  emit("a stranger now");
  successor.emit("/a", "org.example.Peer", "Happened", "second owner");
  EXPECT_EQ(next(*signals), "second owner");
}

TEST_F(IoBusSignals, AFloodIsBoundedAndTheGapIsSaidOnce) {
  const auto flooded = subscribe(from("", "Happened"));
  const auto end = subscribe(from("", "Ended"));
  for (int i = 0; i < 5000; ++i) emit(std::to_string(i));
  emit("", "Ended");
  next(*end);
  for (int i = 0; i < 4096; ++i) ASSERT_EQ(next(*flooded), std::to_string(i));
  const auto gap = loop.run(flooded->next());
  ASSERT_FALSE(gap);
  EXPECT_EQ(gap.error().code, Errc::internal);
  emit("after");
  EXPECT_EQ(next(*flooded), "after");
}

TEST_F(IoBusSignals, AFloodOfLongTextsIsBoundedByTheirLength) {
  const auto flooded = subscribe(from("", "Happened")), end = subscribe(from("", "Ended"));
  const std::string mebibyte(std::size_t{1} << 20, 'x');
  for (int i = 0; i < 70; ++i) {
    emit(mebibyte);
    emit("", "Ended");
    next(*end);
  }
  for (int i = 0; i < 64; ++i) ASSERT_EQ(next(*flooded), mebibyte);
  EXPECT_EQ(next(*flooded), "error: more than 4096 signals waited, or 64 MiB; some are lost");
  emit("after");
  EXPECT_EQ(next(*flooded), "after");
}

TEST_F(IoBusSignals, ADroppedSubscriptionRemovesItsMatch) {
  auto signals = subscribe(from("", "Happened"));
  const auto rules = [&] {
    sdk::BusCall ask("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus.Debug.Stats", "GetAllMatchRules");
    const auto answer = loop.run(bus.call(ask));
    std::size_t count = 0;
    if (answer)
      for (const auto& [name, list] : std::get<sdk::BusDict>(answer->at(0).any)) count += list.items().size();
    return count;
  };
  ASSERT_EQ(rules(), 1U);
  signals.reset();
  EXPECT_EQ(rules(), 0U);
  const auto other = subscribe(from("", "Happened"));
  daemon.end();
  EXPECT_EQ(loop.run(other->next()).error().code, Errc::transient);  // who is gone is not told of the loss
}

TEST_F(IoBusSignals, ALostConnectionEndsWhatWasQueuedFirst) {
  const auto signals = subscribe(from("", "Happened"));
  const auto end = subscribe(from("", "Ended"));
  emit("queued");
  emit("", "Ended");
  next(*end);
  const auto waiting = loop.start(end->next());
  daemon.end();
  loop.until([&] { return waiting->done; });
  EXPECT_EQ((*waiting->value).error().code, Errc::transient);
  EXPECT_EQ(next(*signals), "queued");
  EXPECT_EQ(loop.run(signals->next()).error().code, Errc::transient);
  EXPECT_EQ(loop.run(signals->next()).error().code, Errc::transient);
  EXPECT_EQ(loop.run(bus.subscribe({})).error().code, Errc::transient);
  daemon.begin();
  const auto again = subscribe(from("", "Happened"));
  test::BusPeer other;
  other.emit("/a", "org.example.Peer", "Happened", "again");
  EXPECT_EQ(next(*again), "again");
}

TEST_F(IoBusSignals, WaitingCanBeCancelledAndGoneOnWith) {
  const auto signals = subscribe(from("", "Happened"));
  const auto waiting = loop.start(signals->next());
  loop.settle();
  waiting->cancel();
  loop.until([&] { return waiting->done; });
  emit("still here");
  EXPECT_EQ(next(*signals), "still here");
}

TEST_F(IoBusSignals, AMatchThatTheBusCouldMisreadIsInvalid) {
  BusMatch broader;
  broader.arg0 = "x',member='Other";
  EXPECT_EQ(loop.run(bus.subscribe(broader)).error().code, Errc::invalid);
  EXPECT_EQ(loop.run(bus.subscribe(from("", "no such member!"))).error().code, Errc::invalid);
  emit("the connection lives on");
  EXPECT_NE(subscribe(BusMatch{}), nullptr);
}

}  // namespace
}  // namespace upkeep::io
