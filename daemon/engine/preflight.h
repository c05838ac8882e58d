// SPDX-License-Identifier: Apache-2.0
#pragma once
// What is done for an upgrade while its gate is still closed: one dry run, so that a refusal is known at once and not at
// night, and the download where policy wants it. It is no operation: nothing is journalled, no attempt counts, and it gives
// way at once to whoever wants to change a package. What fails is a warning, is tried again, and stands in nobody's way.
//
//   want ─▶ checking ─▶ ready                      refused: asked again when something changes, else after 6 h
//              │  └─ downloading ─▶ downloaded     failed: tried again after 1 minute to 1 hour
//              └─ refused, failed

#include <asio/cancellation_signal.hpp>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "engine/parts.h"
#include "engine/wake.h"

namespace upkeep::engine {

// What was refused, or known, is asked about again this late at the earliest when somebody changes the host: others'
// installations come in bursts.
inline constexpr sdk::Millis kNotMoreOften = std::chrono::minutes(1);

// What a dry run found, as the API shows it.
[[nodiscard]] nlohmann::json plan_json(const sdk::Plan& plan);

class Preflight {
 public:
  enum class State { none, checking, ready, refused, failed, downloading, downloaded };
  struct Wish {
    sdk::Change change;
    bool download = false;
    std::string seen;  // what else the plan depends on: another text, another dry run
    [[nodiscard]] bool same_change(const Wish& other) const {
      return change.from == other.change.from && change.target == other.change.target && change.downgrade == other.change.downgrade &&
             change.images == other.change.images && change.packages == other.change.packages && download == other.download;
    }
  };
  // After each change of state, and when it has ended.
  using News = std::function<void(State)>;

  Preflight(Shared& shared, sdk::Host& host, std::string agent, News news);

  // The agent waits for its gate with this before it: what is due is begun. Called at each decision. `owner` keeps all of
  // this alive as long as the coroutine that it may start.
  void want(std::shared_ptr<void> owner, std::shared_ptr<Parts> parts, Wish wish);
  // The same wish, a little later.
  void go_on(std::shared_ptr<void> owner, std::shared_ptr<Parts> parts);
  // The agent does not wait for its gate: what runs is cut off, and nothing is shown. What is known is kept.
  void rest();
  // All is asked anew: the settings are others, or an operation has told more.
  void forget();
  // Cuts off what runs and returns when it has ended.
  sdk::Task<void> stop();

  // When something is due again; nullopt: nothing is.
  [[nodiscard]] std::optional<sdk::BootTime> due() const;
  void progress(const sdk::Progress& progress);
  // "preflight" of the status document; null when nothing is prepared.
  [[nodiscard]] nlohmann::json status() const;
  // Empty, or what stands in the way of the upgrade and when it is asked about again.
  [[nodiscard]] std::string warning() const;

 private:
  sdk::Task<void> work(std::shared_ptr<Parts> parts, sdk::Change change, bool download, TransactionLock::Locked lock);
  void begin(std::shared_ptr<void> owner, std::shared_ptr<Parts> parts, TransactionLock::Locked lock);
  void ended(const std::exception_ptr& error);
  void enter(State state, std::string text);
  void conclude(State state, std::string text);
  void cut_off();

  Shared& shared_;
  sdk::Host& host_;
  std::string agent_;
  News news_;

  std::optional<Wish> wish_;
  bool wanted_ = false;  // the agent waits for its gate now
  State state_ = State::none;
  std::string text_;
  std::optional<sdk::Plan> plan_;
  std::optional<int> percent_;
  sdk::TimePoint at_;
  sdk::BootTime asked_{0}, due_{0};
  int failures_ = 0;

  bool running_ = false, cut_off_ = false;
  std::shared_ptr<asio::cancellation_signal> cancel_;
  Wake over_;
};

[[nodiscard]] std::string_view name(Preflight::State state);

}  // namespace upkeep::engine
