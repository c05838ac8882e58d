// SPDX-License-Identifier: Apache-2.0
// transaction METHOD SIGNATURE ARGUMENT... [+ METHOD SIGNATURE ARGUMENT...]...
// Makes a PackageKit transaction and calls these methods on it as they are written, one right after the other, which no client library
// would do. SIGNATURE: b, s, t, u, or a for an array of strings; each takes one argument, an array its strings with newlines between.
// Prints what PackageKit says; ends with 0 when all calls were taken and the transaction finished well, with its exit code when it did not,
// and with 100 when a call was refused.
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>

#define PK "org.freedesktop.PackageKit"
static int result = -1, sent = 0, answered = 0, refused = 0;

static int on_signal(sd_bus_message* message, void* user, sd_bus_error* error) {
  (void)user, (void)error;
  const char *name = sd_bus_message_get_member(message), *text = "";
  uint32_t code = 0;
  if (!strcmp(name, "ErrorCode") && sd_bus_message_read(message, "us", &code, &text) >= 0) printf("error %u: %s\n", code, text);
  if (!strcmp(name, "Finished") && sd_bus_message_read(message, "u", &code) >= 0) {
    printf("finished %u\n", code);
    result = code == 1 ? 0 : (int)code;
  }
  if (!strcmp(name, "Destroy") && result < 0) result = 101;
  return 0;
}

static int on_reply(sd_bus_message* message, void* method, sd_bus_error* error) {
  (void)error;
  ++answered;
  if (!sd_bus_message_is_method_error(message, NULL)) return 0;
  printf("%s refused: %s\n", (const char*)method, sd_bus_message_get_error(message)->message);
  ++refused;
  return 0;
}

// Sends one call; returns where the next one begins.
static char** send_call(sd_bus* bus, const char* path, char** words) {
  sd_bus_message* call;
  char *method = *words++, *signature = *words++;
  sd_bus_message_new_method_call(bus, &call, PK, path, PK ".Transaction", method);
  for (; *signature; ++signature) {
    if (*signature == 'a') {
      sd_bus_message_open_container(call, 'a', "s");
      char *text = *words++, *one;
      while ((one = strsep(&text, "\n"))) sd_bus_message_append(call, "s", one);
      sd_bus_message_close_container(call);
    } else if (*signature == 's') {
      sd_bus_message_append(call, "s", *words++);
    } else if (*signature == 't') {
      sd_bus_message_append(call, "t", (uint64_t)strtoull(*words++, NULL, 10));
    } else {
      const char type[] = {*signature, 0};
      sd_bus_message_append(call, type, atoi(*words++));
    }
  }
  ++sent;
  sd_bus_call_async(bus, NULL, call, on_reply, method, 0);
  return *words ? words + 1 : words;
}

int main(int argc, char** argv) {
  sd_bus* bus;
  sd_bus_message* reply;
  sd_bus_error error = SD_BUS_ERROR_NULL;
  const char* path;
  char match[300];
  if (argc < 3 || sd_bus_open_system(&bus) < 0) return 102;
  if (sd_bus_call_method(bus, PK, "/org/freedesktop/PackageKit", PK, "CreateTransaction", &error, &reply, "") < 0) {
    printf("CreateTransaction refused: %s\n", error.message);
    return 100;
  }
  sd_bus_message_read(reply, "o", &path);
  snprintf(match, sizeof match, "type='signal',sender='" PK "',path='%s',interface='" PK ".Transaction'", path);
  sd_bus_add_match(bus, NULL, match, on_signal, NULL);
  for (char** words = argv + 1; *words;) words = send_call(bus, path, words);
  while (answered < sent || (result < 0 && refused < sent)) {
    const int done = sd_bus_process(bus, NULL);
    if (done < 0) return 103;
    if (done == 0) sd_bus_wait(bus, UINT64_MAX);
  }
  return refused ? 100 : result;
}
