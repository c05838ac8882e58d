// SPDX-License-Identifier: Apache-2.0
// What the supervisor writes down, and what becomes of an operation whose journal is damaged under it.

#include "core/backoff.h"
#include "engine/supervisor.h"

namespace upkeep::engine {

using nlohmann::json;
using sdk::Result;
using sdk::Task;

namespace {

constexpr sdk::Millis kLongestRetry = std::chrono::minutes(1);

}  // namespace

// A step, and what becomes of an operation whose journal is damaged meanwhile.
Task<void> Supervisor::go_on() {
  try {
    co_await run_due_hook();
    co_await step();
    co_return;
  } catch (const JournalLost& lost) {
    host_->log(sdk::LogLevel::error, lost.what());
  }
  // Until it is resolved nothing more is done; then the agent begins anew.
  stalled_ = false;
  operation_parts_.reset();
  shared_.changing.erase(name_);
  if (parts_) parts_->probes->end_soak();
}

Task<Result<void>> Supervisor::try_append(core::Event event, json fields) {
  const auto before = stand();
  auto id = state().operation ? state().operation->id : std::string();
  auto appended = co_await journal_->append(event, std::move(id), std::move(fields));
  if (appended) count(before);
  co_return appended;
}

Task<void> Supervisor::must_append(core::Event event, json fields) {
  auto id = state().operation ? state().operation->id : std::string();  // an end takes it away
  co_await must_append_for(std::move(id), event, std::move(fields));
}

Task<void> Supervisor::must_append_for(std::string id, core::Event event, json fields) {
  const auto stood = stand();
  // Somebody else's append may have read the journal again, and found this one in it.
  const auto landed = [&] {
    if (event == core::Event::end) return has_ended(id, fields.value("phase", std::string()));
    return event == core::Event::hook && fields.at("state") == "ended" && hook_has_ended(id, fields.at("hook"));
  };
  for (int failures = 1;; ++failures) {
    auto appended = co_await journal_->append(event, id, fields);
    if (appended) break;
    if (!journal_->damage().empty()) throw JournalLost("the operation is not in the journal any more: " + journal_->damage());
    if (landed()) break;
    if (appended.error().code == sdk::Errc::internal) throw std::logic_error(appended.error().message);
    stalled_ = true;
    answer_all(tl::unexpected(Refusal{"unavailable", trouble()}));
    const auto pause = core::backoff(failures, std::chrono::seconds(1), kLongestRetry, host_->random().unit());
    co_await clock().sleep_for(pause);
    if (landed()) break;
  }
  stalled_ = false;
  count(stood);
  if (event != core::Event::phase && event != core::Event::end) co_return;
  const auto detail = fields.value("detail", std::string());
  const auto where = fields.value("phase", std::string());
  host_->log(sdk::LogLevel::info, "phase=" + where + (detail.empty() ? "" : " " + detail));
  json shown = {{"operation", id}, {"phase", where}, {"detail", detail}};
  emit("phase", std::move(shown));
  progress_ = sdk::Progress();
}

}  // namespace upkeep::engine
