// SPDX-License-Identifier: Apache-2.0
#include "io/unit_log.h"

#include <systemd/sd-id128.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "io/fd.h"
#include "sdk/utf8.h"

namespace upkeep::io {

using sdk::fail;
using sdk::Result;
using sdk::UnitLine;

namespace {

constexpr std::size_t kMaxLine = 1024;

struct Close {
  void operator()(sd_journal* journal) const { sd_journal_close(journal); }
};

using Journal = std::unique_ptr<sd_journal, Close>;

// Where the services of the system log: on the disk, or in memory as long as that is not there.
Result<void> may_read() {
  sd_id128_t machine;
  if (const int r = sd_id128_get_machine(&machine); r < 0) return fail(errno_error("cannot find the journal: /etc/machine-id", -r));
  std::array<char, SD_ID128_STRING_MAX> id{};
  sd_id128_to_string(machine, id.data());
  Result<void> answer = fail(sdk::Errc::unsupported, "this system keeps no journal");
  for (const std::string top : {"/var/log/journal/", "/run/log/journal/"}) {
    const auto file = top + id.data() + "/system.journal";
    if (::access(file.c_str(), R_OK) == 0)
      answer = {};
    else if (errno != ENOENT && errno != ENOTDIR)
      return fail(errno_error("the journal cannot be read: " + file, errno));
  }
  return answer;
}

Result<Journal> open_journal() {
  if (const auto may = may_read(); !may) return fail(may.error());
  sd_journal* opened = nullptr;
  if (const int r = sd_journal_open(&opened, SD_JOURNAL_LOCAL_ONLY); r < 0) return fail(errno_error("cannot open the journal", -r));
  sd_journal_set_data_threshold(opened, kMaxLine + 64);
  return Journal(opened);
}

std::string cursor(sd_journal* journal) {
  char* text = nullptr;
  if (sd_journal_get_cursor(journal, &text) < 0) return {};
  const std::unique_ptr<char, void (*)(void*)> owned(text, &std::free);
  return text;
}

void match(sd_journal* journal, const std::string& field) { sd_journal_add_match(journal, field.data(), field.size()); }

// The value of a field of the current entry; empty when it has none.
std::string_view field(sd_journal* journal, const char* name) {
  const void* data = nullptr;
  std::size_t size = 0;
  if (sd_journal_get_data(journal, name, &data, &size) < 0) return {};
  const std::string_view whole(static_cast<const char*>(data), size);
  return whole.substr(std::min(whole.size(), whole.find('=') + 1));
}

UnitLine line_of(sd_journal* journal, std::uint64_t micros) {
  UnitLine line;
  line.time = sdk::TimePoint(std::chrono::duration_cast<sdk::Millis>(std::chrono::microseconds(micros)));
  line.message = sdk::valid_utf8(field(journal, "MESSAGE"), kMaxLine);
  const auto priority = field(journal, "PRIORITY");
  line.invocation = field(journal, "_PID") == "1" ? field(journal, "INVOCATION_ID") : field(journal, "_SYSTEMD_INVOCATION_ID");
  if (priority.size() == 1 && priority[0] >= '0' && priority[0] <= '7') line.priority = priority[0] - '0';
  return line;
}

}  // namespace

Result<std::vector<UnitLine>> RealUnitLog::lines(const std::string& unit, sdk::TimePoint since, std::size_t max_lines) {
  const auto journal = open_journal();
  if (!journal) return fail(journal.error());
  sd_journal* opened = journal->get();
  // Its own lines, or those of process 1 about it: anybody may write a UNIT= field.
  match(opened, "_SYSTEMD_UNIT=" + unit);
  sd_journal_add_disjunction(opened);
  match(opened, "_PID=1");
  match(opened, "UNIT=" + unit);

  std::vector<UnitLine> out;
  sd_journal_seek_tail(opened);
  while (out.size() < max_lines && sd_journal_previous(opened) > 0) {
    std::uint64_t micros = 0;
    if (sd_journal_get_realtime_usec(opened, &micros) < 0) continue;
    UnitLine line = line_of(opened, micros);
    if (line.time < since) break;
    out.push_back(std::move(line));
  }
  std::reverse(out.begin(), out.end());
  return out;
}

Result<std::string> RealUnitLog::end() {
  const auto journal = open_journal();
  if (!journal) return fail(journal.error());
  sd_journal_seek_tail(journal->get());
  return sd_journal_previous(journal->get()) > 0 ? cursor(journal->get()) : std::string();
}

Result<sdk::UnitErrorsPage> RealUnitLog::errors(const sdk::UnitErrors& wanted) {
  const auto opened = open_journal();
  if (!opened) return fail(opened.error());
  sd_journal* journal = opened->get();
  for (const bool own : {true, false}) {
    match(journal, (own ? "_SYSTEMD_UNIT=" : "UNIT=") + wanted.unit);
    if (!own) match(journal, "_PID=1");
    if (!wanted.invocation.empty()) match(journal, (own ? "_SYSTEMD_INVOCATION_ID=" : "INVOCATION_ID=") + wanted.invocation);
    for (const char* priority : {"0", "1", "2", "3"}) match(journal, std::string("PRIORITY=") + priority);
    if (own) sd_journal_add_disjunction(journal);
  }

  sdk::UnitErrorsPage page;
  page.end = wanted.after;
  if (wanted.after.empty())
    sd_journal_seek_head(journal);
  else if (const int r = sd_journal_seek_cursor(journal, wanted.after.c_str()); r < 0)
    return fail(errno_error("the journal has no such place", -r));
  for (bool first = true; sd_journal_next(journal) > 0; first = false) {
    if (first && !wanted.after.empty() && sd_journal_test_cursor(journal, wanted.after.c_str()) > 0) continue;  // seen already
    if (page.lines.size() == wanted.max_lines) {
      page.more = true;
      break;
    }
    std::uint64_t micros = 0;
    sd_journal_get_realtime_usec(journal, &micros);
    page.lines.push_back(line_of(journal, micros));
    page.end = cursor(journal);
  }
  return page;
}

}  // namespace upkeep::io
