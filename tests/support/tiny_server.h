// SPDX-License-Identifier: Apache-2.0
#pragma once
// A small HTTP/1.1 server on loopback, in the test's own loop: a path's answer is the bytes that it sends, right or wrong.

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/read_until.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace upkeep::test {

class TinyServer {
 public:
  explicit TinyServer(asio::io_context& context) : acceptor_(context, {asio::ip::address_v4::loopback(), 0}) {
    asio::co_spawn(context, accept(), asio::detached);
  }

  struct Reply {
    std::string bytes;
    bool close = false;  // afterwards
    bool never = false;  // says nothing at all, and keeps the connection
  };
  std::map<std::string, Reply> replies;  // by path with query; others get 404
  std::vector<std::string> requests;     // heads, and bodies after them
  int connections = 0;

  // A whole answer with its length.
  void answer(const std::string& path, const std::string& status_and_headers, const std::string& body = "") {
    replies[path].bytes = "HTTP/1.1 " + status_and_headers + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }
  [[nodiscard]] std::string url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + path;
  }

 private:
  using Socket = asio::ip::tcp::socket;

  asio::awaitable<void> accept() {
    for (;;) {
      Socket socket = co_await acceptor_.async_accept(asio::use_awaitable);
      ++connections;
      asio::co_spawn(acceptor_.get_executor(), serve(std::move(socket)), asio::detached);
    }
  }

  asio::awaitable<void> serve(Socket socket) {
    std::string input;
    for (;;) {
      const std::size_t head = co_await asio::async_read_until(socket, asio::dynamic_buffer(input), "\r\n\r\n", asio::use_awaitable);
      const auto length_at = input.find("Content-Length: ");
      const std::size_t length = length_at < head ? std::stoul(input.substr(length_at + 16)) : 0;
      while (input.size() < head + length) {
        std::string more(head + length - input.size(), '\0');
        const std::size_t n = co_await socket.async_read_some(asio::buffer(more), asio::use_awaitable);
        input += more.substr(0, n);
      }
      requests.push_back(input.substr(0, head + length));
      input.erase(0, head + length);
      const auto path_at = requests.back().find(' ') + 1;
      const auto found = replies.find(requests.back().substr(path_at, requests.back().find(' ', path_at) - path_at));
      Reply reply;
      if (found != replies.end()) reply = found->second;
      if (found == replies.end()) reply.bytes = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
      if (reply.never) {
        asio::steady_timer forever(socket.get_executor(), asio::steady_timer::time_point::max());
        co_await forever.async_wait(asio::use_awaitable);
      }
      co_await asio::async_write(socket, asio::buffer(reply.bytes), asio::use_awaitable);
      if (reply.close) co_return;
    }
  }

  asio::ip::tcp::acceptor acceptor_;
};

}  // namespace upkeep::test
