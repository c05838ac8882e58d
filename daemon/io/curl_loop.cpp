// SPDX-License-Identifier: Apache-2.0
#include "io/curl_loop.h"

#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "io/scope_guard.h"
#include "io/waiter.h"

namespace upkeep::io {

namespace {

constexpr long kKeptConnections = 16;

struct Done {
  explicit Done(const asio::any_io_executor& executor) : waiter(executor) {}
  CURLcode code = CURLE_OK;
  Waiter waiter;
};

CURLM* make_multi() {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  CURLM* multi = ready == CURLE_OK ? curl_multi_init() : nullptr;
  if (!multi) throw std::runtime_error("libcurl cannot start");
  return multi;
}

Fd make_epoll() {
  Fd fd(epoll_create1(EPOLL_CLOEXEC));
  if (!fd) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  return fd;
}

}  // namespace

CurlLoop::CurlLoop(const asio::any_io_executor& executor)
    : executor_(executor), epoll_(make_epoll()), multi_(make_multi()), timer_(executor), pump_(executor, epoll_.get(), [this] { pump(); }) {
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &CurlLoop::on_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &CurlLoop::on_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, kKeptConnections);
}

CurlLoop::~CurlLoop() {
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, nullptr);
  curl_multi_cleanup(multi_);
}

sdk::Task<std::optional<CURLcode>> CurlLoop::perform(std::shared_ptr<CurlLoop> loop, CURL* easy) {
  Done done(loop->executor_);
  curl_easy_setopt(easy, CURLOPT_PRIVATE, &done);
  if (curl_multi_add_handle(loop->multi_, easy) != CURLM_OK) co_return CURLE_FAILED_INIT;
  const ScopeGuard remove([&] { curl_multi_remove_handle(loop->multi_, easy); });
  const Woken woken = co_await done.waiter.wait();
  if (woken == Woken::cancelled) co_return std::nullopt;
  co_return done.code;
}

// An error from here would end all transfers, and libcurl may speak of descriptors that are closed or new again: ignored.
int CurlLoop::on_socket(CURL* /*easy*/, curl_socket_t socket, int what, void* self, void* /*known*/) {
  const int epoll = static_cast<CurlLoop*>(self)->epoll_.get();
  if (what == CURL_POLL_REMOVE) {
    epoll_ctl(epoll, EPOLL_CTL_DEL, socket, nullptr);
    return 0;
  }
  epoll_event event{};
  event.events = (what & CURL_POLL_IN ? EPOLLIN : 0u) | (what & CURL_POLL_OUT ? EPOLLOUT : 0u);
  event.data.fd = socket;
  if (epoll_ctl(epoll, EPOLL_CTL_MOD, socket, &event) != 0) epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event);
  return 0;
}

// Only sets our timer, also when the time is now: acting from here would be recursion.
int CurlLoop::on_timer(CURLM* /*multi*/, long timeout_ms, void* self) {
  auto& loop = *static_cast<CurlLoop*>(self);
  if (timeout_ms < 0) {
    loop.timer_.cancel();
    return 0;
  }
  loop.timer_.expires_after(std::chrono::milliseconds(timeout_ms));
  loop.timer_.async_wait([weak = loop.weak_from_this()](const asio::error_code& ec) {
    if (const auto alive = weak.lock(); alive && !ec) {
      alive->act(CURL_SOCKET_TIMEOUT, 0);
      alive->reap();
    }
  });
  return 0;
}

void CurlLoop::pump() {
  std::array<epoll_event, 32> events;
  const int count = epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), 0);
  for (int i = 0; i < count; ++i) {
    const std::uint32_t seen = events[static_cast<std::size_t>(i)].events;
    act(events[static_cast<std::size_t>(i)].data.fd, (seen & EPOLLIN ? CURL_CSELECT_IN : 0) | (seen & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                                                         (seen & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0));
  }
  reap();
}

void CurlLoop::act(curl_socket_t socket, int events) {
  int running = 0;
  curl_multi_socket_action(multi_, socket, events, &running);
}

void CurlLoop::reap() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    Done* done = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &done);
    done->code = message->data.result;
    done->waiter.notify();
  }
}

}  // namespace upkeep::io
