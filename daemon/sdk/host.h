// SPDX-License-Identifier: Apache-2.0
#pragma once
// All that the rest of the program, plugins included, sees of the outside world. Each part is an interface, so that
// tests can play time, faults and failures. Everything runs on one thread.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/bus.h"
#include "sdk/http.h"
#include "sdk/result.h"
#include "sdk/task.h"
#include "sdk/time.h"

namespace upkeep::sdk {

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual TimePoint now() const = 0;
  [[nodiscard]] virtual BootTime boot_now() const = 0;
  // The kernel's id of this boot; a container's restart does not change it.
  [[nodiscard]] virtual std::string boot_id() const = 0;
  // Whether the kernel says that the wall clock is synchronised (adjtimex).
  [[nodiscard]] virtual bool synchronized() const = 0;
  // Returns after that much boot time, or earlier when the wall clock was set: callers look at the time again.
  virtual Task<void> sleep_for(Millis duration) = 0;
  // Returns when the wall clock has reached `when`, or earlier when it was set.
  virtual Task<void> sleep_until(TimePoint when) = 0;
};

class Random {
 public:
  virtual ~Random() = default;
  // Evenly spread in [0, 1).
  virtual double unit() = 0;
  // Hexadecimal digits from the kernel's generator.
  virtual std::string hex(std::size_t digits) = 0;
};

struct ProcessRequest {
  explicit ProcessRequest(std::vector<std::string> argv_) : argv(std::move(argv_)) {}
  std::vector<std::string> argv;                   // argv[0] is an absolute path; no shell, ever
  std::map<std::string, std::string> environment;  // added to a minimal one (PATH, LANG=C.UTF-8)
  Millis deadline = std::chrono::seconds(60);      // then the process group gets SIGKILL and the result is Errc::timeout
  std::size_t max_output = 64 * 1024;              // of each stream; the rest is read and dropped
  bool keep_last = false;                          // the last of a long output is kept, not its beginning
};

struct ProcessResult {
  int exit_code = -1;  // -1: ended by a signal
  int signal = 0;
  std::string out, err;
  bool truncated = false;
};

class Process {
 public:
  virtual ~Process() = default;
  // An error only when it could not be run or passed its deadline; an exit status is a result. It has the daemon's user and sandbox.
  virtual Task<Result<ProcessResult>> run(ProcessRequest request) = 0;
};

// Wakes when something below a path changes: in a folder (4 deep), or about a file, through its folder alone; it need not exist.
class Watch {
 public:
  virtual ~Watch() = default;
  virtual Task<Result<void>> next() = 0;
};

// Relative paths are below the state folder; only there may anything be written. An installer changes the host through Process or Bus.
class Files {
 public:
  virtual ~Files() = default;
  [[nodiscard]] virtual bool exists(const std::string& path) = 0;
  // A relative path as others have to be told it.
  [[nodiscard]] virtual std::string absolute(const std::string& path) { return path; }
  // The whole file; Errc::invalid when it is longer than max_bytes or no regular file, Errc::unsupported when it does not exist.
  [[nodiscard]] virtual Result<std::string> read(const std::string& path, std::size_t max_bytes) = 0;
  // Names in a folder, sorted; Errc::unsupported when it does not exist.
  [[nodiscard]] virtual Result<std::vector<std::string>> list(const std::string& path) = 0;
  // Temporary file, fsync, rename, fsync of the folder; folders above are made. Mode 0640.
  [[nodiscard]] virtual Result<void> write_atomic(const std::string& path, std::string_view bytes) = 0;
  // One write at the end, then fdatasync (and fsync of the folder when the file is new). On an error the file's end is unknown.
  [[nodiscard]] virtual Result<void> append_durable(const std::string& path, std::string_view bytes) = 0;
  [[nodiscard]] virtual Result<void> truncate(const std::string& path, std::size_t size) = 0;
  [[nodiscard]] virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
  [[nodiscard]] virtual Result<void> remove(const std::string& path) = 0;  // a file or empty folder; done when it is not there
  [[nodiscard]] virtual Result<std::unique_ptr<Watch>> watch(const std::string& path) = 0;
};

struct UnitLine {
  TimePoint time;
  int priority = 6;  // syslog levels, 3 = err
  std::string message;
  std::string invocation;  // of the unit when it was written: hexadecimal, another one after each start
};

// The unit's lines of priority err or worse that come after a place in the log.
struct UnitErrors {
  explicit UnitErrors(std::string unit_) : unit(std::move(unit_)) {}
  std::string unit;
  std::string after;       // from end() or an earlier page; empty: the log's beginning
  std::string invocation;  // only lines of this one; empty: of all
  std::size_t max_lines = 500;
};

struct UnitErrorsPage {
  std::vector<UnitLine> lines;  // oldest first, each cut at 1 KiB
  std::string end;              // where the next page begins
  bool more = false;            // there is a next page
};

// Errors of all: denied when the log of the system may not be read, unsupported when there is none.
class UnitLog {
 public:
  virtual ~UnitLog() = default;
  // The unit's last lines since a time, oldest first, each cut at 1 KiB.
  virtual Result<std::vector<UnitLine>> lines(const std::string& unit, TimePoint since, std::size_t max_lines) = 0;
  // Where the log ends now; whatever the clock does, what is written later comes after it.
  virtual Result<std::string> end() = 0;
  virtual Result<UnitErrorsPage> errors(const UnitErrors& wanted) = 0;
};

class Sockets {
 public:
  virtual ~Sockets() = default;
  // Connects to "ADDRESS:PORT" on this host, or to a unix socket (an absolute path), and hangs up. Errors: transient (nobody
  // listens), timeout, denied (the socket's file), unsupported (that is no address of this host).
  virtual Task<Result<void>> knock(std::string address, Millis timeout) = 0;
};

enum class LogLevel { debug, info, warn, error };

struct Progress {
  std::optional<int> percent;
  std::string text;
};

class Host {
 public:
  virtual ~Host() = default;
  // The agent this host view belongs to; empty for the daemon itself.
  [[nodiscard]] virtual const std::string& agent() const = 0;
  virtual Clock& clock() = 0;
  virtual Random& random() = 0;
  virtual Http& http() = 0;
  virtual Bus& bus() = 0;
  virtual Process& process() = 0;
  virtual Files& files() = 0;
  virtual UnitLog& unit_log() = 0;
  virtual Sockets& sockets() = 0;
  // A variable of the daemon's own environment; nullopt: it is not set.
  [[nodiscard]] virtual std::optional<std::string> environment(const std::string& name) = 0;
  // Never a secret, a token or a signed URL.
  virtual void log(LogLevel level, std::string_view message) = 0;
  // How far the running verb is; shown live, never journalled.
  virtual void progress(const Progress& progress) = 0;
};

}  // namespace upkeep::sdk
