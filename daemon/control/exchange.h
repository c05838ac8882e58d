// SPDX-License-Identifier: Apache-2.0
#pragma once
// One request on its way through the server, from its first header to its last byte. Owned by the server; a coroutine
// that will answer it holds a weak pointer only.

#include <microhttpd.h>

#include <asio/posix/stream_descriptor.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "control/answer.h"
#include "control/event_queue.h"
#include "control/traffic.h"

namespace upkeep::control {

class Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  // `resumed` is called after each resumption: libmicrohttpd must run soon. Answers are counted in `traffic`.
  Exchange(MHD_Connection* connection, Traffic& traffic, std::function<void()> resumed)
      : connection_(connection), traffic_(traffic), resumed_(std::move(resumed)) {}
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // Body bytes; those beyond `most` are dropped and remembered as too many. false: it is time to stop listening.
  [[nodiscard]] bool take(const char* data, std::size_t size, std::size_t most);
  [[nodiscard]] const std::string& body() const { return body_; }
  [[nodiscard]] bool too_large() const { return too_large_; }

  // Waits for set_answer.
  void suspend();
  void set_answer(Answer answer);
  [[nodiscard]] const std::optional<Answer>& later_answer() const { return answer_; }
  // The server ends: nothing more is waited for, only what waits to be read may still be.
  void abandon();

  // Hands the answer to libmicrohttpd.
  MHD_Result send(const Answer& answer);
  // Answers with a stream that lasts until the queue or the client ends.
  MHD_Result stream(std::unique_ptr<EventQueue> queue, const asio::any_io_executor& executor);

 private:
  static ssize_t read_stream(void* self, std::uint64_t position, char* to, std::size_t room);
  void watch_for_hangup(const asio::any_io_executor& executor);
  void resume();

  MHD_Connection* connection_;
  Traffic& traffic_;
  std::function<void()> resumed_;
  std::string body_;
  bool too_large_ = false;
  std::size_t dropped_ = 0;
  bool suspended_ = false;
  std::optional<Answer> answer_;
  std::unique_ptr<EventQueue> queue_;
  std::optional<asio::posix::stream_descriptor> hangup_;  // a copy of the client's descriptor
};

}  // namespace upkeep::control
