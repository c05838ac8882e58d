// SPDX-License-Identifier: Apache-2.0
#pragma once
// One package transaction at a time on a host. A revert goes before everything else that waits, and what is done ahead of
// time gives way to whoever comes.

#include <asio/steady_timer.hpp>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <utility>

#include "sdk/task.h"

namespace upkeep::engine {

class TransactionLock {
 public:
  // Held as long as it lives.
  class Locked {
   public:
    Locked() = default;
    explicit Locked(TransactionLock* lock) : lock_(lock) {}
    Locked(Locked&& other) noexcept : lock_(std::exchange(other.lock_, nullptr)) {}
    Locked& operator=(Locked&& other) noexcept {
      if (this != &other) {
        release();
        lock_ = std::exchange(other.lock_, nullptr);
      }
      return *this;
    }
    ~Locked() { release(); }
    void release() {
      if (auto* lock = std::exchange(lock_, nullptr)) lock->pass_on();
    }
    explicit operator bool() const { return lock_ != nullptr; }

   private:
    TransactionLock* lock_ = nullptr;
  };

  // Who would be waited for now; empty: nobody. A holder that gives way is not waited for, but who asked it to, is.
  [[nodiscard]] std::string holder() const {
    if (!yields_) return holder_;
    return waiting_.empty() ? std::string() : waiting_.front()->agent;
  }

  // For what is not urgent: only when nobody has it, else nullopt. `give_way` is called once, as soon as somebody wants it.
  [[nodiscard]] std::optional<Locked> try_acquire(std::string agent, std::function<void()> give_way) {
    if (!holder_.empty()) return std::nullopt;
    holder_ = std::move(agent);
    yields_ = true;
    give_way_ = std::move(give_way);
    return Locked(this);
  }

  sdk::Task<Locked> acquire(std::string agent, bool first);

 private:
  struct Waiter {
    std::string agent;
    asio::steady_timer* timer;
    bool served = false, taken = false;
  };

  void pass_on();

  std::list<Waiter*> waiting_;
  std::string holder_;
  bool yields_ = false;
  std::function<void()> give_way_;
};

}  // namespace upkeep::engine
