/* Checks by TCP, HTTP and command. */
#include "probe.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* An answer that is longer counts as read: the connection is then reset. */
#define LONGEST_ANSWER (1 << 20)

int check_tcp(int port) {
    int fd = connect_self(port);
    if (fd < 0) return failed("tcp port %d: %s", port, connect_problem());
    close(fd);
    return 0;
}

static size_t append(char *request, size_t size, size_t at, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(request + at, at < size ? size - at : 0, format, arguments);
    va_end(arguments);
    return at + (size_t)length;
}

int check_http(int port, const char *path, int count, char **headers) {
    char request[16384], answer[8192], head[64] = "";
    size_t length = append(request, sizeof request, 0, "GET %s HTTP/1.1\r\n", path);
    for (int at = 0; at + 1 < count && length < sizeof request; at += 2)
        length = append(request, sizeof request, length, "%s: %s\r\n", headers[at], headers[at + 1]);
    if (length < sizeof request) length = append(request, sizeof request, length, "Connection: close\r\n\r\n");
    if (length >= sizeof request) return failed("http port %d%s: the request is too long", port, path);

    int fd = connect_self(port);
    if (fd < 0) return failed("http port %d%s: %s", port, path, connect_problem());
    /* Read to its end: a server that is still sending would get a reset, which many write to their log. */
    size_t got = 0;
    long size = send_all(fd, request, length);
    while (size >= 0 && got < LONGEST_ANSWER && (size = receive(fd, answer, sizeof answer)) > 0) {
        if (got < sizeof head - 1) {
            size_t room = sizeof head - 1 - got;
            memcpy(head + got, answer, (size_t)size < room ? (size_t)size : room);
        }
        got += (size_t)size;
    }
    /* A server that closes without having read everything resets the connection after its answer. */
    int is_whole = size >= 0 || errno == ECONNRESET;
    close(fd);
    int status = 0;
    if (sscanf(head, "HTTP/1.%*1d %3d", &status) != 1)
        return failed("http port %d%s: %s", port, path, got > 0 ? "the answer is not HTTP/1" : "no answer in time");
    if (status < 200 || status > 399) return failed("http port %d%s: status %d", port, path, status);
    if (!is_whole) return failed("http port %d%s: status %d, but no end of the answer in time", port, path, status);
    return 0;
}

int check_exec(char **command) {
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
