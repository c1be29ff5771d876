/* Sockets that do not block, and the time that is left. */
#include "probe.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
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

static int listens_on_loopback_only;

static int connect_port(struct in_addr address, int port) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port), .sin_addr = address};
    return connect_to((struct sockaddr *)&to, sizeof to);
}

/*
 * Proxies connect to an address of a network, and so does this: a server that listens on 127.0.0.1 only would pass over
 * loopback, and answer nobody. One that listens on a single network's address passes; the proxies know which is theirs.
 */
int connect_self(int port) {
    struct in_addr loopback = {.s_addr = htonl(INADDR_LOOPBACK)};
    struct ifaddrs *all;
    if (getifaddrs(&all) < 0) return -1;
    int fd = -1, networks = 0;
    listens_on_loopback_only = 0;
    errno = ECONNREFUSED;
    for (struct ifaddrs *one = all; one && fd < 0 && errno == ECONNREFUSED; one = one->ifa_next) {
        if (!one->ifa_addr || one->ifa_addr->sa_family != AF_INET || one->ifa_flags & IFF_LOOPBACK) continue;
        networks++;
        fd = connect_port(((struct sockaddr_in *)one->ifa_addr)->sin_addr, port);
    }
    int error = errno;
    freeifaddrs(all);
    if (fd >= 0) return fd;
    if (error == ECONNREFUSED) {
        fd = connect_port(loopback, port);
        if (fd < 0 || networks == 0) return fd;
        close(fd);
        listens_on_loopback_only = 1;
    }
    errno = error;
    return -1;
}

const char *connect_problem(void) {
    return listens_on_loopback_only ? "listens on 127.0.0.1 only, where nothing else can connect; let it listen on 0.0.0.0"
                                    : strerror(errno);
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
