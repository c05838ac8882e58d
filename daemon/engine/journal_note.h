// SPDX-License-Identifier: Apache-2.0
#pragma once
// An installer's notes: in the journal before the verb goes on.

#include <string>
#include <utility>

#include "engine/journal.h"
#include "sdk/installer.h"

namespace upkeep::engine {

class JournalNote : public sdk::Note {
 public:
  // `lost`: is set when somebody else has written the journal.
  JournalNote(Journal& journal, std::string operation, bool& lost) : journal_(journal), operation_(std::move(operation)), lost_(lost) {}

  sdk::Task<sdk::Result<void>> write(std::string bytes) override {
    if (bytes.size() > 1024) co_return sdk::fail(sdk::Errc::internal, "a note longer than 1 KiB");
    nlohmann::json fields = {{"bytes", std::move(bytes)}};
    co_return co_await append(core::Event::note, std::move(fields));
  }

  sdk::Task<sdk::Result<void>> record(sdk::Topic topic, std::vector<std::string> lines) override {
    // Later ones are dropped; what a plugin says without end does not make the journal long.
    const auto& running = journal_.state().operation;
    if (running && running->id == operation_ && running->record.size() >= core::kMaxRecords) co_return sdk::Result<void>();
    nlohmann::json fields = {{"topic", sdk::name(topic)}, {"lines", core::bounded(std::move(lines))}};
    co_return co_await append(core::Event::record, std::move(fields));
  }

 private:
  sdk::Task<sdk::Result<void>> append(core::Event event, nlohmann::json fields) {
    if (lost_) co_return sdk::fail(sdk::Errc::cancelled, "somebody else wrote the journal");
    auto appended = co_await journal_.append(event, operation_, std::move(fields));
    if (!appended && appended.error().code == sdk::Errc::cancelled) lost_ = true;
    co_return appended;
  }

  Journal& journal_;
  std::string operation_;
  bool& lost_;
};

}  // namespace upkeep::engine
