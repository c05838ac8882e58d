// SPDX-License-Identifier: Apache-2.0
#pragma once
// Bytes that are overwritten before their memory is given back: keys and passwords.

#include <openssl/crypto.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace upkeep::core {

template <typename T>
struct WipingAllocator {
  using value_type = T;
  WipingAllocator() = default;
  template <typename U>
  explicit WipingAllocator(const WipingAllocator<U>& /*other*/) {}
  T* allocate(std::size_t count) { return std::allocator<T>().allocate(count); }
  void deallocate(T* at, std::size_t count) {
    OPENSSL_cleanse(at, count * sizeof(T));
    std::allocator<T>().deallocate(at, count);
  }
  friend bool operator==(const WipingAllocator& /*a*/, const WipingAllocator& /*b*/) { return true; }
};

// A vector, because a short std::string would lie in itself, and stay there when it is moved from.
using SecretBytes = std::vector<unsigned char, WipingAllocator<unsigned char>>;

// Moves a text that came as a string, and overwrites that.
[[nodiscard]] inline SecretBytes take_secret(std::string& text) {
  SecretBytes out(text.begin(), text.end());
  OPENSSL_cleanse(text.data(), text.size());
  text.clear();
  return out;
}

}  // namespace upkeep::core
