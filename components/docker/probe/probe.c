/*
 * probe: the one program that this library puts into a container.
 *
 * A health check runs inside the container it judges, and an image need not carry curl, wget or even a shell. This
 * program is static, has no dependencies and is handed in read-only as a Swarm config.
 *
 *   probe check MARKER TIMEOUT_MS ready COUNT CHECK alive COUNT CHECK
 *       Until `ready` has passed once, healthy means ready (an update must not go on to a replica that never serves).
 *       From then on healthy means alive (an outage of a dependency must not restart every replica).
 *       MARKER is the file that remembers it; it lies on a tmpfs, so a new container starts over.
 *       COUNT is the number of words of the CHECK after it, which may be any words.
 *       CHECK: http PORT PATH | tcp PORT | exec COMMAND [ARGUMENT...] | none
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
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long deadline_ms;

static long long now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int left_ms(void) {
    long long left = deadline_ms - now_ms();
    return left > 0 ? (int)left : 0;
}

static char reason[512];

static int failed(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    return 1;
}

static int usage(void) {
    fprintf(stderr, "usage: probe check MARKER TIMEOUT_MS ready COUNT CHECK alive COUNT CHECK | job MARKER COMMAND... | "
                    "done MARKER | send SOCKET COMMAND | hold SECONDS\n");
    return 2;
}

static int wait_for(int fd, short events) {
    struct pollfd p = {.fd = fd, .events = events};
    int ready;
    do ready = poll(&p, 1, left_ms());
    while (ready < 0 && errno == EINTR);
    return ready > 0 ? 0 : -1;
}

static int connect_to(const struct sockaddr *address, socklen_t length) {
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    if (connect(fd, address, length) == 0) return fd;
    int error = errno;
    if (error == EINPROGRESS) {
        socklen_t size = sizeof error;
        if (wait_for(fd, POLLOUT) < 0) error = ETIMEDOUT;
        else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0) return fd;
    }
    close(fd);
    errno = error;
    return -1;
}

/* A service may listen on IPv4 or on IPv6 only. */
static int connect_local(int port) {
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = connect_to((struct sockaddr *)&v4, sizeof v4);
    if (fd >= 0 || errno != ECONNREFUSED) return fd;
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons((unsigned short)port)};
    v6.sin6_addr = in6addr_loopback;
    fd = connect_to((struct sockaddr *)&v6, sizeof v6);
    if (fd < 0) errno = ECONNREFUSED;
    return fd;
}

static int send_all(int fd, const char *data, size_t size) {
    while (size > 0) {
        ssize_t sent = send(fd, data, size, MSG_NOSIGNAL);
        if (sent > 0) {
            data += sent;
            size -= (size_t)sent;
        } else if (errno != EAGAIN || wait_for(fd, POLLOUT) < 0) return -1;
    }
    return 0;
}

static int check_tcp(int port) {
    int fd = connect_local(port);
    if (fd < 0) return failed("tcp port %d: %s", port, strerror(errno));
    close(fd);
    return 0;
}

static int check_http(int port, const char *path) {
    char request[2048], answer[64];
    int length = snprintf(request, sizeof request,
                          "GET %s HTTP/1.1\r\nHost: localhost\r\nUser-Agent: probe\r\nConnection: close\r\n\r\n", path);
    if (length >= (int)sizeof request) return failed("http path is longer than %d characters", (int)sizeof request - 128);
    int fd = connect_local(port);
    if (fd < 0) return failed("http port %d%s: %s", port, path, strerror(errno));
    size_t got = 0;
    if (send_all(fd, request, (size_t)length) == 0)
        while (got < sizeof answer - 1) {
            ssize_t size = recv(fd, answer + got, sizeof answer - 1 - got, 0);
            if (size > 0) got += (size_t)size;
            else if (size == 0 || errno != EAGAIN || wait_for(fd, POLLIN) < 0) break;
            answer[got] = 0;
            if (strchr(answer, '\n')) break;
        }
    close(fd);
    answer[got] = 0;
    int status = 0;
    if (sscanf(answer, "HTTP/%*s %d", &status) != 1) return failed("http port %d%s: no answer in time", port, path);
    if (status < 200 || status > 399) return failed("http port %d%s: status %d", port, path, status);
    return 0;
}

static int check_exec(char **command) {
    pid_t child = fork();
    if (child < 0) return failed("fork: %s", strerror(errno));
    if (child == 0) {
        setpgid(0, 0);
        execvp(command[0], command);
        printf("exec %s: %s (is the program in the image?)\n", command[0], strerror(errno));
        fflush(stdout);
        _exit(127);
    }
    int status;
    while (waitpid(child, &status, WNOHANG) == 0) {
        if (left_ms() == 0) {
            kill(-child, SIGKILL);
            waitpid(child, &status, 0);
            return failed("exec %s: no end in time", command[0]);
        }
        poll(NULL, 0, 10);
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return 0;
    return failed("exec %s: exit code %d", command[0], WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

static int check(int count, char **words) {
    if (count == 1 && !strcmp(words[0], "none")) return 0;
    if (count == 2 && !strcmp(words[0], "tcp")) return check_tcp(atoi(words[1]));
    if (count == 3 && !strcmp(words[0], "http")) return check_http(atoi(words[1]), words[2]);
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

static int run_check(int count, char **words) {
    if (count < 6) return usage();
    const char *marker = words[0], *wanted = exists(words[0]) ? "alive" : "ready";
    deadline_ms = now_ms() + atoi(words[1]);
    for (int at = 2; at + 1 < count;) {
        int size = atoi(words[at + 1]), end = at + 2 + size;
        if (size < 1 || end > count) return usage();
        if (!strcmp(words[at], wanted)) {
            words[end] = NULL; /* the last one is followed by NULL already */
            if (!strcmp(wanted, "alive")) return check(size, words + at + 2);
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
    deadline_ms = now_ms() + 10000;
    int fd = connect_to((struct sockaddr *)&address, sizeof address);
    if (fd < 0) return failed("%s: %s", path, strerror(errno));
    if (send_all(fd, command, strlen(command)) || send_all(fd, "\n", 1)) return failed("%s: %s", path, strerror(errno));
    char answer[4096];
    for (;;) {
        ssize_t size = recv(fd, answer, sizeof answer, 0);
        if (size > 0) fwrite(answer, 1, (size_t)size, stdout);
        else if (size == 0) return 0;
        else if (errno != EAGAIN || wait_for(fd, POLLIN) < 0) return failed("%s: no answer in time", path);
    }
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
