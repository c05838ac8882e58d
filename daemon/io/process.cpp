// SPDX-License-Identifier: Apache-2.0
#include "io/process.h"

#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <optional>

#include "io/fd_pump.h"
#include "io/scope_guard.h"
#include "io/spawn.h"
#include "io/waiter.h"

namespace upkeep::io {

using sdk::Errc;
using sdk::fail;
using sdk::ProcessRequest;
using sdk::ProcessResult;
using sdk::Result;
using sdk::Task;

namespace {

constexpr auto kLongest = std::chrono::hours(24 * 365);
constexpr std::size_t kLastLine = 300;
constexpr auto kDying = std::chrono::seconds(5);  // how long a killed program may take to be gone

// true when it has ended and nothing of it is left.
bool reap(const Fd& end, siginfo_t& info, int flags = 0) {
  info = {};
  return ::waitid(P_PIDFD, static_cast<id_t>(end.get()), &info, WEXITED | flags) == 0 && info.si_pid != 0;
}

// One stream of output: so much of it is kept, from its beginning or its end, and all is read, so that the program never
// blocks on a full pipe.
class Output {
 public:
  Output(const asio::any_io_executor& executor, const Fd& fd, const ProcessRequest& request)
      : fd_(fd.get()), max_(request.max_output), keep_last_(request.keep_last) {
    pump_.emplace(executor, fd_, [this] {
      if (!read_some(kTurns)) pump_.reset();  // the end of a pipe stays readable for ever
    });
  }

  // What is still in the pipe of a program that has ended; no more than fits into one, in case somebody still writes.
  void drain() {
    pump_.reset();
    read_some(kTurns);
  }

  std::string text;
  bool truncated = false;

 private:
  static constexpr int kTurns = 32;

  // false: nothing will come any more.
  bool read_some(int turns) {
    std::array<char, 4096> buffer;
    for (; turns > 0; --turns) {
      const ssize_t n = ::read(fd_, buffer.data(), buffer.size());
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return n < 0 && errno == EAGAIN;
      const auto all = text.size() + static_cast<std::size_t>(n);
      truncated = truncated || all > max_;
      text.append(buffer.data(), keep_last_ ? static_cast<std::size_t>(n) : std::min(static_cast<std::size_t>(n), max_ - text.size()));
      if (keep_last_ && all > max_) text.erase(0, all - max_);
    }
    return true;
  }

  int fd_;
  std::size_t max_;
  bool keep_last_;
  std::optional<FdPump> pump_;
};

std::string last_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text.substr(text.rfind('\n') + 1).substr(0, kLastLine);
}

}  // namespace

// Killed programs that nobody waits for any more. They are taken away when the next one starts.
class RealProcess::Orphans {
 public:
  void adopt(Fd end) { ends_.push_back(std::move(end)); }
  void sweep() {
    siginfo_t ignored;
    std::erase_if(ends_, [&](const Fd& end) { return reap(end, ignored, WNOHANG); });
  }

 private:
  std::vector<Fd> ends_;
};

RealProcess::RealProcess(const asio::any_io_executor& executor) : executor_(executor), orphans_(std::make_shared<Orphans>()) {}
RealProcess::~RealProcess() = default;

Task<Result<ProcessResult>> RealProcess::run(ProcessRequest request) { return run_one(executor_, orphans_, std::move(request)); }

Task<Result<ProcessResult>> RealProcess::run_one(asio::any_io_executor executor, std::shared_ptr<Orphans> orphans, ProcessRequest request) {
  orphans->sweep();
  auto spawned = spawn(request);
  if (!spawned) co_return fail(spawned.error());
  Child child = std::move(*spawned);
  bool gone = false;
  const ScopeGuard end([&] {
    if (gone) return;
    ::kill(-child.pid, SIGKILL);
    orphans->adopt(std::move(child.end));
  });

  Waiter ended(executor);
  Output out(executor, child.out, request), err(executor, child.err, request);
  std::optional<FdPump> end_pump(std::in_place, executor, child.end.get(), [&] { ended.notify(); });
  const auto deadline = std::chrono::steady_clock::now() + std::min<sdk::Millis>(request.deadline, kLongest);
  const Woken woken = co_await ended.wait(deadline);
  if (woken == Woken::cancelled) co_return fail(Errc::cancelled, request.argv[0] + ": stopped");

  // Until it is reaped, the ended program keeps its number, so that this can hit nobody else.
  ::kill(-child.pid, SIGKILL);
  if (woken == Woken::expired) {
    const auto patience = std::chrono::steady_clock::now() + kDying;
    co_await ended.wait(patience);
    siginfo_t ignored;
    gone = reap(child.end, ignored, WNOHANG);
    out.drain();
    err.drain();
    // Whoever wants the last words wants those above all.
    const auto& said = err.text.empty() ? out.text : err.text;
    co_return fail(Errc::timeout, request.argv[0] + ": did not end within " + sdk::format_duration(request.deadline) +
                                      (request.keep_last && !said.empty() ? "; it said last: " + last_line(said) : ""));
  }
  out.drain();
  err.drain();
  siginfo_t info;
  gone = true;
  if (!reap(child.end, info)) co_return fail(Errc::internal, request.argv[0] + ": its exit status was taken by somebody else");
  ProcessResult result;
  result.exit_code = info.si_code == CLD_EXITED ? info.si_status : -1;
  result.signal = info.si_code == CLD_EXITED ? 0 : info.si_status;
  result.out = std::move(out.text);
  result.err = std::move(err.text);
  result.truncated = out.truncated || err.truncated;
  co_return result;
}

}  // namespace upkeep::io
