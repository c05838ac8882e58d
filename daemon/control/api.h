// SPDX-License-Identifier: Apache-2.0
#pragma once
// From an address and a caller to the engine's face: which addresses there are, who may use them, and nothing about
// sockets. Every refusal is an answer.

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "control/access.h"
#include "control/answer.h"
#include "control/body.h"
#include "control/event_queue.h"
#include "control/process_figures.h"
#include "control/traffic.h"
#include "engine/face.h"
#include "sdk/host.h"

namespace upkeep::control {

// Who is at the other end of a connection.
struct Caller {
  bool watcher = false;  // came over TCP: metrics and health, nothing else
  Peer peer;
  Access access = Access::none;
  std::string trouble;  // why the peer could not be judged
};

struct Request {
  std::string method;
  std::string path;  // as it came, not decoded
  Query query;
  std::string body;
  bool too_large = false;  // and the body is not here
};

// At once, later, or a stream.
using Response = std::variant<Answer, sdk::Task<Answer>, std::unique_ptr<EventQueue>>;

class Api {
 public:
  // `traffic` is counted by the server; the metrics page shows it.
  Api(engine::Face& face, sdk::Clock& clock, Groups groups, Traffic& traffic)
      : face_(face), clock_(clock), groups_(std::move(groups)), traffic_(traffic), process_(clock) {}
  // A task it returns does not need the Api any more.
  [[nodiscard]] Response handle(const Request& request, const Caller& caller);
  [[nodiscard]] const Groups& groups() const { return groups_; }

 private:
  struct Route;
  [[nodiscard]] Response handle_agent(const Route& route, const Request& request, const Caller& caller);
  [[nodiscard]] Answer health() const;
  [[nodiscard]] Answer forbidden(const Caller& caller);

  engine::Face& face_;
  sdk::Clock& clock_;
  Groups groups_;
  Traffic& traffic_;
  ProcessFigures process_;
  // A user's name may have to come over the network, and everybody waits meanwhile: nobody gets it looked up again and again.
  std::map<std::pair<uid_t, Access>, Answer> forbidden_;
};

}  // namespace upkeep::control
