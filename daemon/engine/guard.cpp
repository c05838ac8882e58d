// SPDX-License-Identifier: Apache-2.0
#include "engine/guard.h"

#include <asio/this_coro.hpp>
#include <exception>
#include <optional>

#include "sdk/text.h"

namespace upkeep::engine {
namespace {

using sdk::Errc;
using sdk::Result;
using sdk::Task;

std::string what_of(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& error) {
    return sdk::quoted(error.what(), 200);
  } catch (...) {
    return "something that is no std::exception";
  }
}

// Who is to blame, and where it is said.
struct Blame {
  std::string plugin;  // "schedule plugin "night" (/usr/lib/upkeep/plugins/schedule-night.so)"
  sdk::Host& host;
  std::shared_ptr<Faults> faults;

  [[nodiscard]] sdk::Error error(const char* method, const std::exception_ptr& thrown) const {
    sdk::Error out(Errc::internal, plugin + ": a bug in it: its " + method + " threw " + what_of(thrown));
    if (faults->add(plugin, method, out.message)) host.log(sdk::LogLevel::error, out.message);
    return out;
  }
};

template <typename Call>
auto guarded(const Blame& blame, const char* method, Call call) -> decltype(call()) {
  std::exception_ptr thrown;
  try {
    auto result = co_await call();
    co_return result;
  } catch (...) {
    thrown = std::current_exception();
  }
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) std::rethrow_exception(thrown);  // that is how Asio ends a coroutine
  co_return sdk::fail(blame.error(method, thrown));
}

template <typename Kind>
class Guarded;

template <>
class Guarded<sdk::Source> : public sdk::Source {
 public:
  Guarded(std::unique_ptr<sdk::Source> plugin, Blame blame) : plugin_(std::move(plugin)), blame_(std::move(blame)) {}
  // One that cannot say where it reads is not read: what it offers could not come into force, and nobody would be told why.
  Task<Result<std::optional<sdk::Offer>>> poll(const sdk::Offer* last, const sdk::Wanted& wanted) override {
    try {
      (void)plugin_->origin();
    } catch (...) {
      co_return sdk::fail(blame_.error("origin", std::current_exception()));
    }
    const auto call = [this, last, &wanted] { return plugin_->poll(last, wanted); };
    co_return co_await guarded(blame_, "poll", call);
  }
  Task<Result<std::optional<std::string>>> get(std::string name) override {
    return guarded(blame_, "get", [this, name = std::move(name)] { return plugin_->get(name); });
  }
  Task<Result<void>> put(sdk::Object object) override {
    return guarded(blame_, "put", [this, object = std::move(object)] { return plugin_->put(object); });
  }
  [[nodiscard]] std::string origin() const override {
    try {
      return plugin_->origin();
    } catch (...) {
      return blame_.error("origin", std::current_exception()).message;
    }
  }

 private:
  std::unique_ptr<sdk::Source> plugin_;
  Blame blame_;
};

template <>
class Guarded<sdk::Schedule> : public sdk::Schedule {
 public:
  Guarded(std::unique_ptr<sdk::Schedule> plugin, Blame blame) : plugin_(std::move(plugin)), blame_(std::move(blame)) {}
  Task<Result<void>> refresh(const sdk::Release* release) override {
    return guarded(blame_, "refresh", [this, release] { return plugin_->refresh(release); });
  }
  [[nodiscard]] sdk::Verdict verdict(sdk::TimePoint at, const sdk::Release* release) const override {
    try {
      return plugin_->verdict(at, release);
    } catch (...) {
      return {.open = false, .changes_at = std::nullopt, .reason = blame_.error("verdict", std::current_exception()).message};
    }
  }
  Task<Result<sdk::Admission>> admit(const sdk::Operation& operation) override {
    return guarded(blame_, "admit", [this, &operation] { return plugin_->admit(operation); });
  }
  Task<Result<void>> hold(const sdk::Operation& operation) override {
    return guarded(blame_, "hold", [this, &operation] { return plugin_->hold(operation); });
  }
  // What cannot say how long it may act, may not act.
  [[nodiscard]] std::optional<sdk::BootTime> lapses() const override {
    try {
      return plugin_->lapses();
    } catch (...) {
      (void)blame_.error("lapses", std::current_exception());
      return sdk::BootTime(0);
    }
  }
  Task<Result<void>> done(const sdk::Operation& operation) override {
    return guarded(blame_, "done", [this, &operation] { return plugin_->done(operation); });
  }

 private:
  std::unique_ptr<sdk::Schedule> plugin_;
  Blame blame_;
};

template <>
class Guarded<sdk::Installer> : public sdk::Installer {
 public:
  Guarded(std::unique_ptr<sdk::Installer> plugin, Blame blame) : plugin_(std::move(plugin)), blame_(std::move(blame)) {}
  Task<Result<sdk::Installed>> inspect(const sdk::Version* target) override {
    return guarded(blame_, "inspect", [this, target] { return plugin_->inspect(target); });
  }
  Task<Result<sdk::Plan>> prepare(const sdk::Change& change) override {
    return guarded(blame_, "prepare", [this, &change] { return plugin_->prepare(change); });
  }
  Task<Result<void>> fetch(const sdk::Change& change) override {
    return guarded(blame_, "fetch", [this, &change] { return plugin_->fetch(change); });
  }
  Task<Result<void>> apply(const sdk::Change& change, sdk::Note& note, const std::string& last_note) override {
    return guarded(blame_, "apply", [this, &change, &note, &last_note] { return plugin_->apply(change, note, last_note); });
  }
  Task<Result<void>> activate(const sdk::Change& change) override {
    return guarded(blame_, "activate", [this, &change] { return plugin_->activate(change); });
  }
  Task<Result<sdk::Verified>> verify(const sdk::Change& change, const std::string& last_note) override {
    return guarded(blame_, "verify", [this, &change, &last_note] { return plugin_->verify(change, last_note); });
  }
  Task<Result<void>> revert(const sdk::Change& change, sdk::Note& note, const std::string& last_note) override {
    return guarded(blame_, "revert", [this, &change, &note, &last_note] { return plugin_->revert(change, note, last_note); });
  }
  Task<Result<void>> keep() override {
    return guarded(blame_, "keep", [this] { return plugin_->keep(); });
  }
  Task<Result<void>> changed() override {
    return guarded(blame_, "changed", [this] { return plugin_->changed(); });
  }
  Task<Result<sdk::Vitals>> vitals() override {
    return guarded(blame_, "vitals", [this] { return plugin_->vitals(); });
  }
  Task<Result<void>> taken(const sdk::Wish& wish) override {
    return guarded(blame_, "taken", [this, &wish] { return plugin_->taken(wish); });
  }
  Task<Result<void>> tell(const sdk::Happening& happening) override {
    return guarded(blame_, "tell", [this, &happening] { return plugin_->tell(happening); });
  }
  Task<Result<void>> show(const std::string& status) override {
    return guarded(blame_, "show", [this, &status] { return plugin_->show(status); });
  }
  [[nodiscard]] bool shows() const override {
    try {
      return plugin_->shows();
    } catch (...) {
      (void)blame_.error("shows", std::current_exception());
      return sdk::Installer::shows();
    }
  }
  [[nodiscard]] bool on_this_host() const override {
    try {
      return plugin_->on_this_host();
    } catch (...) {
      (void)blame_.error("on_this_host", std::current_exception());
      return sdk::Installer::on_this_host();
    }
  }
  [[nodiscard]] std::vector<sdk::Advice> advice(const sdk::Change& change) const override {
    try {
      return plugin_->advice(change);
    } catch (...) {
      return {{"upkeep status " + blame_.host.agent(), blame_.error("advice", std::current_exception()).message}};
    }
  }

 private:
  std::unique_ptr<sdk::Installer> plugin_;
  Blame blame_;
};

template <>
class Guarded<sdk::State> : public sdk::State {
 public:
  Guarded(std::unique_ptr<sdk::State> plugin, Blame blame) : plugin_(std::move(plugin)), blame_(std::move(blame)) {}
  Task<Result<sdk::Claim>> claim() override {
    return guarded(blame_, "claim", [this] { return plugin_->claim(); });
  }
  Task<Result<void>> release() override {
    return guarded(blame_, "release", [this] { return plugin_->release(); });
  }
  Task<Result<std::vector<std::string>>> agents() override {
    return guarded(blame_, "agents", [this] { return plugin_->agents(); });
  }
  [[nodiscard]] std::size_t capacity() const override {
    try {
      return plugin_->capacity();
    } catch (...) {
      (void)blame_.error("capacity", std::current_exception());
      return sdk::State::capacity();
    }
  }
  Task<Result<sdk::JournalBytes>> load() override {
    return guarded(blame_, "load", [this] { return plugin_->load(); });
  }
  Task<sdk::Append> append(std::uint64_t sequence, std::string line) override {
    // What was written before it threw is not known: the engine loads and looks.
    auto appended = co_await guarded(blame_, "append", appending(sequence, std::move(line)));
    co_return appended.value_or(sdk::Append::unknown);
  }
  Task<Result<void>> truncate(std::size_t size) override {
    return guarded(blame_, "truncate", [this, size] { return plugin_->truncate(size); });
  }
  Task<Result<void>> compact(std::string bytes) override {
    return guarded(blame_, "compact", [this, bytes = std::move(bytes)]() mutable { return plugin_->compact(std::move(bytes)); });
  }
  Task<Result<std::string>> set_aside() override {
    return guarded(blame_, "set_aside", [this] { return plugin_->set_aside(); });
  }

 private:
  struct Appending {
    sdk::State* plugin;
    std::uint64_t sequence;
    std::string line;
    static Task<Result<sdk::Append>> run(sdk::State* plugin, std::uint64_t sequence, std::string line) {
      co_return co_await plugin->append(sequence, std::move(line));
    }
    Task<Result<sdk::Append>> operator()() { return run(plugin, sequence, std::move(line)); }
  };
  Appending appending(std::uint64_t sequence, std::string line) { return {plugin_.get(), sequence, std::move(line)}; }

  std::unique_ptr<sdk::State> plugin_;
  Blame blame_;
};

template <typename Kind>
constexpr sdk::PluginKind kind_of() {
  return static_cast<sdk::PluginKind>(sdk::AnyFactory(sdk::Factory<Kind>()).index());
}

}  // namespace

bool Faults::add(const std::string& plugin, const std::string& method, const std::string& line) {
  const auto [at, fresh] = seen_.try_emplace({plugin, method}, line);
  if (!fresh) at->second = line;
  return fresh;
}

std::vector<std::string> Faults::lines() const {
  std::vector<std::string> out;
  for (const auto& [method, line] : seen_) out.push_back(line);
  return out;
}

template <typename Kind>
Result<std::unique_ptr<Kind>> make_plugin(Registry& registry, sdk::Host& host, const core::PluginUse& use, std::shared_ptr<Faults> faults) {
  constexpr auto kind = kind_of<Kind>();
  const auto found = registry.find(kind, use.use);
  if (!found) return sdk::fail(found.error());
  const std::string file = registry.file_of(kind, use.use);
  const std::string plugin =
      std::string(sdk::name(kind)) + " plugin " + sdk::quoted(use.use) + (file.empty() ? std::string() : " (" + file + ")");
  const auto factory = std::get<sdk::Factory<Kind>>((*found)->make);
  if (file.empty()) {
    auto made = factory(host, use.config);
    if (!made) return sdk::fail(plugin, made.error());
    if (!*made) return sdk::fail(Errc::internal, plugin + ": its factory returned nothing");
    return made;
  }
  Blame blame{plugin, host, std::move(faults)};
  try {
    auto made = factory(host, use.config);
    if (!made) return sdk::fail(plugin, made.error());
    if (!*made) return sdk::fail(Errc::internal, plugin + ": its factory returned nothing");
    return std::make_unique<Guarded<Kind>>(std::move(*made), std::move(blame));
  } catch (...) {
    return sdk::fail(Errc::internal, plugin + ": its factory threw " + what_of(std::current_exception()));
  }
}

template Result<std::unique_ptr<sdk::Source>> make_plugin(Registry&, sdk::Host&, const core::PluginUse&, std::shared_ptr<Faults>);
template Result<std::unique_ptr<sdk::Schedule>> make_plugin(Registry&, sdk::Host&, const core::PluginUse&, std::shared_ptr<Faults>);
template Result<std::unique_ptr<sdk::Installer>> make_plugin(Registry&, sdk::Host&, const core::PluginUse&, std::shared_ptr<Faults>);
template Result<std::unique_ptr<sdk::State>> make_plugin(Registry&, sdk::Host&, const core::PluginUse&, std::shared_ptr<Faults>);

}  // namespace upkeep::engine
