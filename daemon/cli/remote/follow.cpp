// SPDX-License-Identifier: Apache-2.0
#include "cli/remote/follow.h"

#include <chrono>
#include <iostream>
#include <optional>
#include <thread>

#include "cli/remote/agents.h"
#include "cli/remote/live.h"
#include "cli/remote/show.h"
#include "cli/remote/text.h"

namespace upkeep::cli {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr auto kTryAgain = 500ms;
constexpr auto kComesBack = 2min;  // an upgrade of Upkeep's own package restarts the daemon

class Follower {
 public:
  Follower(const Client& client, const Start& start, Context& context)
      : client_(client), start_(start), context_(context), live_(context.json) {}

  void run() {
    Live::on_interrupt("\nupkeep: interrupted; what was asked for may begin all the same (upkeep status)\n");
    if (!start_.wait) {
      begin();
    } else if (auto watched = client_.stream("/v1/events", handler([this] { return begin(); }), start_.deadline);
               !watched && !operation_.empty()) {
      come_back(watched.error());
    } else if (!watched) {
      failed_ = watched.error();
    }
    finish();
  }

 private:
  [[nodiscard]] bool over() const { return ended_.is_object() || failed_; }

  [[nodiscard]] StreamHandler handler(std::function<bool()> open) {
    return {std::move(open), [this](const json& event) { return take(event); }, [this] { live_.tick(); }};
  }

  // Asks the daemon. Events are read already, so none of the operation's can be missed.
  bool begin() {
    live_.waiting("asking the daemon, which reads the channel and decides …");
    auto reply = client_.post(agent_path(start_.agent, start_.verb), start_.body, start_.deadline);
    if (!reply) {
      failed_ = reply.error();
      return false;
    }
    reply_ = std::move(*reply);
    operation_ = text(reply_, "operation");
    if (member(reply_, "started") != true) return false;
    Live::on_interrupt("\nupkeep: interrupted; the operation goes on (upkeep status)\n");
    if (start_.wait) live_.line("operation " + printable(operation_) + " of " + printable(start_.agent) + "; Ctrl-C leaves it running");
    return true;
  }

  bool take(const json& event) {
    if (text(event, "agent") != start_.agent) return true;
    if (const auto id = text(event, "operation"); !id.empty() && id != operation_) return true;
    if (text(event, "event") == "operation_ended") {
      ended_ = event;
      return false;
    }
    live_.show(event);
    return true;
  }

  // The stream broke: the operation's end may have been missed, so the history is asked each time.
  void come_back(Failure why) {
    const auto patience = std::chrono::steady_clock::now() + kComesBack;
    if (why.exit_status != kGaveUp) live_.line(printable(why.message) + "; the operation goes on, waiting for the daemon to come back");
    while (why.exit_status != kGaveUp && std::chrono::steady_clock::now() < patience) {
      std::this_thread::sleep_for(kTryAgain);
      live_.tick();
      const auto watched = client_.stream("/v1/events", handler([this] { return catch_up(); }), start_.deadline);
      if (over()) return;
      why = watched ? Failure{kFailed, "not_found", "the daemon does not know operation " + operation_ + " any more"} : watched.error();
    }
    if (why.exit_status == kGaveUp) why.message = "gave up waiting; the operation goes on (upkeep status " + start_.agent + ")";
    failed_ = why;
  }

  // Whether there is still something to follow.
  bool catch_up() {
    const json there = find();
    if (!there.is_object()) return false;  // a daemon that is still starting does not know it yet
    if (!text(there, "result").empty()) {
      ended_ = there;
      return false;
    }
    live_.line("the daemon is back");
    return true;
  }

  [[nodiscard]] json find() const {
    const auto history = client_.get(agent_path(start_.agent, "history"));
    if (!history) return nullptr;
    for (const auto& operation : member(*history, "operations")) {
      if (text(operation, "id") == operation_) return operation;
    }
    return nullptr;
  }

  void finish() {
    live_.end();
    if (failed_) return report(*failed_, context_);
    json document = reply_;
    if (ended_.is_object()) {
      document["result"] = text(ended_, "result");
      document["detail"] = text(ended_, "detail");
    }
    if (context_.json) context_.print_json(document);
    if (operation_.empty()) return nothing_started();
    if (!ended_.is_object()) {
      if (!context_.json)
        std::cout << "operation " << printable(operation_) << " began; `upkeep status " << printable(start_.agent) << "` shows it\n";
      return;
    }
    const std::string result = text(ended_, "result"), detail = printable(text(ended_, "detail"));
    const auto took = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - began_);
    const std::string line =
        " " + change_text(ended_) + (took < 1s ? "" : " in " + duration_text(took)) + (detail.empty() ? "" : ": " + detail);
    if (!as_asked(result)) return context_.fail(result + line);
    live_.line((start_.verb == "rollback" ? live_.style().good(printable(result)) : painted(live_.style(), result)) + line);
  }

  // A rollback in a soak takes that operation back; any other is an operation of its own, which must be committed.
  [[nodiscard]] bool as_asked(const std::string& result) const {
    if (result == "committed") return true;
    return start_.verb == "rollback" && result == "rolled_back" && text(find(), "reason") != "rollback";
  }

  // Nothing to do is what `run` is content with; who forces or rolls back wanted something.
  void nothing_started() {
    const json decision = member(reply_, "decision");
    const std::string line = "nothing started: " + decision_text(decision, Clock::now());
    if (start_.verb != "run" && text(decision, "reason") != "up_to_date") return context_.fail(line);
    live_.line(line);
  }

  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  const Client& client_;
  const Start& start_;
  Context& context_;
  Live live_;
  std::string operation_;
  json reply_, ended_;
  std::optional<Failure> failed_;
};

}  // namespace

void start_and_follow(const Client& client, const Start& start, Context& context) { Follower(client, start, context).run(); }

}  // namespace upkeep::cli
