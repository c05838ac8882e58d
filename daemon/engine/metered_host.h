// SPDX-License-Identifier: Apache-2.0
#pragma once
// A host that counts the bytes that come in through it: the poller's sources read with it. Bodies as they are after
// decoding, and whole files; headers and what a failed request had already brought do not count.

#include <memory>
#include <utility>

#include "sdk/host.h"

namespace upkeep::engine {

class MeteredHttp : public sdk::Http {
 public:
  MeteredHttp(sdk::Http& inner, std::uint64_t& bytes) : inner_(inner), bytes_(bytes) {}
  sdk::Task<sdk::Result<sdk::HttpResponse>> fetch(sdk::HttpRequest request) override;
  sdk::Task<sdk::Result<sdk::HttpResponse>> stream(sdk::HttpRequest request, sdk::LineSink& sink) override;

 private:
  sdk::Http& inner_;
  std::uint64_t& bytes_;
};

class MeteredFiles : public sdk::Files {
 public:
  MeteredFiles(sdk::Files& inner, std::uint64_t& bytes) : inner_(inner), bytes_(bytes) {}
  bool exists(const std::string& path) override { return inner_.exists(path); }
  std::string absolute(const std::string& path) override { return inner_.absolute(path); }
  sdk::Result<std::string> read(const std::string& path, std::size_t max_bytes) override {
    auto read = inner_.read(path, max_bytes);
    if (read) bytes_ += read->size();
    return read;
  }
  sdk::Result<std::vector<std::string>> list(const std::string& path) override { return inner_.list(path); }
  sdk::Result<void> write_atomic(const std::string& path, std::string_view bytes) override { return inner_.write_atomic(path, bytes); }
  sdk::Result<void> append_durable(const std::string& path, std::string_view bytes) override { return inner_.append_durable(path, bytes); }
  sdk::Result<void> truncate(const std::string& path, std::size_t size) override { return inner_.truncate(path, size); }
  sdk::Result<void> rename(const std::string& from, const std::string& to) override { return inner_.rename(from, to); }
  sdk::Result<void> remove(const std::string& path) override { return inner_.remove(path); }
  sdk::Result<std::unique_ptr<sdk::Watch>> watch(const std::string& path) override { return inner_.watch(path); }

 private:
  sdk::Files& inner_;
  std::uint64_t& bytes_;
};

class MeteredHost : public sdk::Host {
 public:
  explicit MeteredHost(std::unique_ptr<sdk::Host> inner) : inner_(std::move(inner)) {}
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

  [[nodiscard]] const std::string& agent() const override { return inner_->agent(); }
  sdk::Clock& clock() override { return inner_->clock(); }
  sdk::Random& random() override { return inner_->random(); }
  sdk::Http& http() override { return http_; }
  sdk::Bus& bus() override { return inner_->bus(); }
  sdk::Process& process() override { return inner_->process(); }
  sdk::Files& files() override { return files_; }
  sdk::UnitLog& unit_log() override { return inner_->unit_log(); }
  sdk::Sockets& sockets() override { return inner_->sockets(); }
  [[nodiscard]] std::optional<std::string> environment(const std::string& name) override { return inner_->environment(name); }
  void log(sdk::LogLevel level, std::string_view message) override { inner_->log(level, message); }
  void progress(const sdk::Progress& progress) override { inner_->progress(progress); }

 private:
  std::unique_ptr<sdk::Host> inner_;
  std::uint64_t bytes_ = 0;
  MeteredHttp http_{inner_->http(), bytes_};
  MeteredFiles files_{inner_->files(), bytes_};
};

}  // namespace upkeep::engine
