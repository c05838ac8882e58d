// SPDX-License-Identifier: Apache-2.0
#include "cli/remote/client.h"

#include <curl/curl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>
#include <memory>

#include "cli/remote/text.h"

namespace upkeep::cli {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr auto kCommandLimit = 15min;  // a dry run may have to refresh the package lists first
constexpr std::size_t kMaxAnswer = 64 * 1024 * 1024;

struct HandleEnd {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using Handle = std::unique_ptr<CURL, HandleEnd>;

Handle make_handle(const std::string& socket, const std::string& path, std::chrono::milliseconds limit) {
  Handle handle(curl_easy_init());
  curl_easy_setopt(handle.get(), CURLOPT_UNIX_SOCKET_PATH, socket.c_str());
  curl_easy_setopt(handle.get(), CURLOPT_URL, ("http://upkeep" + path).c_str());
  curl_easy_setopt(handle.get(), CURLOPT_PROXY, "");  // whatever the environment says
  curl_easy_setopt(handle.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle.get(), CURLOPT_CONNECTTIMEOUT, 5L);
  curl_easy_setopt(handle.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(limit.count()));
  return handle;
}

// 1 ms at least: 0 would mean no limit at all.
std::chrono::milliseconds time_left(const Deadline& deadline, std::chrono::milliseconds otherwise) {
  if (!deadline) return otherwise;
  return std::max(1ms, std::chrono::duration_cast<std::chrono::milliseconds>(*deadline - std::chrono::steady_clock::now()));
}

Failure no_answer(CURL* handle, CURLcode code, const std::string& socket) {
  if (code == CURLE_OPERATION_TIMEDOUT) return {kGaveUp, "gave_up", "no answer in time"};
  if (code == CURLE_COULDNT_CONNECT) {
    long system_error = 0;
    curl_easy_getinfo(handle, CURLINFO_OS_ERRNO, &system_error);
    const std::string why = system_error == 0 ? "cannot connect" : std::strerror(static_cast<int>(system_error));
    return {kNoDaemon, "no_daemon", "no daemon answers at " + socket + ": " + why + "; is upkeepd running? (systemctl status upkeepd)"};
  }
  return {kNoDaemon, "no_daemon", "the daemon at " + socket + " broke off: " + curl_easy_strerror(code)};
}

Failure refusal(long status, const std::string& body) {
  const json document = json::parse(body, nullptr, false);
  const json error = member(document, "error");
  if (!error.is_object()) return {kFailed, "internal", "the daemon answered with HTTP status " + std::to_string(status)};
  const std::string code = text(error, "code");
  return {code == "invalid" ? kUsage : kFailed, code, text(error, "message")};
}

std::size_t append_body(char* data, std::size_t size, std::size_t count, void* to) {
  auto* body = static_cast<std::string*>(to);
  if (body->size() + size * count > kMaxAnswer) return 0;
  body->append(data, size * count);
  return size * count;
}

// What libcurl calls back while a stream is read. Exceptions wait until libcurl has returned.
struct Reader {
  const StreamHandler& handler;
  CURL* handle;
  std::string pending;  // a line that has no end yet, or the body of a refusal
  bool opened = false, ended = false;
  std::exception_ptr thrown;

  [[nodiscard]] long status() const {
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    return status;
  }
  bool go_on(const std::function<bool()>& call) {
    try {
      ended = !call();
    } catch (...) {
      thrown = std::current_exception();
      ended = true;
    }
    return !ended;
  }
  bool take(std::string_view data) {
    pending += data;
    if (status() != 200) return pending.size() < kMaxAnswer;
    for (auto end = pending.find('\n'); end != std::string::npos; end = pending.find('\n')) {
      const json line = json::parse(pending.substr(0, end), nullptr, false);
      pending.erase(0, end + 1);
      if (line.is_object() && !go_on([&] { return handler.line(line); })) return false;
    }
    return pending.size() < kMaxAnswer;
  }
};

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* to) {
  auto* reader = static_cast<Reader*>(to);
  const bool last = std::string_view(data, size * count) == "\r\n";
  if (!last || reader->opened || reader->status() != 200) return size * count;
  reader->opened = true;
  return reader->go_on(reader->handler.open) ? size * count : 0;
}

std::size_t on_data(char* data, std::size_t size, std::size_t count, void* to) {
  return static_cast<Reader*>(to)->take({data, size * count}) ? size * count : 0;
}

int on_tick(void* to, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const auto* reader = static_cast<Reader*>(to);
  if (reader->opened && !reader->ended) reader->handler.tick();
  return 0;
}

}  // namespace

Outcome<json> Client::get(const std::string& path, std::chrono::milliseconds limit) const {
  auto answer = request(path, nullptr, limit);
  if (!answer && answer.error().exit_status == kGaveUp)
    answer.error() = {kNoDaemon, "no_daemon", "the daemon at " + socket_ + " does not answer"};
  return answer;
}

Outcome<json> Client::post(const std::string& path, const json& body, Deadline deadline) const {
  const std::string bytes = body.dump(-1, ' ', false, json::error_handler_t::replace);
  return request(path, &bytes, time_left(deadline, kCommandLimit));
}

Outcome<json> Client::request(const std::string& path, const std::string* body, std::chrono::milliseconds limit) const {
  const Handle handle = make_handle(socket_, path, limit);
  std::string answer;
  curl_easy_setopt(handle.get(), CURLOPT_WRITEFUNCTION, &append_body);
  curl_easy_setopt(handle.get(), CURLOPT_WRITEDATA, &answer);
  if (body != nullptr) {
    curl_easy_setopt(handle.get(), CURLOPT_POSTFIELDSIZE, static_cast<long>(body->size()));
    curl_easy_setopt(handle.get(), CURLOPT_POSTFIELDS, body->data());
  }
  const CURLcode code = curl_easy_perform(handle.get());
  if (code != CURLE_OK) return tl::unexpected(no_answer(handle.get(), code, socket_));
  long status = 0;
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status != 200) return tl::unexpected(refusal(status, answer));
  json document = json::parse(answer, nullptr, false);
  if (!document.is_object()) return tl::unexpected(Failure{kFailed, "internal", "the daemon's answer is no JSON object"});
  return document;
}

Outcome<void> Client::stream(const std::string& path, const StreamHandler& handler, Deadline deadline) const {
  const Handle handle = make_handle(socket_, path, time_left(deadline, 0ms));
  Reader reader{handler, handle.get(), {}, false, false, nullptr};
  curl_easy_setopt(handle.get(), CURLOPT_HEADERFUNCTION, &on_header);
  curl_easy_setopt(handle.get(), CURLOPT_HEADERDATA, &reader);
  curl_easy_setopt(handle.get(), CURLOPT_WRITEFUNCTION, &on_data);
  curl_easy_setopt(handle.get(), CURLOPT_WRITEDATA, &reader);
  if (handler.tick) {
    curl_easy_setopt(handle.get(), CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(handle.get(), CURLOPT_XFERINFOFUNCTION, &on_tick);
    curl_easy_setopt(handle.get(), CURLOPT_XFERINFODATA, &reader);
  }
  const CURLcode code = curl_easy_perform(handle.get());
  if (reader.thrown) std::rethrow_exception(reader.thrown);
  if (reader.ended) return {};
  if (code != CURLE_OK) return tl::unexpected(no_answer(handle.get(), code, socket_));
  if (const long status = reader.status(); status != 200) return tl::unexpected(refusal(status, reader.pending));
  return tl::unexpected(Failure{kNoDaemon, "no_daemon", "the daemon at " + socket_ + " ended the stream"});
}

std::string url_escaped(const std::string& text) {
  char* escaped = curl_easy_escape(nullptr, text.c_str(), static_cast<int>(text.size()));
  std::string out = escaped == nullptr ? "" : escaped;
  curl_free(escaped);
  return out;
}

void report(const Failure& failure, Context& context) {
  if (context.json) context.print_json({{"error", {{"code", failure.code}, {"message", failure.message}}}});
  context.fail(printable(failure.message), failure.exit_status);
}

}  // namespace upkeep::cli
