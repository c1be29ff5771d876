/*
 * probe: the one program that this library puts into a container.
 *
 * A health check runs inside the container it judges, and an image need not carry curl, wget or even a shell. This
 * program is static, has no dependencies and is handed in read-only as a Swarm config.
 *
 *   probe check MARKER TIMEOUT_MS [kill 1 FAILURES] ready COUNT CHECK alive COUNT CHECK
 *       Until `ready` has passed once, healthy means ready (an update must not go on to a replica that never serves).
 *       From then on healthy means alive (an outage of a dependency must not restart every replica).
 *       MARKER is the file that remembers it; it lies on a tmpfs, so a new container starts over.
 *       After FAILURES of `alive` in a row that were not answered at all, all processes of the container are killed:
 *       SIGTERM, a second, SIGKILL.
 *       COUNT is the number of words of the CHECK after it, which may be any words.
 *       CHECK: http PORT PATH [NAME VALUE]... | grpc PORT SERVICE | tcp PORT | exec COMMAND [ARGUMENT...] | none
 *   probe job MARKER COMMAND [ARGUMENT...]
 *       Runs a command to completion. On success writes MARKER and idles until it is stopped, since an orchestrator of
 *       services starts a finished one again; on failure exits with the command's code.
 *   probe done MARKER
 *       Exit 0 if MARKER exists.
 *   probe send SOCKET COMMAND
 *       Sends one command to HAProxy's UNIX socket and prints the answer.
 *   probe hold SECONDS
 *       Idles, and exits 0 on SIGTERM.
 *
 * Exit: 0 passed, 1 failed (with one line that says why), 2 wrong usage.
 */
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static char reason[512];

int failed(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    return 1;
}

static int usage(void) {
    fprintf(stderr, "usage: probe check MARKER TIMEOUT_MS [kill 1 FAILURES] ready COUNT CHECK alive COUNT CHECK | "
                    "job MARKER COMMAND... | done MARKER | send SOCKET COMMAND | hold SECONDS\n");
    return 2;
}

static int check(int count, char **words) {
    if (count == 1 && !strcmp(words[0], "none")) return 0;
    if (count == 2 && !strcmp(words[0], "tcp")) return check_tcp(atoi(words[1]));
    if (count >= 3 && count % 2 == 1 && !strcmp(words[0], "http"))
        return check_http(atoi(words[1]), words[2], count - 3, words + 3);
    if (count == 3 && !strcmp(words[0], "grpc")) return check_grpc(atoi(words[1]), words[2]);
    if (count >= 2 && !strcmp(words[0], "exec")) return check_exec(words + 1);
    return usage();
}

static int exists(const char *path) { return access(path, F_OK) == 0; }

static int mark(const char *path) {
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0) return failed("cannot write %s: %s", path, strerror(errno));
    close(fd);
    return 0;
}

/* A start is noticed at once, not only at the next run: tries again until the time is over. */
static int wait_until_ready(int count, char **words) {
    for (;;) {
        int result = check(count, words);
        if (result == 0 || result == 2 || left_ms() <= 200) return result;
        poll(NULL, 0, 200);
    }
}

/*
 * `allowed` checks in a row without an answer; 0 leaves it to the engine to end what fails. A replica that answers, or
 * refuses the connection, does not hang: it may be one that was told to stop and finishes what it works on.
 */
static int check_alive(const char *marker, int allowed, int count, char **words) {
    int result = check(count, words);
    if (result == 1 && allowed > 0 && left_ms() == 0) note_failure(marker, allowed);
    else forget_failures(marker);
    return result;
}

static int run_check(int count, char **words) {
    if (count < 6) return usage();
    const char *marker = words[0], *wanted = exists(marker) ? "alive" : "ready";
    int allowed = 0;
    set_deadline(atoi(words[1]));
    for (int at = 2; at + 1 < count;) {
        int size = atoi(words[at + 1]), end = at + 2 + size;
        if (size < 1 || end > count) return usage();
        if (!strcmp(words[at], "kill")) allowed = atoi(words[at + 2]);
        if (!strcmp(words[at], wanted)) {
            words[end] = NULL; /* the last one is followed by NULL already */
            if (!strcmp(wanted, "alive")) return check_alive(marker, allowed, size, words + at + 2);
            return wait_until_ready(size, words + at + 2) || mark(marker);
        }
        at = end;
    }
    return usage();
}

static volatile sig_atomic_t stopped;
static volatile pid_t running;

static void on_stop(int signal) {
    stopped = 1;
    if (running > 0) kill(running, signal);
}

static void catch_stop(void) {
    struct sigaction action = {.sa_handler = on_stop};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
}

static int hold(int seconds) {
    catch_stop();
    while (!stopped && seconds != 0) {
        sleep(1);
        if (seconds > 0) seconds--;
    }
    return 0;
}

static int run_job(const char *marker, char **command) {
    catch_stop();
    pid_t child = fork();
    if (child < 0) return failed("fork: %s", strerror(errno));
    if (child == 0) {
        execvp(command[0], command);
        fprintf(stderr, "job: cannot run %s: %s\n", command[0], strerror(errno));
        _exit(127);
    }
    running = child;
    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) return failed("wait: %s", strerror(errno));
    running = 0;
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (code != 0) return code;
    if (mark(marker)) return 1;
    return hold(-1);
}

static int send_command(const char *path, const char *command) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) return failed("socket path is too long");
    strcpy(address.sun_path, path);
    set_deadline(10000);
    int fd = connect_to((struct sockaddr *)&address, sizeof address);
    if (fd < 0) return failed("%s: %s", path, strerror(errno));
    if (send_all(fd, command, strlen(command)) || send_all(fd, "\n", 1)) return failed("%s: %s", path, strerror(errno));
    char answer[4096];
    long size;
    while ((size = receive(fd, answer, sizeof answer)) > 0) fwrite(answer, 1, (size_t)size, stdout);
    return size == 0 ? 0 : failed("%s: no answer in time", path);
}

static int run(int count, char **words) {
    if (count >= 3) {
        if (!strcmp(words[1], "check")) return run_check(count - 2, words + 2);
        if (!strcmp(words[1], "job") && count >= 4) return run_job(words[2], words + 3);
        if (!strcmp(words[1], "done")) return exists(words[2]) ? 0 : failed("not done yet");
        if (!strcmp(words[1], "send") && count == 4) return send_command(words[2], words[3]);
        if (!strcmp(words[1], "hold")) return hold(atoi(words[2]));
    }
    return usage();
}

int main(int count, char **words) {
    int code = run(count, words);
    if (code == 1 && reason[0]) puts(reason);
    return code;
}
