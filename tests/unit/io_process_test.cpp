// SPDX-License-Identifier: Apache-2.0
// Programs are run without a shell around them (here the shell is the program), bounded in time and output, and leave
// nothing behind.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include "io/process.h"
#include "io/spawn.h"
#include "support/real_loop.h"
#include "support/temp_dir.h"

namespace upkeep::io {
namespace {

using namespace std::chrono_literals;
using sdk::Errc;
using sdk::ProcessRequest;

ProcessRequest shell(const std::string& script) { return ProcessRequest({"/bin/sh", "-c", script}); }

struct IoProcess : testing::Test {
  test::RealLoop loop;
  test::TempDir dir;
  std::unique_ptr<RealProcess> process = std::make_unique<RealProcess>(loop.executor());

  sdk::Result<sdk::ProcessResult> run(ProcessRequest request) { return loop.run(process->run(std::move(request))); }
  // Waits until the script has written the number of a process into that file.
  pid_t pid_in(const std::string& file) {
    loop.until([&] { return dir.read(file).find('\n') != std::string::npos; });
    return std::stoi(dir.read(file));
  }
  // A killed process is soon gone, or a zombie until somebody reaps it.
  void expect_dead(pid_t pid) {
    loop.until([&] {
      std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
      std::string number, name, state;
      return !(stat >> number >> name >> state) || state == "Z";
    });
  }
};

TEST_F(IoProcess, GivesExitStatusAndBothOutputs) {
  const auto result = run(shell("echo out; echo err >&2; exit 3"));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->exit_code, 3);
  EXPECT_EQ(result->signal, 0);
  EXPECT_EQ(result->out, "out\n");
  EXPECT_EQ(result->err, "err\n");
  EXPECT_FALSE(result->truncated);
}

TEST_F(IoProcess, SaysWhichSignalEndedIt) {
  const auto result = run(shell("kill -TERM $$"));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->exit_code, -1);
  EXPECT_EQ(result->signal, SIGTERM);
}

TEST_F(IoProcess, PassesArgumentsAsTheyAre) {
  const auto result = run(ProcessRequest({"/usr/bin/printf", "%s|", "a b", "$(id)", "", "*", "'\"", "\n"}));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->out, "a b|$(id)||*|'\"|\n|");
}

TEST_F(IoProcess, GivesAMinimalEnvironmentAnEmptyInputAndNoDescriptors) {
  setenv("UPKEEP_TEST_SECRET", "x", 1);
  const int input = ::dup(0), inheritable = ::dup(0);
  dir.write("input", "for the daemon only\n");
  const int text = ::open(dir.path("input").c_str(), O_RDONLY | O_CLOEXEC);
  ::dup2(text, 0);
  auto request = shell("env | sort; cat; pwd; ls /proc/self/fd; kill -PIPE $$");
  request.environment["EXTRA"] = "1";
  const auto result = run(std::move(request));
  ::dup2(input, 0);
  for (const int fd : {input, inheritable, text}) ::close(fd);
  unsetenv("UPKEEP_TEST_SECRET");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->out,
            "EXTRA=1\nLANG=C.UTF-8\nPATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nPWD=/\n/\n0\n1\n2\n3\n");
  EXPECT_EQ(result->signal, SIGPIPE);  // dispositions are the default ones
}

TEST_F(IoProcess, KeepsOutputUpToALengthAndDropsTheRest) {
  auto request = shell("head -c 1000000 /dev/zero | tr '\\0' x; echo short >&2");
  request.max_output = 1000;
  const auto result = run(std::move(request));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->exit_code, 0);
  EXPECT_EQ(result->out, std::string(1000, 'x'));
  EXPECT_EQ(result->err, "short\n");
  EXPECT_TRUE(result->truncated);
}

TEST_F(IoProcess, KeepsTheEndOfALongOutputWhereThatIsWanted) {
  auto request = shell("head -c 1000000 /dev/zero | tr '\\0' x; echo the end; echo short >&2");
  request.max_output = 1000;
  request.keep_last = true;
  const auto result = run(std::move(request));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->out, std::string(992, 'x') + "the end\n");
  EXPECT_EQ(result->err, "short\n");
  EXPECT_TRUE(result->truncated);
}

TEST_F(IoProcess, ItsLastWordsAreInTheErrorOfADeadline) {
  auto request = shell("echo first; echo 'waiting for 3 sessions'; sleep 1000");
  request.deadline = 300ms;
  request.keep_last = true;
  const auto result = run(std::move(request));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "/bin/sh: did not end within 300ms; it said last: waiting for 3 sessions");
}

// As when the daemon gets SIGKILL and no service manager takes its processes away.
TEST_F(IoProcess, AProgramEndsWithWhoeverStartedIt) {
  const auto request = shell("echo $$ > " + dir.path("pid") + "; exec sleep 1000");
  const pid_t parent = ::fork();
  if (parent == 0) {
    const auto child = spawn(request);
    ::pause();
    ::_exit(0);
  }
  const pid_t pid = pid_in("pid");
  ASSERT_EQ(::kill(pid, 0), 0);
  ::kill(parent, SIGKILL);
  ::waitpid(parent, nullptr, 0);
  expect_dead(pid);
}

TEST_F(IoProcess, TheLastWordsOfAProgramAreNotLost) {
  for (int i = 0; i < 50; ++i) {
    const auto result = run(shell("printf '%60000s' x"));
    ASSERT_TRUE(result);
    ASSERT_EQ(result->out.size(), 60000U);
  }
}

TEST_F(IoProcess, WhatCannotBeRunIsAnErrorThatNamesIt) {
  dir.write("not-executable", "");
  dir.write("not-a-program", "garbage");
  std::filesystem::permissions(dir.path("not-a-program"), std::filesystem::perms::owner_all);
  const std::vector<std::pair<std::vector<std::string>, Errc>> cases = {
      {{"/nonexistent/program"}, Errc::unsupported},
      {{dir.path("not-executable")}, Errc::denied},
      {{dir.path("not-a-program")}, Errc::invalid},
      {{"sh"}, Errc::invalid},
      {{}, Errc::invalid},
      {{"/bin/echo", std::string("a\0b", 3)}, Errc::invalid},
  };
  for (const auto& [argv, code] : cases) {
    const auto result = run(ProcessRequest(argv));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, code) << result.error().message;
    EXPECT_NE(result.error().message.find(argv.empty() || argv[0] == "sh" ? "absolute path" : argv[0]), std::string::npos);
  }
}

TEST_F(IoProcess, PastItsDeadlineTheWholeGroupIsKilled) {
  auto request = shell("sleep 1000 & echo $! > " + dir.path("child") + "; trap '' TERM; sleep 1000");
  request.deadline = 200ms;
  const auto result = run(std::move(request));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::timeout);
  EXPECT_EQ(result.error().message, "/bin/sh: did not end within 200ms");
  expect_dead(pid_in("child"));
}

TEST_F(IoProcess, WhatItLeavesInTheBackgroundIsKilledToo) {
  const auto result = run(shell("sleep 1000 & echo $! > " + dir.path("child")));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->exit_code, 0);
  expect_dead(pid_in("child"));
}

TEST_F(IoProcess, ACancelledRunKillsItsProgram) {
  const auto started = loop.start(process->run(shell("echo $$ > " + dir.path("pid") + "; sleep 1000")));
  const pid_t pid = pid_in("pid");
  started->cancel();
  loop.until([&] { return started->done; });
  expect_dead(pid);
  EXPECT_TRUE(run(shell("true")));  // takes the zombie away
  EXPECT_EQ(::kill(pid, 0), -1);
}

TEST_F(IoProcess, AProgramThatRunsWhenTheLoopEndsIsKilled) {
  pid_t pid = 0;
  {
    test::RealLoop short_loop;
    RealProcess short_lived(short_loop.executor());
    short_loop.start(short_lived.run(shell("echo $$ > " + dir.path("pid") + "; sleep 1000")));
    short_loop.settle();
    pid = pid_in("pid");
  }
  expect_dead(pid);
}

TEST_F(IoProcess, AProgramThatClosesItsOutputsIsStillWaitedForWithoutSpinning) {
  auto request = shell("exec >&- 2>&-; sleep 0.2; exit 7");
  const auto before = std::clock();
  const auto result = run(std::move(request));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->exit_code, 7);
  EXPECT_LT(static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC, 0.1);
}

}  // namespace
}  // namespace upkeep::io
