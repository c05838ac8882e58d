// SPDX-License-Identifier: Apache-2.0
#include "engine/loader.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>
#include <system_error>

#include "sdk/text.h"

namespace upkeep::engine {
namespace {

using sdk::Errc;

// Tables of tables that are deeper than this are a mistake (or a cycle).
constexpr int kMaxDepth = 8;

bool takes_children(sdk::KeyType type) { return type == sdk::KeyType::table || type == sdk::KeyType::table_list; }

std::string check_keys(std::span<const sdk::KeySpec> keys, int depth) {
  if (depth > kMaxDepth) return "its tables of keys are nested too deeply";
  std::set<std::string_view> seen;
  for (const sdk::KeySpec& key : keys) {
    if (key.name.empty()) return "its table of keys has a key without a name";
    const std::string shown = sdk::quoted(key.name);
    if (depth == 0 && key.name == "use") return "its table of keys has \"use\", which belongs to Upkeep";
    if (!seen.insert(key.name).second) return "its table of keys has " + shown + " twice";
    if (key.type < sdk::KeyType::text || key.type > sdk::KeyType::table_list) return "the key " + shown + " has an unknown type";
    if (!key.children.empty() && !takes_children(key.type)) return "the key " + shown + " has children but is no table";
    if (std::string trouble = check_keys(key.children, depth + 1); !trouble.empty()) return trouble;
  }
  return {};
}

bool has_factory(const sdk::AnyFactory& make) {
  return !make.valueless_by_exception() && std::visit([](auto factory) { return factory != nullptr; }, make);
}

// dlopen's own words for what is no library at all ("invalid ELF header", "file too short") do not help people, and it would
// wait for ever for somebody to write into a FIFO. "" when it looks like a library.
std::string file_trouble(const std::string& file) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return "cannot be read: " + std::generic_category().message(errno);
  struct stat status {};
  char magic[4] = {};
  std::string out;
  if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
    out = "is no regular file";
  } else if (status.st_size == 0) {
    out = "is empty";
  } else if (::read(fd, magic, sizeof magic) != sizeof magic || std::memcmp(magic, "\177ELF", sizeof magic) != 0) {
    out = "is no shared library";
  }
  ::close(fd);
  return out;
}

}  // namespace

sdk::Result<FileMark> mark_of(const std::string& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) {
    const int error = errno;
    return sdk::fail(error == ENOENT ? Errc::unsupported : Errc::invalid, file + ": " + std::generic_category().message(error));
  }
  return FileMark{status.st_ino, status.st_mtim.tv_sec * std::int64_t{1'000'000'000} + status.st_mtim.tv_nsec};
}

bool is_plugin_name(std::string_view name) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || sdk::is_digit(c) || c == '-'; };
  return !name.empty() && name.size() <= 63 && name.front() != '-' && std::all_of(name.begin(), name.end(), fits);
}

sdk::Result<void> check_descriptor(const sdk::Descriptor& descriptor) {
  if (descriptor.abi != sdk::kPluginAbi)
    return sdk::fail(Errc::invalid, "it was built for plugin abi " + std::to_string(descriptor.abi) + ", this Upkeep has " +
                                        std::to_string(sdk::kPluginAbi) + "; build it again");
  const std::string signature = descriptor.signature == nullptr ? "" : descriptor.signature;
  if (signature != sdk::kBuildSignature)
    return sdk::fail(Errc::invalid, "it was built with " + sdk::quoted(signature, 200) + ", this Upkeep with " +
                                        sdk::quoted(sdk::kBuildSignature, 200) + "; build it again");
  if (descriptor.name == nullptr || !is_plugin_name(descriptor.name))
    return sdk::fail(Errc::invalid, "its name is " + sdk::quoted(descriptor.name == nullptr ? "" : descriptor.name) +
                                        ": a name is made of a-z, 0-9 and dashes");
  if (!has_factory(descriptor.make)) return sdk::fail(Errc::invalid, "it has no factory");
  if (descriptor.version == nullptr || descriptor.summary == nullptr) return sdk::fail(Errc::invalid, "it has no version or no summary");
  if (const std::string trouble = check_keys(descriptor.keys, 0); !trouble.empty()) return sdk::fail(Errc::invalid, trouble);
  return {};
}

sdk::Result<const sdk::Descriptor*> open_plugin(const std::string& file) {
  if (const auto trouble = file_trouble(file); !trouble.empty()) return sdk::fail(Errc::invalid, file + ": " + trouble);
  void* library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* why = ::dlerror();
    return sdk::fail(Errc::invalid, file + ": cannot be loaded: " + (why == nullptr ? "unknown reason" : why));
  }
  const void* symbol = ::dlsym(library, sdk::kPluginSymbol);
  if (symbol == nullptr) return sdk::fail(Errc::invalid, file + ": is no plugin of Upkeep: it does not export " + sdk::kPluginSymbol);
  return static_cast<const sdk::Descriptor*>(symbol);
}

}  // namespace upkeep::engine
