// SPDX-License-Identifier: Apache-2.0
#include "config/probe.h"

#include <algorithm>

#include "config/names.h"
#include "core/http_answer.h"
#include "core/log_pattern.h"
#include "sdk/socket_address.h"

namespace upkeep::config {
namespace {

using core::ProbeSettings;
using sdk::KeyType;
using std::chrono::hours;
using std::chrono::seconds;

constexpr sdk::KeySpec kProbeKeys[] = {
    {.name = "use",
     .type = KeyType::text,
     .required = true,
     .help = "unit, command, http, tcp, notify, log, or installer: what an installer that proves health says of it"},
    {.name = "unit",
     .type = KeyType::text,
     .help = "with use = \"unit\", \"notify\" or \"log\": the service, its whole name; it must run, or have said READY=1 again since the "
             "restart; absent for notify and log: the unit of [health], or the one that the installer restarts"},
    {.name = "command",
     .type = KeyType::text_list,
     .help = "with use = \"command\": program (an absolute path) and arguments, without a shell; must end with status 0"},
    {.name = "url",
     .type = KeyType::text,
     .help = "with use = \"http\": what is asked for, on this host; its host is an address or localhost, unless address or unix_socket "
             "says where to connect; http only to loopback or a unix socket; no proxy, no redirect; at most 256 KiB of body"},
    {.name = "address",
     .type = KeyType::text,
     .help = "with use = \"tcp\": \"127.0.0.1:3025\" or a unix socket's path, where somebody must take connections; with use = \"http\": "
             "where to connect instead of to the url's host, which stays the name in the certificate"},
    {.name = "unix_socket", .type = KeyType::text, .help = "with use = \"http\": the absolute path of the socket to connect to"},
    {.name = "ca_file",
     .type = KeyType::text,
     .help = "with use = \"http\": certificates of the authorities to trust, in place of the system's; an absolute path"},
    {.name = "status", .type = KeyType::text, .fallback = "200-299", .help = "with use = \"http\": the status or statuses that are good"},
    {.name = "body", .type = KeyType::text, .help = "with use = \"http\": text that must be in the body"},
    {.name = "json",
     .type = KeyType::text,
     .help = "with use = \"http\": a JSON pointer, as in \"/status\", to what in the body must be `value`"},
    {.name = "value", .type = KeyType::text, .help = "with json: what must be there; a number or flag as JSON writes it"},
    {.name = "pattern",
     .type = KeyType::text,
     .fallback = ".",
     .help = "with use = \"log\": a POSIX extended regular expression; one line of the unit at priority err or worse that it matches, "
             "logged since the restart, is failing for good; outside of a soak the lines of the process that runs count"},
    {.name = "interval", .type = KeyType::duration, .fallback = "5s", .help = "how often it looks during the soak, from 1s to 1h"},
    {.name = "timeout", .type = KeyType::duration, .fallback = "10s", .help = "how long one look may take, from 1s to 1h"},
    {.name = "successes", .type = KeyType::integer, .fallback = "1", .help = "good looks in a row that it needs, from 1 to 1000"},
    {.name = "failures",
     .type = KeyType::integer,
     .fallback = "1",
     .help = "bad looks in a row that make it failing, from 1 to 1000; going from good to bad three times in one soak does too"},
};

constexpr std::string_view kOfAll[] = {"use", "interval", "timeout", "successes", "failures"};

struct Own {
  std::string_view use;
  std::vector<std::string_view> keys;  // the first one is what it is about
  bool required;
};
const Own& own_keys(std::string_view use) {
  static const Own kOwn[] = {
      {"unit", {"unit"}, true},
      {"command", {"command"}, true},
      {"http", {"url", "address", "unix_socket", "ca_file", "status", "body", "json", "value"}, true},
      {"tcp", {"address"}, true},
      {"notify", {"unit"}, false},
      {"log", {"pattern", "unit"}, false},
      {"installer", {}, false},
  };
  return *std::find_if(std::begin(kOwn), std::end(kOwn), [&](const Own& one) { return one.use == use; });
}

// A socket's or file's path; relative ones would mean another file to each program.
void read_path(const Section& section, std::string_view key, std::size_t most, std::string& out) {
  if (!section.table.has(key)) return;
  out = section.table.text(key);
  if (!out.starts_with('/') || out.size() > most)
    section.issue(key, "must be an absolute path of at most " + std::to_string(most) + " bytes, not " + sdk::quoted(out));
}

void read_text(const Section& section, std::string_view key, std::string& out) {
  if (!section.table.has(key)) return;
  out = section.table.text(key);
  if (out.empty() || out.size() > 256) section.issue(key, "must have 1 to 256 characters");
}

// The host part of a URL is enough of it to say whether it may be asked; the rest is the server's business.
void read_url(const Section& section, std::string_view key, ProbeSettings& out) {
  out.url = section.table.text(key);
  const std::string_view url = out.url;
  const bool plain = url.starts_with("http://");
  const bool sound = out.url.size() <= 500 && std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  if ((!plain && !url.starts_with("https://")) || !sound) {
    section.issue(key, sdk::quoted(url) + " is no URL; write it as in \"http://127.0.0.1:3000/readyz\"");
    return;
  }
  auto where = url.substr(plain ? 7 : 8);
  where = where.substr(0, where.find_first_of("/?#"));
  if (where.find('@') != std::string_view::npos) {
    section.issue(key, "must not hold a user or password: it is shown and kept");
    return;
  }
  auto to = sdk::parse_socket_address(where, plain ? 80 : 443);
  if (!to) {
    section.issue(key, to.error().message);
    return;
  }
  if (!out.unix_socket.empty()) return;
  if (!out.address.empty()) to = sdk::parse_socket_address(out.address);
  if (!to) return;  // said already
  if (!to->literal)
    section.issue(key, "only this host counts: " + sdk::quoted(to->host) +
                           " would have to be looked up; say with `address` or `unix_socket` where to connect");
  else if (plain && !to->loopback)
    section.issue(key, "plain http goes to loopback or a unix socket only, not to " + sdk::quoted(to->host));
}

void read_address(const Section& section, std::string_view key, ProbeSettings& out) {
  if (!section.table.has(key)) return;
  if (section.table.text(key).starts_with('/') && out.use == "tcp") {
    read_path(section, key, sdk::kLongestSocketPath, out.address);
    return;
  }
  out.address = section.table.text(key);
  const auto to = sdk::parse_socket_address(out.address);
  if (!to)
    section.issue(key, to.error().message);
  else if (!to->literal)
    section.issue(key, "only this host counts: " + sdk::quoted(to->host) +
                           " would have to be looked up; write the address, as in \"127.0.0.1:3025\"");
}

void read_http(const Section& section, std::string_view url, ProbeSettings& out) {
  read_address(section, "address", out);
  read_path(section, "unix_socket", sdk::kLongestSocketPath, out.unix_socket);
  read_path(section, "ca_file", 4096, out.ca_file);
  if (!out.address.empty() && !out.unix_socket.empty()) section.issue("unix_socket", "goes without address: it connects to one of them");
  read_url(section, url, out);
  if (section.table.has("status"))
    if (const auto read = core::read_status_range(section.table.text("status"), out); !read) section.issue("status", read.error().message);
  read_text(section, "body", out.body);
  if (section.table.has("json") != section.table.has("value")) section.issue("json", "needs `value`, and the other way round");
  read_text(section, "json", out.json_pointer);
  read_text(section, "value", out.value);
  if (!out.json_pointer.empty())
    if (const auto good = core::check_json_pointer(out.json_pointer); !good) section.issue("json", good.error().message);
}

void read_unit(const Section& section, std::string_view key, const std::string& fallback, ProbeSettings& out) {
  out.unit = section.table.has(key) ? section.table.text(key) : fallback;
  if (out.unit.empty())
    section.issue(key, "is missing: no other key of this file names a service");
  else if (!is_service_name(out.unit))
    section.issue(key, sdk::quoted(out.unit) + " is no service; write its whole name, as in \"agent.service\"");
}

// `key` is where the kind's first key is written: in the short form, under the kind's own name.
ProbeSettings read_kind(const Section& section, std::string_view use, std::string_view key, const std::string& unit) {
  ProbeSettings out;
  out.use = use;
  if (use == "unit" || use == "notify") {
    read_unit(section, key, use == "notify" ? unit : "", out);
  } else if (use == "command") {
    out.command = section.table.texts(key);
    if (!is_command(out.command)) section.issue(key, kNoCommand);
  } else if (use == "http") {
    read_http(section, key, out);
  } else if (use == "tcp") {
    read_address(section, key, out);
  } else if (use == "log") {
    read_unit(section, "unit", unit, out);
    if (section.table.has(key)) out.pattern = section.table.text(key);
    if (const auto good = core::LogPattern::parse(out.pattern); !good) section.issue(key, good.error().message);
  }
  return out;
}

}  // namespace

std::span<const sdk::KeySpec> probe_keys() { return kProbeKeys; }

void read_probe(const Section& section, const std::string& unit, std::vector<ProbeSettings>& out) {
  const std::string use = section.table.text("use");
  if (std::find(std::begin(core::kProbeKinds), std::end(core::kProbeKinds), use) == std::end(core::kProbeKinds)) {
    section.issue("use", sdk::quoted(use) + " is no probe" + suggestion(use, {std::begin(core::kProbeKinds), std::end(core::kProbeKinds)}));
    return;
  }
  const auto& own = own_keys(use);
  for (const auto& key : kProbeKeys) {
    const bool known = std::find(std::begin(kOfAll), std::end(kOfAll), key.name) != std::end(kOfAll) ||
                       std::find(own.keys.begin(), own.keys.end(), key.name) != own.keys.end();
    if (!known && section.table.has(key.name)) section.issue(key.name, "does not belong to a probe with use = \"" + use + "\"");
  }
  if (own.required && !section.table.has(own.keys.front())) {
    section.issue(own.keys.front(), "is missing");
    return;
  }
  auto probe = read_kind(section, use, own.keys.empty() ? "" : own.keys.front(), unit);
  section.bounded("interval", probe.interval, seconds(1), hours(1));
  section.bounded("timeout", probe.timeout, seconds(1), hours(1));
  section.bounded("successes", probe.successes, 1, 1000);
  section.bounded("failures", probe.failures, 1, 1000);
  out.push_back(std::move(probe));
}

void read_short_probe(const Section& health, std::string_view use, const std::string& unit, std::vector<ProbeSettings>& out) {
  // Only what is written here belongs to it: the other keys of [health] are not the probe's.
  sdk::Config::Table own;
  if (const auto* found = health.table.find(use)) own.emplace(std::string(use), *found);
  const sdk::Config table(std::move(own), health.table.place());
  out.push_back(read_kind(Section{table, health.path, health.issues}, use, use, unit));
}

}  // namespace upkeep::config
