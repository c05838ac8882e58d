// SPDX-License-Identifier: Apache-2.0
#pragma once
// What every fuzz target needs: a check that ends the process with a word about what was promised, and a way to cut one
// input into several texts. An input is text wherever it can be, so that corpora and reproducers can be read.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

// Each target defines this; libFuzzer calls it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

#define FUZZ_CHECK(promise, shown)                                                                               \
  do {                                                                                                           \
    if (!(promise)) {                                                                                            \
      std::fprintf(stderr, "%s:%d: broken: %s: %s\n", __FILE__, __LINE__, #promise, std::string(shown).c_str()); \
      std::abort();                                                                                              \
    }                                                                                                            \
  } while (false)

namespace upkeep::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};  // NOLINT
}

// The parts of an input, separated by lines "%%".
inline std::vector<std::string> parts_of(std::string_view input) {
  constexpr std::string_view kBetween = "\n%%\n";
  std::vector<std::string> out;
  while (true) {
    const auto end = input.find(kBetween);
    out.emplace_back(input.substr(0, end));
    if (end == std::string_view::npos) return out;
    input.remove_prefix(end + kBetween.size());
  }
}

// Fit for a message: one line, and what JSON can carry.
inline bool one_printable_line(std::string_view text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return false;
  return true;
}

}  // namespace upkeep::fuzz
