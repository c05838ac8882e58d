// SPDX-License-Identifier: Apache-2.0
// How the driver runs a tool: as a unit with its output in two files of the state folder, or in the daemon's own sandbox.
#include <set>

#include "sdk/text.h"
#include "sdk/transient_unit.h"
#include "shared/native/driver.h"

namespace upkeep::shared::native {

using sdk::Errc;

namespace {

constexpr std::size_t kMostPrinted = std::size_t{1024} * 1024;
constexpr std::size_t kLastPrinted = std::size_t{64} * 1024;

// The same on every host: what the tools print is read in English, nobody is asked anything, and zypper waits a minute for its lock.
std::map<std::string, std::string> tool_environment() {
  return {{"LANG", "C.UTF-8"},
          {"LC_ALL", "C.UTF-8"},
          {"PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
          {"DEBIAN_FRONTEND", "noninteractive"},
          {"ZYPP_LOCK_TIMEOUT", "60"}};
}

// Of this daemon's own coroutines, too, only one has an agent's unit and its files at a time.
class Turn {
 public:
  explicit Turn(std::string unit) : unit_(std::move(unit)) { taken().insert(unit_); }
  ~Turn() { taken().erase(unit_); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  [[nodiscard]] static bool is_taken(const std::string& unit) { return taken().contains(unit); }

 private:
  static std::set<std::string>& taken() {
    static std::set<std::string> all;
    return all;
  }
  std::string unit_;
};

}  // namespace

sdk::Task<sdk::Result<Said>> NativeDriver::run(Argv argv, std::string description) {
  auto name = unit();
  const sdk::Millis again = std::chrono::seconds(1);
  while (Turn::is_taken(name)) co_await host_.clock().sleep_for(again);
  const Turn turn(name);
  const std::string anybodys;
  const auto alone = co_await sdk::wait_for_transient_unit(host_, std::move(name), anybodys, deadline_);
  if (!alone) co_return sdk::fail(alone.error());
  sdk::TransientUnit unit;
  unit.name = this->unit();
  unit.description = std::move(description);
  unit.argv = std::move(argv);
  unit.environment = tool_environment();
  unit.out = host_.files().absolute(file("out"));
  unit.err = host_.files().absolute(file("err"));
  unit.most = deadline_;
  for (const auto* ending : {"out", "err"})
    if (auto made = host_.files().write_atomic(file(ending), ""); !made)
      co_return sdk::fail("for what " + tool_.name + " prints", made.error());

  const auto end = co_await sdk::run_transient_unit(host_, std::move(unit));
  if (!end) co_return sdk::fail(end.error());
  auto said = co_await take_output(end->status);
  if (!said || end->result == "success" || end->result == "exit-code") co_return said;
  const auto last = sdk::lines_of(said->err.empty() ? said->out : said->err);
  std::string text = tool_.name + " was ended before its time (systemd says " + sdk::quoted(end->result) + ")";
  if (end->result == "timeout")
    text = tool_.name + " had not ended after " + sdk::format_duration(deadline_) + ", and systemd has ended it";
  if (!last.empty()) text += "; it said last: " + sdk::quoted(last.back(), 200);
  co_return sdk::fail(end->result == "timeout" ? Errc::timeout : Errc::transient, std::move(text));
}

sdk::Task<sdk::Result<Said>> NativeDriver::take_output(int status) {
  Said said;
  said.status = status;
  auto out = co_await take_file(file("out"), said.cut);
  auto err = co_await take_file(file("err"), said.cut);
  if (!out) co_return sdk::fail(out.error());
  if (!err) co_return sdk::fail(err.error());
  said.out = std::move(*out);
  said.err = std::move(*err);
  co_return said;
}

sdk::Task<sdk::Result<std::string>> NativeDriver::take_file(std::string path, bool& cut) {
  auto text = host_.files().read(path, kMostPrinted);
  if (!text && text.error().code == Errc::invalid) {
    cut = true;
    auto argv = sdk::words({"/usr/bin/tail", "--bytes=" + std::to_string(kLastPrinted), "--", host_.files().absolute(path)});
    auto tail = co_await look(std::move(argv));
    text = tail ? sdk::Result<std::string>(std::move(tail->out)) : sdk::fail(tail.error());
  }
  if (auto removed = host_.files().remove(path); !removed) host_.log(sdk::LogLevel::warn, removed.error().message);
  if (!text) co_return sdk::fail("what " + tool_.name + " printed", text.error());
  co_return text;
}

sdk::Task<sdk::Result<Said>> NativeDriver::look(Argv argv) {
  const std::string program = argv.front();
  sdk::ProcessRequest request(std::move(argv));
  request.max_output = kMostPrinted;
  request.environment = {{"LC_ALL", "C.UTF-8"}};
  auto done = co_await host_.process().run(std::move(request));
  if (!done) co_return sdk::fail(program, done.error());
  if (done->exit_code < 0) co_return sdk::fail(Errc::transient, program + " was ended by signal " + std::to_string(done->signal));
  co_return Said{done->exit_code, std::move(done->out), std::move(done->err), done->truncated};
}

}  // namespace upkeep::shared::native
