// SPDX-License-Identifier: Apache-2.0
#pragma once
// A control server on a real unix socket in a folder of its own, an engine that only records what it is asked, and raw
// clients that may send any bytes. One thread: World::until lets the server work.

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <asio/io_context.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <list>

#include "control/server.h"
#include "support/temp_dir.h"

namespace upkeep::control_test {

using nlohmann::json;

class StillClock : public sdk::Clock {
 public:
  sdk::TimePoint time = sdk::parse_rfc3339("2027-01-05T02:00:00Z").value();
  [[nodiscard]] sdk::TimePoint now() const override { return time; }
  [[nodiscard]] sdk::BootTime boot_now() const override { return {}; }
  [[nodiscard]] std::string boot_id() const override { return "boot"; }
  [[nodiscard]] bool synchronized() const override { return true; }
  sdk::Task<void> sleep_for(sdk::Millis /*duration*/) override { co_return; }
  sdk::Task<void> sleep_until(sdk::TimePoint /*when*/) override { co_return; }
};

class RecordingFace : public engine::Face {
 public:
  explicit RecordingFace(asio::io_context& io) : gate_(io, asio::steady_timer::time_point::max()) {}

  json document = {{"agents", {{{"name", "web"}, {"phase", "idle"}, {"decision", {{"action", "none"}, {"reason", "up_to_date"}}}}}}};
  std::vector<std::string> trouble;
  bool is_ready = true;
  bool hold = false;   // commands wait for release()
  bool crash = false;  // commands throw
  std::optional<engine::Refusal> refuse;
  std::vector<std::pair<std::string, engine::Command>> commands;
  std::vector<std::string> reloads;  // actors' names
  std::vector<std::pair<sdk::TimePoint, sdk::TimePoint>> spans;
  std::list<engine::EventSink> sinks;

  void release() { gate_.cancel(); }
  void publish(const json& event) {
    for (auto& sink : sinks) sink(event);
  }

  engine::Reply status(const std::optional<std::string>& agent) override {
    if (agent && *agent != "web") return tl::unexpected<engine::Refusal>(engine::Refusal{"not_found", "no agent " + *agent});
    return document;
  }
  engine::Reply history(const std::optional<std::string>& agent, const std::string& operation) override {
    return json{{"operations", {agent.value_or("all of them") + operation}}};
  }
  sdk::Task<engine::Reply> schedule(std::string /*agent*/, sdk::TimePoint from, sdk::TimePoint until) override {
    spans.emplace_back(from, until);
    co_return json{{"windows", json::array()}};
  }
  sdk::Task<engine::Reply> command(std::string agent, engine::Command command) override {
    commands.emplace_back(agent, command);
    asio::error_code ignored;
    if (hold) co_await gate_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    if (crash) throw std::runtime_error("a bug");
    if (refuse) co_return tl::unexpected<engine::Refusal>(*refuse);
    co_return json{{"agent", agent}, {"done", true}};
  }
  sdk::Task<engine::Reply> reload(engine::Actor actor) override {
    reloads.push_back(actor.name);
    co_return json{{"ok", true}, {"errors", json::array()}};
  }
  engine::Figures numbers;
  engine::Figures figures() override { return numbers; }
  json version() override { return {{"version", "1.0.0"}, {"plugins", json::array()}}; }
  std::unique_ptr<engine::Subscription> subscribe(engine::EventSink sink) override {
    sinks.push_back(std::move(sink));
    struct Listener : engine::Subscription {
      Listener(std::list<engine::EventSink>& list_, std::list<engine::EventSink>::iterator place_) : list(list_), place(place_) {}
      ~Listener() override { list.erase(place); }
      std::list<engine::EventSink>& list;
      std::list<engine::EventSink>::iterator place;
    };
    return std::make_unique<Listener>(sinks, std::prev(sinks.end()));
  }
  std::vector<std::string> troubles() override { return trouble; }
  bool ready() override { return is_ready; }

 private:
  asio::steady_timer gate_;
};

// A connection that says exactly what it is told to. Its reads never wait.
class RawClient {
 public:
  explicit RawClient(int fd) : fd_(fd) {}
  ~RawClient() { close_now(); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool send(std::string_view bytes) { return ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size()); }
  void finish_sending() { shutdown(fd_, SHUT_WR); }
  void close_now() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  // All that came so far.
  const std::string& received() {
    char buffer[65536];
    ssize_t size = 0;
    while ((size = recv(fd_, buffer, sizeof buffer, MSG_DONTWAIT)) > 0) received_.append(buffer, static_cast<std::size_t>(size));
    ended_ = ended_ || size == 0 || (size < 0 && errno != EAGAIN);
    return received_;
  }
  bool ended() { return received(), ended_; }

 private:
  int fd_;
  std::string received_;
  bool ended_ = false;
};

struct Reply {
  int status = 0;
  std::string head, body;
  [[nodiscard]] json document() const { return json::parse(body, nullptr, false); }
  [[nodiscard]] std::string code() const { return document().value("/error/code"_json_pointer, std::string("none")); }
  [[nodiscard]] std::string message() const { return document().value("/error/message"_json_pointer, std::string("none")); }
};

class World {
 public:
  World() {
    options.socket = folder.path("control.sock");
    options.peer_of = [this](int fd) { return peer ? sdk::Result<control::Peer>(*peer) : control::peer_of_socket(fd); };
  }
  ~World() {
    server.reset();
    io.restart();
    io.poll();  // what commands still have to do must not need the server
  }

  sdk::Result<void> start() {
    server = std::make_unique<control::ControlServer>(io, face, clock, options,
                                                      [this](sdk::LogLevel, std::string_view line) { log.emplace_back(line); });
    return server->start();
  }

  // Lets everything work until the condition holds; false when it does not within 10 s.
  template <typename Condition>
  bool until(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      io.restart();
      io.run_one_for(std::chrono::milliseconds(5));
    }
    return true;
  }

  std::unique_ptr<RawClient> connect() {
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    options.socket.copy(address.sun_path, sizeof address.sun_path - 1);
    if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) ADD_FAILURE() << "no server at " << options.socket;
    return std::make_unique<RawClient>(fd);
  }

  // One request on a connection of its own.
  Reply ask(const std::string& method, const std::string& path, const std::string& body = "") {
    const auto client = connect();
    return ask_on(*client, method, path, body);
  }
  Reply ask_on(RawClient& client, const std::string& method, const std::string& path, const std::string& body = "") {
    client.send(method + " " + path + " HTTP/1.1\r\nHost: upkeep\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) +
                "\r\n\r\n" + body);
    EXPECT_TRUE(until([&] { return client.ended(); })) << "no answer to " << method << " " << path;
    return parse(client.received());
  }
  static Reply parse(const std::string& bytes) {
    const auto end = bytes.find("\r\n\r\n");
    if (end == std::string::npos || bytes.size() < 12) return {};
    return {std::stoi(bytes.substr(9, 3)), bytes.substr(0, end + 2), bytes.substr(end + 4)};
  }

  test::TempDir folder;
  asio::io_context io;
  RecordingFace face{io};
  StillClock clock;
  std::optional<control::Peer> peer;  // pretended
  control::Options options;
  std::vector<std::string> log;
  std::unique_ptr<control::ControlServer> server;
};

}  // namespace upkeep::control_test
