/* What the files of the probe share. */
#ifndef PROBE_H
#define PROBE_H

#include <stddef.h>
#include <sys/socket.h>

/* Keeps the line that says why something failed. Returns 1. */
__attribute__((format(printf, 1, 2))) int failed(const char *format, ...);

/* net.c: one deadline bounds everything that waits. */
long long now_ms(void);
void set_deadline(int milliseconds);
int left_ms(void);
int wait_for(int fd, short events);
int connect_to(const struct sockaddr *address, socklen_t length);
/* To a port of this container, as others reach it. */
int connect_self(int port);
/* Why that failed. */
const char *connect_problem(void);
int send_all(int fd, const void *data, size_t size);
/* Bytes read, 0 at the end, -1 on an error or when the time is over. */
long receive(int fd, void *data, size_t size);

/* checks.c, grpc.c: 0 passed, 1 failed. */
int check_tcp(int port);
int check_http(int port, const char *path, int count, char **headers);
int check_grpc(int port, const char *service);
int check_exec(char **command);

/* failures.c */
void forget_failures(const char *marker);
/* Notes one more check without an answer and, when there are as many in a row as are allowed, kills what runs in the container. */
void note_failure(const char *marker, int allowed);

#endif
