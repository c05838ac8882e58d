// SPDX-License-Identifier: Apache-2.0
#include "config/daemon.h"

#include <arpa/inet.h>

#include "sdk/socket_address.h"

namespace upkeep::config {
namespace {

using sdk::KeyType;

constexpr sdk::KeySpec kDaemon[] = {
    {.name = "plugins", .help = "folder of the plugins; absent: where the package installs them"},
    {.name = "workloads_at_once",
     .type = KeyType::integer,
     .fallback = "20",
     .help = "workloads of a cluster that are changed at a time, until their rollout is done: 1 to 1000"},
    {.name = "state", .fallback = "/var/lib/upkeep", .help = "folder of the daemon's state, among it the agents' journals"},
};
constexpr sdk::KeySpec kControl[] = {
    {.name = "socket", .fallback = "/run/upkeep/control.sock", .help = "the socket of the API, at most 107 bytes long"},
    {.name = "read_group", .fallback = "upkeep", .help = "group whose members may read"},
    {.name = "admin_group", .fallback = "upkeep-admin", .help = "group whose members, beside root, may change things"},
    {.name = "listen", .help = "metrics and health over TCP too, for whoever can connect: 127.0.0.1:9464; absent: not"},
};
constexpr sdk::KeySpec kLog[] = {
    {.name = "level", .fallback = "info", .help = "the least important lines to write: debug, info, warn, error"},
    {.name = "format", .fallback = "text", .help = "text, or json (an object a line)"},
};
constexpr sdk::KeySpec kState[] = {{.name = "use", .fallback = "files", .help = "the state plugin, which keeps the journals"}};
constexpr sdk::KeySpec kFile[] = {
    {.name = "daemon", .type = KeyType::table, .help = "folders of the daemon", .children = kDaemon},
    {.name = "control", .type = KeyType::table, .help = "the API, and who may use it", .children = kControl},
    {.name = "log", .type = KeyType::table, .help = "what the daemon writes to standard error", .children = kLog},
    {.name = "state", .type = KeyType::table, .help = "where the agents' journals are kept", .children = kState},
};

// "127.0.0.1:9464", "[::1]:9464"
bool is_listen_address(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return false;
  std::string address = text.substr(0, colon);
  const bool v6 = address.size() > 2 && address.front() == '[' && address.back() == ']';
  if (v6) address = address.substr(1, address.size() - 2);
  const std::uint64_t port = sdk::parse_number(std::string_view(text).substr(colon + 1)).value_or(0);
  in6_addr ignored{};
  return port > 0 && port < 65536 && inet_pton(v6 ? AF_INET6 : AF_INET, address.c_str(), &ignored) == 1;
}

// One text of a section; `holds` judges it.
template <typename Holds>
void text(const Section& section, std::string_view key, std::string& out, Holds holds, const char* wanted) {
  if (!section.table.has(key)) return;
  out = section.table.text(key);
  if (!holds(out)) section.issue(key, "must be " + std::string(wanted) + ", not " + sdk::quoted(out));
}

bool is_absolute(const std::string& path) { return path.starts_with('/'); }
bool is_group(const std::string& name) { return !name.empty() && name.find_first_of(": \t\n/") == std::string::npos; }

}  // namespace

std::span<const sdk::KeySpec> daemon_keys() { return kFile; }

void read_daemon(const sdk::Config& tree, core::DaemonSettings& out, Issues& issues) {
  check_known(tree, names_of(kFile), "", issues);
  const auto section = [&](const char* key, std::span<const sdk::KeySpec> keys, auto read) {
    const sdk::Config* table = tree.find(key);
    if (table == nullptr) return;
    const std::size_t before = issues.size();
    if (!table->is_table())
      issues.push_back({table->place(), key, "must be a table, under [" + std::string(key) + "]"});
    else if (!keys.empty())
      check_keys(*table, keys, key, issues);
    if (issues.size() == before) read(Section{*table, key, issues});
  };
  section("daemon", kDaemon, [&](const Section& at) {
    text(at, "plugins", out.plugin_dir, is_absolute, "an absolute path");
    text(at, "state", out.state_dir, is_absolute, "an absolute path");
    at.bounded("workloads_at_once", out.workloads_at_once, 1, 1000);
  });
  section("control", kControl, [&](const Section& at) {
    const auto fits = [](const std::string& path) { return is_absolute(path) && path.size() <= sdk::kLongestSocketPath; };
    text(at, "socket", out.socket, fits, "an absolute path of at most 107 bytes");
    text(at, "read_group", out.read_group, is_group, "the name of a group");
    text(at, "admin_group", out.admin_group, is_group, "the name of a group");
    text(at, "listen", out.listen, is_listen_address, "an address and a port, as in \"127.0.0.1:9464\"");
  });
  section("log", kLog, [&](const Section& at) {
    using sdk::LogLevel;
    at.choose<LogLevel>("level", out.log_level,
                        {{"debug", LogLevel::debug}, {"info", LogLevel::info}, {"warn", LogLevel::warn}, {"error", LogLevel::error}});
    at.choose("format", out.log_json, {{"text", false}, {"json", true}});
  });
  section("state", {}, [&](const Section& at) {
    const sdk::Config* use = at.table.find("use");
    if (use == nullptr || !std::holds_alternative<std::string>(use->value())) {
      at.issue("use", "must name the state plugin, as in use = \"files\"");
      return;
    }
    out.state = {at.table.text("use"), at.table};
    std::get<sdk::Config::Table>(out.state.config.value()).erase("use");
  });
}

}  // namespace upkeep::config
