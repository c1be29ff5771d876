/*
 * grpc.health.v1.Health/Check over HTTP/2 without TLS: one call on a fresh connection, with frames written by hand. What
 * a server says of windows, settings and pings needs no answer within one call.
 */
#include "probe.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { DATA = 0, HEADERS = 1, RST_STREAM = 3, SETTINGS = 4, GOAWAY = 7 };
enum { END_STREAM = 1, END_HEADERS = 4 };
enum { FRAME_HEAD = 9, LONGEST_FRAME = 16384, MOST_FRAMES = 100 };

struct bytes {
    unsigned char data[512];
    size_t size;
};

static void put(struct bytes *to, const void *data, size_t size) {
    memcpy(to->data + to->size, data, size);
    to->size += size;
}

static void put_byte(struct bytes *to, unsigned value) { to->data[to->size++] = (unsigned char)value; }

static void put_text(struct bytes *to, const char *value) {
    put_byte(to, (unsigned)strlen(value));
    put(to, value, strlen(value));
}

/* HPACK (RFC 7541): a field whose name is in the static table, without indexing and without Huffman codes. */
static void put_field(struct bytes *to, unsigned place, const char *value) {
    if (place < 15) put_byte(to, place);
    else {
        put_byte(to, 15);
        put_byte(to, place - 15);
    }
    put_text(to, value);
}

static void put_frame(struct bytes *to, unsigned type, unsigned flags, unsigned stream, const struct bytes *payload) {
    unsigned size = payload ? (unsigned)payload->size : 0;
    const unsigned char head[FRAME_HEAD] = {0, (unsigned char)(size >> 8), (unsigned char)size, (unsigned char)type,
                                            (unsigned char)flags, 0, 0, 0, (unsigned char)stream};
    put(to, head, sizeof head);
    if (payload) put(to, payload->data, payload->size);
}

static void put_request(struct bytes *request, const char *service) {
    struct bytes headers = {.size = 0}, message = {.size = 0};
    put_byte(&headers, 0x83); /* :method POST */
    put_byte(&headers, 0x86); /* :scheme http */
    put_field(&headers, 4, "/grpc.health.v1.Health/Check");
    put_field(&headers, 1, "localhost");
    put_field(&headers, 31, "application/grpc");
    put_field(&headers, 58, "probe");
    put_byte(&headers, 0);
    put_text(&headers, "te");
    put_text(&headers, "trailers");

    /* HealthCheckRequest { string service = 1 } after five bytes: not compressed, and the length. */
    unsigned length = (unsigned)strlen(service);
    unsigned content = length == 0 ? 0 : length + (length < 128 ? 2 : 3);
    const unsigned char head[5] = {0, 0, 0, (unsigned char)(content >> 8), (unsigned char)content};
    put(&message, head, sizeof head);
    if (length > 0) {
        put_byte(&message, 0x0a);
        if (length >= 128) put_byte(&message, (length & 127) | 128);
        put_byte(&message, length < 128 ? length : length >> 7);
        put(&message, service, length);
    }

    put(request, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 24);
    put_frame(request, SETTINGS, 0, 0, NULL);
    put_frame(request, HEADERS, END_HEADERS, 1, &headers);
    put_frame(request, DATA, END_STREAM, 1, &message);
}

static int receive_all(int fd, unsigned char *data, size_t size) {
    for (long got; size > 0; data += got, size -= (size_t)got)
        if ((got = receive(fd, data, size)) <= 0) return -1;
    return 0;
}

/* Reads frames until the call has ended. Returns 0 if the message says SERVING. */
static int read_answer(int fd, int port) {
    static const unsigned char serving[] = {0, 0, 0, 0, 2, 8, 1};
    unsigned char head[FRAME_HEAD], payload[LONGEST_FRAME];
    int is_serving = 0;
    for (int frames = 0; frames < MOST_FRAMES; frames++) {
        if (receive_all(fd, head, sizeof head)) return failed("grpc port %d: no answer in time", port);
        size_t size = (size_t)head[0] << 16 | (size_t)head[1] << 8 | head[2];
        unsigned type = head[3], flags = head[4];
        unsigned stream = (head[5] & 127u) << 24 | (unsigned)head[6] << 16 | (unsigned)head[7] << 8 | head[8];
        if (size > sizeof payload) return failed("grpc port %d: the answer is not HTTP/2", port);
        if (receive_all(fd, payload, size)) return failed("grpc port %d: no answer in time", port);
        if (type == GOAWAY) return failed("grpc port %d: the server refuses connections", port);
        if (stream != 1) continue;
        if (type == RST_STREAM) return failed("grpc port %d: the server refuses the call", port);
        if (type == DATA && size == sizeof serving && !memcmp(payload, serving, size)) is_serving = 1;
        if ((type == DATA || type == HEADERS) && flags & END_STREAM)
            return is_serving ? 0 : failed("grpc port %d: not SERVING (has the server the health service?)", port);
    }
    return failed("grpc port %d: no end of the answer", port);
}

int check_grpc(int port, const char *service) {
    if (strlen(service) > 128) return failed("grpc port %d: the name of the service is too long", port);
    struct bytes request = {.size = 0};
    put_request(&request, service);
    int fd = connect_self(port);
    if (fd < 0) return failed("grpc port %d: %s", port, connect_problem());
    int result = send_all(fd, request.data, request.size) ? failed("grpc port %d: %s", port, strerror(errno))
                                                          : read_answer(fd, port);
    close(fd);
    return result;
}
