/* Sockets that do not block, and the time that is left. */
#include "probe.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

static long long deadline_ms;

long long now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void set_deadline(int milliseconds) { deadline_ms = now_ms() + milliseconds; }

int left_ms(void) {
    long long left = deadline_ms - now_ms();
    return left > 0 ? (int)left : 0;
}

int wait_for(int fd, short events) {
    struct pollfd p = {.fd = fd, .events = events};
    int ready;
    do ready = poll(&p, 1, left_ms());
    while (ready < 0 && errno == EINTR);
    return ready > 0 ? 0 : -1;
}

int connect_to(const struct sockaddr *address, socklen_t length) {
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
int connect_local(int port) {
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

int send_all(int fd, const void *data, size_t size) {
    const char *rest = data;
    while (size > 0) {
        ssize_t sent = send(fd, rest, size, MSG_NOSIGNAL);
        if (sent > 0) {
            rest += sent;
            size -= (size_t)sent;
        } else if (errno != EAGAIN || wait_for(fd, POLLOUT) < 0) return -1;
    }
    return 0;
}

long receive(int fd, void *data, size_t size) {
    for (;;) {
        ssize_t got = recv(fd, data, size, 0);
        if (got >= 0) return got;
        if (errno != EAGAIN || wait_for(fd, POLLIN) < 0) return -1;
    }
}
