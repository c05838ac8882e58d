// SPDX-License-Identifier: Apache-2.0
#pragma once
// One package transaction at a time on a host; so many workloads of a cluster at a time. A revert goes before everything else that
// waits, and what is done ahead of time gives way to whoever comes.

#include <asio/steady_timer.hpp>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <utility>

#include "sdk/task.h"

namespace upkeep::engine {

class TransactionLock {
  struct Holder {
    std::string agent;
    bool yields = false;
    std::function<void()> give_way = nullptr;  // not asked yet
  };

 public:
  explicit TransactionLock(std::size_t at_once = 1) : at_once_(at_once) {}

  // Held as long as it lives.
  class Locked {
   public:
    Locked() = default;
    Locked(TransactionLock* lock, std::list<Holder>::iterator place) : lock_(lock), place_(place) {}
    Locked(Locked&& other) noexcept : lock_(std::exchange(other.lock_, nullptr)), place_(other.place_) {}
    Locked& operator=(Locked&& other) noexcept {
      if (this != &other) {
        release();
        lock_ = std::exchange(other.lock_, nullptr);
        place_ = other.place_;
      }
      return *this;
    }
    ~Locked() { release(); }
    void release() {
      if (auto* lock = std::exchange(lock_, nullptr)) lock->pass_on(place_);
    }
    explicit operator bool() const { return lock_ != nullptr; }

   private:
    TransactionLock* lock_ = nullptr;
    std::list<Holder>::iterator place_;
  };

  // Who would be waited for now; empty: nobody. A holder that gives way is not waited for, but who asked it to, is.
  [[nodiscard]] std::string holder() const;
  [[nodiscard]] std::size_t at_once() const { return at_once_; }

  // For what is not urgent: only when there is room, else nullopt. `give_way` is called once, as soon as somebody wants it.
  [[nodiscard]] std::optional<Locked> try_acquire(std::string agent, std::function<void()> give_way);

  sdk::Task<Locked> acquire(std::string agent, bool first);

 private:
  struct Waiter {
    std::string agent;
    asio::steady_timer* timer;
    std::optional<std::list<Holder>::iterator> served;
    bool taken = false;
  };

  void pass_on(std::list<Holder>::iterator place);

  std::size_t at_once_;
  std::list<Holder> holders_;
  std::list<Waiter*> waiting_;
};

}  // namespace upkeep::engine
