// SPDX-License-Identifier: Apache-2.0
#include "support/rig.h"

#include "state/configmap/plugin.h"
#include "state/files/plugin.h"

namespace upkeep::test {

core::AgentSettings demo_settings() {
  core::AgentSettings out;
  out.name = "demo";
  out.sources.push_back({"fake", {}});
  out.schedules.push_back({"fake", {}});
  out.installer = {"fake", {}};
  core::ProbeSettings probe;
  probe.use = "unit";
  probe.unit = "demo.service";
  out.probes.push_back(probe);
  out.soak = std::chrono::minutes(1);
  return out;
}

engine::Configuration demo_configuration(const std::function<void(core::AgentSettings&)>& adjust) {
  engine::Configuration out;
  out.agents = {demo_settings()};
  if (adjust) adjust(out.agents[0]);
  return out;
}

Rig::Rig(World& world, const std::function<void(core::AgentSettings&)>& adjust, std::vector<const sdk::Descriptor*> more)
    : Rig(world, demo_configuration(adjust), std::move(more)) {}

Rig::Rig(World& world, engine::Configuration configured, std::vector<const sdk::Descriptor*> more)
    : configuration(std::move(configured)), world_(world), clock_(world), io_(1) {
  set_world(&world);
  host_ = fake_host(world_, clock_, "", nullptr);
  more.insert(more.end(),
              {&kFakeSource, &kFakeSchedule, &kFakeInstaller, &kFakeState, &plugins::files::kDescriptor, &plugins::configmap::kDescriptor});
  for (const auto* descriptor : more)
    if (auto added = registry_.add(*descriptor); !added) throw std::runtime_error(added.error().message);
  shared_.emplace(engine::Shared{
      .executor = io_.get_executor(),
      .registry = registry_,
      .host = *host_,
      .make_host = [this](std::string agent,
                          engine::ProgressSink sink) { return fake_host(world_, clock_, std::move(agent), std::move(sink)); },
      .state = {world.state, {}},
      .machine_id = "machine",
      .build_date = sdk::TimePoint(std::chrono::seconds(1'700'000'000)),
      .rollouts = engine::TransactionLock(world.rollouts_at_once)});
  listening_ = shared_->events.subscribe([this](const nlohmann::json& event) { events.push_back(event); });
  engine_.emplace(
      *shared_, [this] { return configuration; }, [this](const std::string& why) { gave_up = why; });
  engine_->start(configuration);
  while (engine_->summary() == "starting" && io_.poll_one() > 0) {  // it asks first whether the journals are ours
  }
}

Rig::~Rig() { io_.stop(); }

bool Rig::until(const std::function<bool()>& condition, sdk::Millis longest) {
  const auto end = world_.boot + longest;
  while (true) {
    settle();
    if (condition()) return true;
    if (gave_up) return false;
    const auto next = clock_.next();
    if (!next || *next > end) return false;
    clock_.advance_to(*next);
  }
}

void Rig::settle() {
  if (gave_up) return;  // its process is gone
  while (io_.poll() > 0) {
  }
  io_.restart();
}

void Rig::pass(sdk::Millis time) {
  const auto end = world_.boot + time;
  until([] { return false; }, time);
  clock_.advance_to(end);
  until([] { return true; });
}

engine::Reply Rig::ask(engine::Command command) {
  std::optional<engine::Reply> reply;
  auto run = [](engine::Engine& engine, engine::Command what, std::optional<engine::Reply>& out) -> sdk::Task<void> {
    out = co_await engine.command("demo", std::move(what));
  };
  spawn(run(*engine_, std::move(command), reply));
  until([&] { return reply.has_value(); });
  return reply ? *reply : tl::unexpected(engine::Refusal{"internal", "no answer"});
}

engine::Reply Rig::ask(engine::Verb verb, const std::string& version) {
  engine::Command command;
  command.verb = verb;
  command.version = version;
  command.actor.name = "olga";
  command.reason = "because";
  return ask(std::move(command));
}

engine::Reply Rig::reload() {
  std::optional<engine::Reply> reply;
  auto run = [](engine::Engine& engine, std::optional<engine::Reply>& out) -> sdk::Task<void> {
    engine::Actor actor;
    out = co_await engine.reload(std::move(actor));
  };
  spawn(run(*engine_, reply));
  until([&] { return reply.has_value(); });
  return *reply;
}

core::ProbeSettings demo_probe(const std::string& use) {
  core::ProbeSettings out;
  out.use = use;
  out.unit = "demo.service";
  out.url = kReadyUrl;
  out.address = use == "tcp" ? "127.0.0.1:3025" : "";
  return out;
}

nlohmann::json Rig::status() { return engine_->status("demo").value()["agents"][0]; }
nlohmann::json Rig::history() { return engine_->history("demo").value()["operations"]; }
std::string Rig::last_result() {
  const auto all = history();
  return all.empty() || all[0]["result"].is_null() ? "" : all[0]["result"].get<std::string>();
}
bool Rig::settled() {
  const auto now = status();
  return now["operation"].is_null() && now["decision"]["action"] != "upgrade" && now["decision"]["text"] != "starting";
}

}  // namespace upkeep::test
