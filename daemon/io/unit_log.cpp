// SPDX-License-Identifier: Apache-2.0
#include "io/unit_log.h"

#include <systemd/sd-journal.h>

#include <algorithm>
#include <memory>
#include <string_view>

#include "io/fd.h"
#include "io/utf8.h"

namespace upkeep::io {

using sdk::fail;
using sdk::Result;
using sdk::UnitLine;

namespace {

constexpr std::size_t kMaxLine = 1024;

struct Close {
  void operator()(sd_journal* journal) const { sd_journal_close(journal); }
};

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
  line.message = valid_utf8(field(journal, "MESSAGE"), kMaxLine);
  const auto priority = field(journal, "PRIORITY");
  if (priority.size() == 1 && priority[0] >= '0' && priority[0] <= '7') line.priority = priority[0] - '0';
  return line;
}

}  // namespace

Result<std::vector<UnitLine>> RealUnitLog::lines(const std::string& unit, sdk::TimePoint since, std::size_t max_lines) {
  sd_journal* opened = nullptr;
  if (const int r = sd_journal_open(&opened, SD_JOURNAL_LOCAL_ONLY); r < 0) return fail(errno_error("cannot open the journal", -r));
  const std::unique_ptr<sd_journal, Close> journal(opened);
  sd_journal_set_data_threshold(opened, kMaxLine + 64);
  // Its own lines, or those of process 1 about it: anybody may write a UNIT= field.
  const std::string own = "_SYSTEMD_UNIT=" + unit, about = "UNIT=" + unit;
  sd_journal_add_match(opened, own.data(), own.size());
  sd_journal_add_disjunction(opened);
  sd_journal_add_match(opened, "_PID=1", 0);
  sd_journal_add_match(opened, about.data(), about.size());

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

}  // namespace upkeep::io
