/* An HTTP/1.1 load generator in one thread, cheap enough to share a core with the upstream.
 *
 * Closed loop: each connection sends its next request when the reply to the last one is there.
 * Open loop (--rate): request k is due at start + k / rate, whatever the server does. A latency is
 * counted from the moment the request was due, so that a slow reply also shows in those that had to
 * wait behind it (no coordinated omission). One run prints one JSON object. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { HEAD_LIMIT = 16384, READ_SIZE = 262144, EVENTS = 256 };
static const double PATIENCE = 30.0; /* seconds to wait for the last replies */

enum part { HEAD, SIZED, CHUNK_SIZE, CHUNK_DATA, CHUNK_END, TRAILER };

struct connection {
    int fd;
    bool busy;
    double due; /* when the request in flight should have been sent */
    enum part part;
    int status;
    bool close;
    uint64_t left;
    size_t head_length;
    int line_length;
    char *head;
};

struct request {
    char *bytes;
    uint32_t length;
};

static struct sockaddr_in server;
static struct request *requests;
static size_t request_count, next_request;
static struct connection *connections;
static int connection_count = 64;
static int epoll;
static double rate, seconds = 1.0, began, ends;
static bool once;
static uint64_t limit = UINT64_MAX, sent, completed, failed, reconnected, body_bytes;
static uint32_t *latencies; /* microseconds */
static size_t latency_space;
static struct connection **idle;
static int idle_count;
static char *buffer;

static double now(void) {
    struct timespec moment;
    clock_gettime(CLOCK_MONOTONIC, &moment);
    return (double)moment.tv_sec + (double)moment.tv_nsec * 1e-9;
}

static void die(const char *what) {
    fprintf(stderr, "load: %s: %s\n", what, errno ? strerror(errno) : "cannot go on");
    exit(1);
}

static void connect_one(struct connection *c) {
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&server, sizeof server) < 0) die("connect");
    int yes = 1;
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event) < 0) die("epoll_ctl");
}

static void send_request(struct connection *c, double due) {
    struct request *r = &requests[next_request];
    next_request = (next_request + 1) % request_count;
    c->busy = true;
    c->due = due;
    c->part = HEAD;
    c->head_length = 0;
    sent++;
    /* Requests are small and nothing is on its way: the socket's buffer takes them whole. */
    ssize_t n = send(c->fd, r->bytes, r->length, MSG_NOSIGNAL);
    if (n >= 0 && n != (ssize_t)r->length) die("a request was not taken whole");
}

static uint64_t due_count(double moment) {
    double count = (moment - began) * rate + 1.0;
    return count < (double)limit ? (uint64_t)count : limit;
}

/* The next request that a free connection has to send, if there is one. */
static bool send_next(struct connection *c) {
    if (once) return false;
    double moment = now();
    if (rate > 0) {
        if (sent >= due_count(moment)) return false;
        send_request(c, began + (double)sent / rate);
        return true;
    }
    if (moment >= ends) return false;
    send_request(c, moment);
    return true;
}

static void finish(struct connection *c) {
    double took = (now() - c->due) * 1e6;
    if (c->status >= 200 && c->status < 300) {
        if (completed == latency_space) {
            latency_space *= 2;
            latencies = realloc(latencies, latency_space * sizeof *latencies);
            if (!latencies) die("memory");
        }
        latencies[completed++] = took < 4e9 ? (uint32_t)took : UINT32_MAX;
    } else {
        if (failed++ == 0) fprintf(stderr, "load: status %d\n%.1500s\n", c->status, c->head);
    }
    c->busy = false;
    if (c->close) {
        close(c->fd);
        reconnected++;
        connect_one(c);
    }
    if (!send_next(c)) idle[idle_count++] = c;
}

/* The server closed the connection: a request that got no byte of a reply is sent again. */
static void lost(struct connection *c) {
    close(c->fd);
    reconnected++;
    connect_one(c);
    if (!c->busy) return;
    if (c->part == HEAD && c->head_length == 0 && now() < ends + PATIENCE) {
        sent--;
        send_request(c, c->due);
        return;
    }
    c->status = 0;
    c->close = false;
    finish(c);
}

static void read_head(struct connection *c) {
    c->head[c->head_length - 2] = 0; /* the empty line */
    c->status = atoi(c->head + 9);
    c->close = strncasecmp(c->head, "HTTP/1.0", 8) == 0;
    bool chunked = false, sized = false;
    for (char *line = strchr(c->head, '\n'); line && *++line; line = strchr(line, '\n')) {
        if (strncasecmp(line, "content-length:", 15) == 0) {
            c->left = strtoull(line + 15, NULL, 10);
            sized = true;
        } else if (strncasecmp(line, "transfer-encoding:", 18) == 0) {
            chunked = true;
        } else if (strncasecmp(line, "connection:", 11) == 0 && strcasestr(line, "close") &&
                   strcasestr(line, "close") < strchr(line, '\n')) {
            c->close = true;
        }
    }
    if (chunked) {
        c->part = CHUNK_SIZE;
        c->left = 0;
    } else {
        if (!sized && c->status != 204 && c->status != 304) die("a reply has no length");
        c->part = SIZED;
        if (!sized) c->left = 0;
    }
}

/* Take in what was read; false when the connection is not to be read further. */
static void take(struct connection *c, const char *data, size_t length) {
    while (length > 0 || (c->busy && c->part == SIZED && c->left == 0)) {
        if (!c->busy) die("a reply that nobody asked for");
        size_t n;
        switch (c->part) {
        case HEAD: {
            size_t before = c->head_length, room = HEAD_LIMIT - 1 - before;
            n = length < room ? length : room;
            memcpy(c->head + before, data, n);
            c->head_length += n;
            size_t from = before > 3 ? before - 3 : 0;
            char *end = memmem(c->head + from, c->head_length - from, "\r\n\r\n", 4);
            if (!end) {
                if (c->head_length == HEAD_LIMIT - 1) die("a reply's head is too long");
                return;
            }
            c->head_length = (size_t)(end - c->head) + 4;
            n = c->head_length - before;
            data += n, length -= n;
            read_head(c);
            if (c->status < 200) c->part = HEAD, c->head_length = 0;
            break;
        }
        case SIZED:
        case CHUNK_DATA:
            n = length < c->left ? length : (size_t)c->left;
            data += n, length -= n, c->left -= n, body_bytes += n;
            if (c->left == 0) {
                if (c->part == SIZED) {
                    finish(c);
                    if (length) die("a reply is longer than it said");
                    return;
                }
                c->part = CHUNK_END;
            }
            break;
        case CHUNK_END: /* the line end after a chunk's data */
            if (*data == '\n') c->part = CHUNK_SIZE;
            data++, length--;
            break;
        case CHUNK_SIZE: {
            char digit = *data++;
            length--;
            if (digit >= '0' && digit <= '9') c->left = c->left * 16 + (uint64_t)(digit - '0');
            else if ((digit | 32) >= 'a' && (digit | 32) <= 'f') c->left = c->left * 16 + (uint64_t)((digit | 32) - 'a' + 10);
            else if (digit == '\n') {
                c->part = c->left ? CHUNK_DATA : TRAILER;
                c->line_length = 0;
            } else if (digit != '\r') die("a chunk's size is broken");
            break;
        }
        case TRAILER:
            if (*data == '\n') {
                if (c->line_length == 0) {
                    finish(c);
                    return;
                }
                c->line_length = 0;
            } else if (*data != '\r') c->line_length++;
            data++, length--;
            break;
        }
    }
}

static void readable(struct connection *c) {
    ssize_t n = recv(c->fd, buffer, READ_SIZE, MSG_DONTWAIT);
    if (n > 0) take(c, buffer, (size_t)n);
    else if (n == 0 || (errno != EAGAIN && errno != EINTR)) lost(c);
}

static void set_timer(int timer, double moment) {
    struct itimerspec spec = {.it_value = {.tv_sec = (time_t)moment,
                                           .tv_nsec = (long)((moment - (double)(time_t)moment) * 1e9) + 1}};
    if (spec.it_value.tv_nsec > 999999999) spec.it_value.tv_nsec = 999999999;
    if (timerfd_settime(timer, TFD_TIMER_ABSTIME, &spec, NULL) < 0) die("timerfd_settime");
}

static void load_requests(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) die(path);
    uint32_t length;
    size_t space = 0;
    while (fread(&length, sizeof length, 1, file) == 1) {
        if (request_count == space) requests = realloc(requests, (space = space ? space * 2 : 16) * sizeof *requests);
        struct request *r = &requests[request_count++];
        r->length = length;
        r->bytes = malloc(length);
        if (fread(r->bytes, 1, length, file) != length) die(path);
    }
    fclose(file);
    if (!request_count) die("no requests");
}

static void run(void) {
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    if (timer < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, timer, &event) < 0) die("timer");
    began = now();
    ends = began + seconds;
    if (rate > 0) {
        limit = (uint64_t)(rate * seconds);
        for (int i = 0; i < connection_count; i++) idle[idle_count++] = &connections[i];
        set_timer(timer, began);
    } else {
        for (int i = 0; i < connection_count; i++) send_request(&connections[i], now());
    }
    struct epoll_event events[EVENTS];
    while (now() < ends + PATIENCE && (idle_count < connection_count || (rate > 0 && sent < limit))) {
        int n = epoll_wait(epoll, events, EVENTS, 1000);
        for (int i = 0; i < n; i++) {
            if (events[i].data.ptr) {
                readable(events[i].data.ptr);
                continue;
            }
            uint64_t expirations;
            if (read(timer, &expirations, sizeof expirations) < 0 && errno != EAGAIN) die("timer");
            while (idle_count && send_next(idle[idle_count - 1])) idle_count--;
            /* With no connection idle, the next reply sends what is due by then. */
            if (sent < limit) {
                double due = began + (double)due_count(now()) / rate;
                set_timer(timer, due);
            }
        }
    }
}

static void report(const char *latency_file, double took) {
    if (latency_file) {
        FILE *file = fopen(latency_file, "wb");
        if (!file || fwrite(latencies, sizeof *latencies, completed, file) != completed || fclose(file)) die(latency_file);
    }
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    double cpu = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                 (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
    printf("{\"completed\": %lu, \"failed\": %lu, \"unfinished\": %lu, \"reconnected\": %lu, "
           "\"body_bytes\": %lu, \"seconds\": %.6f, \"cpu_seconds\": %.6f}\n",
           (unsigned long)completed, (unsigned long)failed, (unsigned long)(sent - completed - failed),
           (unsigned long)reconnected, (unsigned long)body_bytes, took, cpu);
    fflush(stdout);
}

int main(int argc, char **argv) {
    const char *latency_file = NULL;
    bool hold = false;
    if (argc < 4) {
        fprintf(stderr, "usage: load IP PORT REQUESTS [--connections N] [--seconds S] [--rate R] [--once] "
                        "[--hold] [--latencies FILE]\n");
        return 2;
    }
    for (int i = 4; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (!strcmp(argv[i], "--once")) once = true;
        else if (!strcmp(argv[i], "--hold")) hold = true;
        else if (!strcmp(argv[i], "--connections")) connection_count = atoi(value), i++;
        else if (!strcmp(argv[i], "--seconds")) seconds = atof(value), i++;
        else if (!strcmp(argv[i], "--rate")) rate = atof(value), i++;
        else if (!strcmp(argv[i], "--latencies")) latency_file = value, i++;
        else {
            fprintf(stderr, "load: unknown option %s\n", argv[i]);
            return 2;
        }
    }
    server.sin_family = AF_INET;
    server.sin_port = htons((uint16_t)atoi(argv[2]));
    if (inet_pton(AF_INET, argv[1], &server.sin_addr) != 1 || connection_count < 1) return 2;
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    load_requests(argv[3]);
    epoll = epoll_create1(0);
    buffer = malloc(READ_SIZE);
    latency_space = 65536;
    latencies = malloc(latency_space * sizeof *latencies);
    connections = calloc((size_t)connection_count, sizeof *connections);
    idle = calloc((size_t)connection_count, sizeof *idle);
    if (!buffer || !latencies || !connections || !idle) die("memory");
    for (int i = 0; i < connection_count; i++) {
        connections[i].head = malloc(HEAD_LIMIT);
        connect_one(&connections[i]);
    }
    run();
    report(latency_file, now() - began);
    if (hold)
        while (getchar() != EOF) {
        }
    return 0;
}
