// SPDX-License-Identifier: Apache-2.0
// Who may include what: the design's table of rooms, held against the #include lines of every file.

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <set>

#include "support/source_tree.h"

namespace upkeep::test {
namespace {

// The libraries that are named in the table, by the beginnings of their headers. Every other <header> is the standard
// library's or the system's.
struct Library {
  std::string name;
  std::vector<std::string> headers;
};
const std::vector<Library>& libraries() {
  static const std::vector<Library> kLibraries = {
      {"asio", {"asio/", "asio.hpp"}},   {"tl-expected", {"tl/"}},        {"nlohmann-json", {"nlohmann/"}},
      {"libcrypto", {"openssl/"}},       {"libyaml", {"yaml.h"}},         {"curl", {"curl/"}},
      {"libsystemd", {"systemd/"}},      {"spdlog", {"spdlog/"}},         {"toml++", {"toml++/", "toml.hpp"}},
      {"libmicrohttpd", {"microhttpd"}}, {"prometheus", {"prometheus/"}}, {"CLI11", {"CLI/"}},
  };
  return kLibraries;
}

// What a room may use beside its own files, the standard library and tl-expected. An entry with a dot is one header of
// another room, one that ends in a slash a folder.
struct Room {
  std::string folder;
  std::vector<std::string> may_use;
  bool system = false;  // system headers: <unistd.h>, <sys/…>
};
const std::vector<Room>& rooms() {
  static const std::vector<Room> kRooms = {
      {"daemon/sdk/", {"asio"}},
      {"daemon/core/", {"sdk/", "nlohmann-json", "libcrypto", "regex.h"}},  // patterns for lines of a log
      {"daemon/io/", {"sdk/", "asio", "curl", "libsystemd", "spdlog"}, true},
      {"daemon/engine/", {"sdk/", "core/", "asio", "nlohmann-json"}, true},
      {"daemon/control/", {"sdk/", "core/", "engine/face.h", "io/fd_pump.h", "asio", "nlohmann-json", "libmicrohttpd", "prometheus"}, true},
      {"daemon/config/", {"sdk/", "core/", "toml++", "arpa/inet.h"}},  // an address is checked without a resolver
      {"daemon/cli/remote/", {"nlohmann-json", "CLI11", "curl"}, true},
      {"daemon/cli/local/",
       {"sdk/", "core/", "config/", "io/", "engine/registry.h", "engine/guard.h", "asio", "nlohmann-json", "CLI11"},
       true},
      {"daemon/cli/", {"nlohmann-json", "CLI11"}, true},  // what remote and local share
      {"daemon/root/", {"sdk/", "config/", "io/process.h", "io/files.h", "io/durable.h", "io/fd.h", "io/read_fd.h", "asio"}, true},
      {"plugins/shared/object_store/", {"sdk/", "shared/", "asio", "libcrypto"}},
      {"plugins/shared/yaml/", {"sdk/", "nlohmann-json", "libyaml"}},
      {"plugins/shared/kube/", {"sdk/", "shared/", "asio", "nlohmann-json"}},
      {"plugins/installer/kubernetes/", {"sdk/", "shared/", "asio", "nlohmann-json"}},
      {"plugins/schedule/lease/", {"sdk/", "shared/", "asio", "nlohmann-json"}},
      {"plugins/state/configmap/", {"sdk/", "shared/", "asio", "nlohmann-json"}},
      {"plugins/shared/oci/", {"sdk/", "shared/", "asio", "nlohmann-json", "libcrypto"}},  // manifests and signatures in JSON
      {"plugins/source/s3/", {"sdk/", "shared/", "asio", "nlohmann-json"}},
      {"plugins/source/gcs/", {"sdk/", "shared/", "asio", "nlohmann-json", "libcrypto"}},  // credentials in JSON, signed with RSA
      {"plugins/", {"sdk/", "shared/", "asio"}},
  };
  return kRooms;
}

// Programs: they wire rooms together and may use everything they wire.
const std::set<std::string> kWiring = {"daemon/upkeepd.cpp", "daemon/cli/upkeep.cpp"};

// What they need to know of the outside comes as a value.
const std::vector<std::string> kPureRooms = {"daemon/sdk/", "daemon/core/", "daemon/config/"};

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/') + 1); }

bool is_own(const std::string& path, const std::string& header) {
  std::string root = path.starts_with("daemon/") ? "daemon/" : "plugins/";
  std::string folder = folder_of(path).substr(root.size());
  // Both halves of the command line share what lies directly in its folder.
  return header.starts_with(folder) || (folder.starts_with("cli/") && folder_of(header) == "cli/");
}

std::optional<std::string> library_of(const std::string& header) {
  for (const Library& library : libraries()) {
    for (const std::string& beginning : library.headers) {
      if (header.starts_with(beginning)) return library.name;
    }
  }
  return std::nullopt;
}

// The C++ headers have neither a folder nor an ending; those of C and the system have.
bool is_standard(const std::string& header) { return header.find_first_of("/.") == std::string::npos; }

struct Include {
  std::string header;
  bool quoted = false;
};

std::optional<Include> parse_include(std::string_view line) {
  auto skip_blanks = [&line] { line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size())); };
  skip_blanks();
  if (!line.starts_with('#')) return std::nullopt;
  line.remove_prefix(1);
  skip_blanks();
  if (!line.starts_with("include")) return std::nullopt;
  line.remove_prefix(7);
  skip_blanks();
  if (line.empty() || (line.front() != '"' && line.front() != '<')) return std::nullopt;
  bool quoted = line.front() == '"';
  std::size_t end = line.find(quoted ? '"' : '>', 1);
  if (end == std::string_view::npos) return std::nullopt;
  return Include{std::string(line.substr(1, end - 1)), quoted};
}

// Why a file may not include a header; empty: it may.
std::string objection(const std::string& path, const Include& include) {
  if (kWiring.contains(path)) return "";
  auto room = std::find_if(rooms().begin(), rooms().end(), [&](const Room& one) { return path.starts_with(one.folder); });
  const std::string& header = include.header;
  if (room == rooms().end()) return "this folder is in no room";
  auto allows = [&](const std::string& entry) {
    return std::find(room->may_use.begin(), room->may_use.end(), entry) != room->may_use.end();
  };
  if (include.quoted) {
    if (is_own(path, header) || allows(header) || allows(header.substr(0, header.find('/') + 1))) return "";
    return "that is another room's";
  }
  if (auto library = library_of(header)) {
    if (*library == "asio" && header == "asio.hpp" && !path.starts_with("daemon/io/"))
      return "all of Asio is for io only: include narrow headers";
    return *library == "tl-expected" || allows(*library) ? "" : "this room does not use " + *library;
  }
  return is_standard(header) || room->system || allows(header) ? "" : "this room does not use system headers";
}

TEST(Rooms, EveryFileIncludesOnlyWhatItsRoomMayUse) {
  int seen = 0;
  for (const SourceFile& file : source_files(source_dir())) {
    if (!is_cpp(file) || !(file.path.starts_with("daemon/") || file.path.starts_with("plugins/"))) continue;
    for (std::string_view line : lines_of(file.text)) {
      auto include = parse_include(line);
      if (!include) continue;
      ++seen;
      std::string why = objection(file.path, *include);
      if (!why.empty()) ADD_FAILURE() << file.path << " includes " << include->header << ": " << why;
    }
  }
  EXPECT_GT(seen, 100) << "the test looked at the wrong folder";
}

TEST(Rooms, ThePureOnesHaveNeitherClockNorThreadNorFiles) {
  const std::vector<std::string> forbidden = {"system_clock::now", "steady_clock::now", "<thread>",   "<mutex>", "<fstream>",
                                              "<filesystem>",      "<random>",          "<iostream>", "getenv",  "std::rand"};
  for (const SourceFile& file : source_files(source_dir())) {
    if (std::none_of(kPureRooms.begin(), kPureRooms.end(), [&](const auto& room) { return file.path.starts_with(room); })) continue;
    std::string code = code_only(file.text);
    for (const std::string& text : forbidden) EXPECT_EQ(code.find(text), std::string::npos) << file.path << " uses " << text;
  }
}

// The rules are the same whichever plugin gave the answers: where one is named, a rule of its own begins.
TEST(Rooms, NoRuleKnowsAPluginByItsName) {
  // "file" and "channel" are left out: documents have fields of those names.
  std::set<std::string> names = {"configmap", "gcs", "kubernetes", "lease", "s3", "yum", "zypper"};
  std::vector<std::string> bad;
  const auto files = source_files(source_dir());
  for (const SourceFile& file : files) {
    const auto end = file.path.find("/plugin.h");
    if (file.path.starts_with("plugins/") && end != std::string::npos)
      names.insert(file.path.substr(file.path.rfind('/', end - 1) + 1, end - file.path.rfind('/', end - 1) - 1));
  }
  names.erase("file");
  names.erase("channel");
  EXPECT_TRUE(names.contains("apt") && names.contains("window") && names.contains("files") && names.contains("https"));
  for (const SourceFile& file : files) {
    if (!is_cpp(file)) continue;
    for (const char* room : {"daemon/engine/", "daemon/core/", "daemon/control/"})
      if (file.path.starts_with(room))
        for (const std::string& name : names)
          for (std::string_view line : lines_of(file.text))
            if (line.substr(0, line.find("//")).find('"' + name + '"') != std::string_view::npos)
              bad.push_back(file.path + " names " + name);
  }
  EXPECT_TRUE(bad.empty()) << bad.front();
}

std::string objection_to(const std::string& path, const std::string& line) { return objection(path, parse_include(line).value()); }

TEST(Rooms, TheTableForbidsWhatItShould) {
  struct Case {
    std::string path, line;
  };
  for (const Case& bad : {Case{"daemon/sdk/a.h", "#include <nlohmann/json.hpp>"},
                          Case{"daemon/sdk/a.h", "#include \"core/decide.h\""},
                          Case{"daemon/sdk/a.cpp", "#include <unistd.h>"},
                          Case{"daemon/sdk/task.h", "#include <asio.hpp>"},
                          Case{"daemon/core/a.cpp", "#include <curl/curl.h>"},
                          Case{"daemon/core/a.cpp", "#include \"io/clock.h\""},
                          Case{"daemon/core/a.cpp", "#include <asio/awaitable.hpp>"},
                          Case{"daemon/core/a.cpp", "#  include  <time.h>"},
                          Case{"daemon/io/a.cpp", "#include \"engine/face.h\""},
                          Case{"daemon/io/a.cpp", "#include <nlohmann/json.hpp>"},
                          Case{"daemon/engine/a.cpp", "#include \"io/http.h\""},
                          Case{"daemon/engine/a.cpp", "#include \"schedule/window/plugin.h\""},
                          Case{"daemon/engine/a.cpp", "#include <systemd/sd-bus.h>"},
                          Case{"daemon/control/a.cpp", "#include \"engine/supervisor.h\""},
                          Case{"daemon/control/a.cpp", "#include \"io/http.h\""},
                          Case{"daemon/config/a.cpp", "#include <nlohmann/json.hpp>"},
                          Case{"daemon/config/a.cpp", "#include \"io/files.h\""},
                          Case{"daemon/cli/remote/a.cpp", "#include \"sdk/time.h\""},
                          Case{"daemon/cli/local/a.cpp", "#include \"engine/supervisor.h\""},
                          Case{"daemon/root/a.cpp", "#include \"engine/face.h\""},
                          Case{"daemon/root/a.cpp", "#include \"io/http.h\""},
                          Case{"daemon/cli/remote/a.cpp", "#include \"cli/local/commands.h\""},
                          Case{"plugins/source/https/a.cpp", "#include <curl/curl.h>"},
                          Case{"plugins/source/https/a.cpp", "#include \"core/channel.h\""},
                          Case{"plugins/source/https/a.cpp", "#include \"source/file/plugin.h\""},
                          Case{"plugins/source/https/a.cpp", "#include <sys/stat.h>"},
                          Case{"plugins/source/https/a.cpp", "#include <openssl/hmac.h>"},
                          Case{"plugins/shared/kube/a.cpp", "#include \"installer/apt/plugin.h\""},
                          Case{"daemon/new/a.cpp", "#include \"sdk/time.h\""}}) {
    EXPECT_NE(objection_to(bad.path, bad.line), "") << bad.path << ": " << bad.line;
  }
}

TEST(Rooms, TheTableAllowsWhatItShould) {
  struct Case {
    std::string path, line;
  };
  for (const Case& good :
       {Case{"daemon/sdk/task.h", "#include <asio/awaitable.hpp>"}, Case{"daemon/sdk/result.h", "#include <tl/expected.hpp>"},
        Case{"daemon/core/spread.cpp", "#include <openssl/evp.h>"}, Case{"daemon/core/decide.cpp", "#include \"core/decide_rows.h\""},
        Case{"daemon/io/http.cpp", "#include <sys/epoll.h>"}, Case{"daemon/control/server.cpp", "#include \"engine/face.h\""},
        Case{"daemon/control/server.cpp", "#include \"io/fd_pump.h\""},
        Case{"daemon/cli/local/explain.cpp", "#include \"engine/registry.h\""},
        Case{"daemon/cli/remote/status.cpp", "#include \"cli/context.h\""}, Case{"daemon/upkeepd.cpp", "#include \"control/server.h\""},
        Case{"plugins/source/https/source.cpp", "#include \"shared/channel/loader.h\""},
        Case{"plugins/source/https/source.cpp", "#include \"source/https/plugin.h\""},
        Case{"plugins/shared/object_store/a.cpp", "#include <openssl/hmac.h>"}, Case{"plugins/installer/apt/a.cpp", "#include <chrono>"}}) {
    EXPECT_EQ(objection_to(good.path, good.line), "") << good.path << ": " << good.line;
  }
}

}  // namespace
}  // namespace upkeep::test
