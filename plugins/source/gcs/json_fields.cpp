// SPDX-License-Identifier: Apache-2.0
#include "source/gcs/json_fields.h"

#include <nlohmann/json.hpp>
#include <vector>

namespace upkeep::plugins::gcs {

using sdk::Errc;
using sdk::fail;

namespace {

constexpr std::size_t kDeepest = 8;
// Each inner name is kept with its outer ones, so their length is what a short text could be made a huge table with.
constexpr std::size_t kLongestName = 128;

// Takes the events of nlohmann's parser; false ends it.
class FieldTaker final : public nlohmann::json::json_sax_t {
 public:
  [[nodiscard]] Fields& fields() { return fields_; }
  [[nodiscard]] const std::string& trouble() const { return trouble_; }

  bool null() override { return value(); }
  bool boolean(bool /*unused*/) override { return value(); }
  bool number_integer(number_integer_t number) override { return value(std::to_string(number)); }
  bool number_unsigned(number_unsigned_t number) override { return value(std::to_string(number)); }
  bool number_float(number_float_t /*unused*/, const string_t& written) override { return value(written); }
  bool string(string_t& text) override { return value(std::move(text)); }
  bool binary(binary_t& /*unused*/) override { return false; }

  bool start_object(std::size_t /*unused*/) override { return open(key_.empty() ? "" : key_ + "."); }
  bool key(string_t& name) override {
    key_ = levels_.back() + name;
    return key_.size() <= kLongestName || say("has a name longer than 128 bytes");
  }
  bool end_object() override { return close(); }
  bool start_array(std::size_t /*unused*/) override {
    if (levels_.empty()) return say("is no JSON object");
    ++lists_;
    return open("");
  }
  bool end_array() override {
    --lists_;
    return close();
  }
  bool parse_error(std::size_t /*unused*/, const std::string& /*unused*/, const nlohmann::json::exception& /*unused*/) override {
    return say("is no JSON (or no UTF-8)");
  }

 private:
  bool say(const char* trouble) {
    if (trouble_.empty()) trouble_ = trouble;
    return false;
  }
  bool open(std::string prefix) {
    if (levels_.size() == kDeepest) return say("has objects or lists deeper than 8");
    levels_.push_back(std::move(prefix));
    return true;
  }
  bool close() {
    levels_.pop_back();
    return true;
  }
  bool value() { return !levels_.empty() || say("is no JSON object"); }
  bool value(std::string text) {
    if (!value()) return false;
    if (lists_ > 0) return true;
    return fields_.emplace(key_, std::move(text)).second || say("has a name twice");
  }

  Fields fields_;
  std::vector<std::string> levels_;  // what the names in each open object begin with
  std::string key_;
  int lists_ = 0;  // open ones
  std::string trouble_;
};

}  // namespace

sdk::Result<Fields> parse_fields(std::string_view text) {
  if (text.size() > kMostJsonBytes) return fail(Errc::invalid, "is longer than " + std::to_string(kMostJsonBytes) + " bytes");
  FieldTaker taker;
  if (!nlohmann::json::sax_parse(text, &taker)) return fail(Errc::invalid, taker.trouble());
  return std::move(taker.fields());
}

std::string field(const Fields& fields, std::string_view name) {
  const auto found = fields.find(name);
  return found == fields.end() ? "" : found->second;
}

}  // namespace upkeep::plugins::gcs
