// SPDX-License-Identifier: Apache-2.0
#pragma once
// A folder that stands for a host with rpm: its programs answer what a test has put down, or are the real ones.

#include <gtest/gtest.h>

#include <map>

#include "io/process.h"
#include "root/rpm_copy.h"
#include "root/verbs.h"
#include "support/real_loop.h"
#include "support/root_world.h"

namespace upkeep::root {

class RootRpm : public RootWorld {
 protected:
  explicit RootRpm(std::string installer = "yum") : installer_(std::move(installer)) {
    use(installer_);
    write("/etc/yum.repos.d/demo.repo", kRepo);
    write("/etc/zypp/repos.d/demo.repo", kRepo);
    write("/etc/pki/demo", "the demo's key");
    write("/usr/bin/createrepo_c", "");
    installed("demo-agent", "1.2.3-1");
  }

  void use(const std::string& installer, const std::string& more = "") {
    installer_ = installer;
    write("/etc/upkeep/agents.d/demo.toml", "[installer]\nuse = \"" + installer + "\"\npackage = \"demo-agent\"\n" + more);
  }
  void with_versionlock() const {
    write("/etc/dnf/plugins/versionlock.conf", "[main]\nenabled = 1\nlocklist = /etc/dnf/plugins/versionlock.list\n");
  }
  // rpm has this one, and no other of that name; or this one too.
  void installed(const std::string& name, const std::string& version, const std::string& at = "1", const std::string& arch = "noarch") {
    database_[name] = "";
    installed_too(name, version, at, arch);
  }
  void installed_too(const std::string& name, const std::string& version, const std::string& at, const std::string& arch = "noarch") {
    database_[name] += name + "\t" + version + "\t" + arch + "\t" + at + "\t" + std::to_string(++number_) + "\t1000\n";
  }

  virtual sdk::Result<sdk::ProcessResult> run(const sdk::ProcessRequest& request) {
    const auto& argv = request.argv;
    const std::string what = argv[0].substr(argv[0].rfind('/') + 1), all = line(argv);
    sdk::ProcessResult said;
    said.exit_code = 0;
    if (what == "cp" || what == "sha256sum" || what == "md5sum") {
      test::RealLoop loop;
      io::RealProcess process(loop.executor());
      return loop.run(process.run(request));
    }
    called_.push_back(all);
    if (what == "dpkg-query" || what == "apt-mark") return sdk::fail(sdk::Errc::unsupported, "No such file or directory");
    if (what == "pkaction") said.out = "pkaction version 126\n";
    if (what == "rpm" && argv[1] == "-qa" && argv.back() == "gpg-pubkey") said.out = known_keys_;
    if (what == "rpm" && argv[1] == "-qa") said.out += database_[argv.back()];
    if (what == "rpm" && argv[1] == "-q") said.out = argv[2] == "--provides" ? provides_ : files_;
    if (what == "rpm" && rpm_fails_) said.exit_code = 1;
    if (what == "rpm" && argv[1] == "-qp") said.out = is_.empty() ? identity(argv.back()) : is_;
    if (what == "rpmkeys" && all.find("--checksig") != std::string::npos && !verifies_) {
      said.exit_code = 1;
      said.out = argv.back() + ": digests SIGNATURES NOT OK\n";
    }
    if (what == "createrepo_c") write(argv.back().substr(base_.size()) + "/repodata/repomd.xml", "metadata");
    if (what == "busctl") said.out = "b false\n";
    if (what == "busctl" && argv.back() == "GetTransactionList") said.out = busy_ > 0 && busy_-- > 0 ? "ao 1 \"/1_a\"\n" : "ao 0\n";
    if (what == "dnf" && argv[1] == "repoquery") said.out = "demo-agent " + from_ + "\n";
    if (what == "dnf" && argv[1] == "download" && argv[2] != "--help")
      download(value(argv, "--setopt=reposdir="), value(argv, "--destdir="), argv.back(), said);
    if (what == "zypper" && all.find(" search ") != std::string::npos) {
      said.exit_code = 106;  // a repository was skipped
      said.out = search_;
    }
    if (what == "zypper" && all.find(" download ") != std::string::npos)
      download(after(argv, "--reposd-dir"), after(argv, "--pkg-cache-dir"), argv.back(), said);
    return said;
  }
  template <typename Verb>
  std::string outcome(Verb verb) {
    return RootWorld::outcome([this](const sdk::ProcessRequest& request) { return run(request); }, verb);
  }
  std::string do_enable(EnableOptions options = {}) {
    return outcome([&](Outside& outside) { return enable(outside, "demo", options); });
  }
  std::string do_disable() {
    return outcome([](Outside& outside) { return disable(outside, "demo"); });
  }
  [[nodiscard]] bool called(const std::string& begin) const {
    return std::any_of(called_.begin(), called_.end(), [&](const std::string& one) { return one.starts_with(begin); });
  }

  static std::string line(const std::vector<std::string>& argv) {
    std::string out;
    for (const auto& word : argv) out += (out.empty() ? "" : " ") + word;
    return out;
  }

  static constexpr const char* kRepo =
      "# the demo's\n[demo]\nname=Demo\nbaseurl=https://u:secret@example.com/rpm\n  https://mirror.example.com/rpm\n"
      "enabled=1\ngpgcheck=1\npkg_gpgcheck=1\nskip_if_unavailable=1\ngpgkey=file:///etc/pki/demo\n";

  std::string installer_, from_ = "demo", search_, files_, provides_, known_keys_, is_, why_not_;
  std::map<std::string, std::string> database_;
  std::map<std::string, std::string> offers_ = {{"demo", "rpm"}};  // repository → what its packages are made of
  bool verifies_ = true, rpm_fails_ = false;
  int busy_ = 0;                             // how often PackageKit says that it has a transaction
  std::vector<std::string> called_, repos_;  // the source files that downloads were made with
  mode_t modes_ = 0, work_ = 0;              // of those, and of the work folder
  int number_ = 0;

 private:
  static std::string value(const std::vector<std::string>& argv, const std::string& key) {
    for (const auto& word : argv)
      if (word.starts_with(key)) return word.substr(key.size());
    return "";
  }
  static std::string after(const std::vector<std::string>& argv, const std::string& word) {
    const auto at = std::find(argv.begin(), argv.end(), word);
    return at == argv.end() ? "" : *(at + 1);
  }
  void download(const std::string& sources, const std::string& to, const std::string& what, sdk::ProcessResult& said) {
    const std::string path = sources.substr(base_.size()) + "/origin.repo", text = read(path);
    repos_.push_back(text);
    modes_ |= mode(path);
    work_ |= mode(path.substr(0, path.rfind("/repos/")));
    for (const auto& [id, bytes] : offers_)
      if (text.starts_with("[" + id + "]\n")) return write(to.substr(base_.size()) + "/deep/" + what + ".rpm", bytes);
    said.exit_code = 1;
    said.err = why_not_.empty() ? "Error: No package " + what + " available.\n" : why_not_;
  }
  // What the package in that file is, as its name says: FOLDER/NAME.rpm
  std::string identity(const std::string& file) {
    const std::string name = std::filesystem::path(file).stem();
    return database_[name].substr(0, database_[name].find('\t', database_[name].find('\t', name.size() + 1) + 1));
  }
};

}  // namespace upkeep::root
