// SPDX-License-Identifier: Apache-2.0
#include "control/exchange.h"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

namespace upkeep::control {
namespace {

constexpr std::size_t kStreamBlock = 4096;
constexpr std::size_t kMostDropped = 1024 * 1024;  // of a body that is too long; who sends more never meant to end

struct ResponseEnd {
  void operator()(MHD_Response* response) const { MHD_destroy_response(response); }
};
using ResponsePtr = std::unique_ptr<MHD_Response, ResponseEnd>;

bool add_header(const ResponsePtr& response, const char* name, const std::string& value) {
  return MHD_add_response_header(response.get(), name, value.c_str()) == MHD_YES;
}

}  // namespace

Exchange::~Exchange() = default;

bool Exchange::take(const char* data, std::size_t size, std::size_t most) {
  if (!too_large_ && size <= most - body_.size()) {
    body_.append(data, size);
    return true;
  }
  too_large_ = true;
  std::string().swap(body_);
  dropped_ += size;
  return dropped_ <= kMostDropped;
}

void Exchange::suspend() {
  suspended_ = true;
  MHD_suspend_connection(connection_);
}

void Exchange::resume() {
  if (!std::exchange(suspended_, false)) return;
  MHD_resume_connection(connection_);
  resumed_();
}

void Exchange::set_answer(Answer answer) {
  answer_ = std::move(answer);
  resume();
}

void Exchange::abandon() {
  if (queue_) queue_->end();
  resume();
}

MHD_Result Exchange::send(const Answer& answer) {
  traffic_.answered(answer.status);
  // Copied: the response may outlive this exchange's answer while it is being sent.
  const ResponsePtr response(
      MHD_create_response_from_buffer(answer.body.size(), const_cast<char*>(answer.body.data()), MHD_RESPMEM_MUST_COPY));
  if (!response || !add_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer.content_type)) return MHD_NO;
  if (!answer.allow.empty() && !add_header(response, MHD_HTTP_HEADER_ALLOW, answer.allow)) return MHD_NO;
  return MHD_queue_response(connection_, static_cast<unsigned>(answer.status), response.get());
}

MHD_Result Exchange::stream(std::unique_ptr<EventQueue> queue, const asio::any_io_executor& executor) {
  queue_ = std::move(queue);
  traffic_.answered(MHD_HTTP_OK);
  const ResponsePtr response(MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, kStreamBlock, &Exchange::read_stream, this, nullptr));
  if (!response || !add_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, kEventType)) return MHD_NO;
  watch_for_hangup(executor);
  return MHD_queue_response(connection_, MHD_HTTP_OK, response.get());
}

ssize_t Exchange::read_stream(void* self, std::uint64_t /*position*/, char* to, std::size_t room) {
  auto* exchange = static_cast<Exchange*>(self);
  const std::size_t size = exchange->queue_->read(to, room);
  if (size > 0) return static_cast<ssize_t>(size);
  if (exchange->queue_->drained()) return MHD_CONTENT_READER_END_OF_STREAM;
  exchange->queue_->on_ready([exchange] { exchange->resume(); });
  exchange->suspend();
  return 0;
}

// A suspended connection is not looked at by libmicrohttpd, so a reader that goes away while nothing happens would keep its
// place for ever. Only a full close counts: a client may well shut its sending side down and go on reading.
void Exchange::watch_for_hangup(const asio::any_io_executor& executor) {
  const auto* info = MHD_get_connection_info(connection_, MHD_CONNECTION_INFO_CONNECTION_FD);
  const int copy = info == nullptr ? -1 : fcntl(info->connect_fd, F_DUPFD_CLOEXEC, 0);
  if (copy < 0) return;  // out of descriptors: the next event will find out
  asio::error_code failed;
  hangup_.emplace(executor);
  if (hangup_->assign(copy, failed); failed) {
    close(copy);
    return;
  }
  hangup_->async_wait(asio::posix::stream_descriptor::wait_error, [self = weak_from_this()](const asio::error_code& error) {
    const auto there = self.lock();  // the handler may already be queued when the exchange ends
    if (there && error != asio::error::operation_aborted) there->queue_->end();
  });
}

}  // namespace upkeep::control
