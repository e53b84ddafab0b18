// Many WebSocket clients in one process, on loopback: connects, reads, and checks that nothing is lost or doubled.
//
//   gateway_load STATS PORT[,PORT...] CONNECTIONS ROOM_SIZE FIRST IN_FLIGHT PATH READY [EXPECT=>SAY ...]
//
// Connection number n (FIRST, FIRST + 1, ...) is in room n / ROOM_SIZE. In PATH and SAY, %r is the room and %n the
// connection. A step's SAY is sent once a message contains EXPECT (empty: at once); the connection is ready when the
// steps are done and a message contains READY (empty: at once). Every event contains `@T=` and 19 digits, the
// CLOCK_MONOTONIC nanoseconds of its publication, then `#` and 9 digits that count the events of its room.
//
// STATS is a file of struct stats, shared with benchmarks/gateway_clients.py, which reads it while this runs.
// Connections come from 127.0.0.2 and up, 20,000 from each address, for an address has 28,000 ports.
//
// Once everybody is ready the sockets are looked at once a millisecond. A client that sleeps in epoll_wait is woken from
// within the server's send(2), on one machine, and the server pays for it: a third of the CPU of a slow writer, whose
// client falls asleep between any two messages, and nothing of a fast one's.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BUCKETS 2048
#define CHUNK (1 << 18)
#define MOST_STEPS 4

// All counters are only ever written here, except `stop`.
struct stats {
  uint64_t stop, started, ready, failed, closed, delivered, lost, doubled, messages, bytes, large, quiet;
  uint64_t latency[BUCKETS];  // of events, microseconds, 32 buckets an octave
  uint64_t connect[BUCKETS];  // from connect() to ready
};

enum state { WAITING, CONNECTING, SHAKING, OPEN, DEAD };

struct conn {
  int fd, number;
  uint8_t state, step, ready, fragment;
  uint32_t kept_size, kept_room;
  int64_t last;    // number of the last event, -1: none yet
  uint64_t skip;   // bytes left of a large message
  uint64_t began;
  char *kept;      // an incomplete frame
};

static struct stats *S;
static struct conn *conns;
static int ports[16], nports, count, room_size, first, in_flight, steps, ep, busy;
static const char *path, *ready_word, *expect[MOST_STEPS], *say[MOST_STEPS];
static char *chunk;

static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000ull + t.tv_nsec;
}

static int bucket(uint64_t us) {
  if (us < 32) return us;
  int octave = 63 - __builtin_clzll(us);
  int index = (octave - 4) * 32 + ((us >> (octave - 5)) & 31);
  return index < BUCKETS ? index : BUCKETS - 1;
}

static size_t fill(char *to, size_t room, const char *format, const struct conn *c) {
  size_t n = 0;
  for (const char *p = format; *p && n + 24 < room; p++) {
    if (*p == '%' && p[1] == 'r') n += sprintf(to + n, "%d", c->number / room_size), p++;
    else if (*p == '%' && p[1] == 'n') n += sprintf(to + n, "%08d", c->number), p++;
    else to[n++] = *p;
  }
  to[n] = 0;
  return n;
}

static void send_frame(struct conn *c, int opcode, const char *text, size_t n) {
  char b[2048];
  size_t h = 0;
  b[h++] = 0x80 | opcode;
  if (n < 126) b[h++] = 0x80 | n;
  else b[h++] = 0x80 | 126, b[h++] = n >> 8, b[h++] = n & 255;
  memset(b + h, 0, 4);  // masked with zeros
  memcpy(b + h + 4, text, n);
  if (send(c->fd, b, h + 4 + n, MSG_NOSIGNAL) < 0) return;
}

static void dead(struct conn *c) {
  if (c->state == DEAD) return;
  if (c->ready) S->closed++; else S->failed++, busy--;
  c->state = DEAD;
  close(c->fd);
  free(c->kept), c->kept = NULL, c->kept_size = c->kept_room = 0;
}

static void advance(struct conn *c, const char *text, size_t n) {
  while (c->step < steps) {
    const char *word = expect[c->step];
    if (*word && !(text && memmem(text, n, word, strlen(word)))) return;
    char b[1024];
    send_frame(c, 1, b, fill(b, sizeof b, say[c->step++], c));
    text = NULL;
  }
  if (c->ready || (*ready_word && !(text && memmem(text, n > 400 ? 400 : n, ready_word, strlen(ready_word))))) return;
  c->ready = 1, busy--, S->ready++;
  S->connect[bucket((now() - c->began) / 1000)]++;
}

static void message(struct conn *c, const char *p, size_t n, uint64_t at) {
  S->messages++;
  const char *end = p + n, *event = p;
  int found = 0;
  while ((event = memmem(event, end - event, "@T=", 3)) && end - event >= 32) {
    uint64_t sent = 0;
    int64_t number = 0;
    for (int i = 3; i < 22; i++) sent = sent * 10 + (event[i] - '0');
    for (int i = 23; i < 32; i++) number = number * 10 + (event[i] - '0');
    S->latency[bucket(at > sent ? (at - sent) / 1000 : 0)]++;
    S->delivered++, found = 1;
    if (c->last >= 0 && number <= c->last) S->doubled++;
    else {
      if (c->last >= 0) S->lost += number - c->last - 1;
      c->last = number;
    }
    event += 32;
  }
  if (!found && n == 1 && *p == '2') send_frame(c, 1, "3", 1);  // Engine.IO's ping
  if (!found || !c->ready) advance(c, p, n);
}

static void frames(struct conn *c, char *p, size_t n, uint64_t at) {
  if (c->skip) {
    size_t k = c->skip < n ? c->skip : n;
    c->skip -= k, p += k, n -= k;
    if (c->skip) return;
    S->large++;
  }
  char *joined = NULL;
  if (c->kept_size) {
    joined = malloc(c->kept_size + n);
    memcpy(joined, c->kept, c->kept_size), memcpy(joined + c->kept_size, p, n);
    p = joined, n += c->kept_size, c->kept_size = 0;
  }
  while (n >= 2) {
    unsigned char *u = (unsigned char *)p;
    size_t head = 2;
    uint64_t size = u[1] & 127;
    if (size == 126) {
      if (n < 4) break;
      size = u[2] << 8 | u[3], head = 4;
    } else if (size == 127) {
      if (n < 10) break;
      size = 0, head = 10;
      for (int i = 2; i < 10; i++) size = size << 8 | u[i];
    }
    if (size > CHUNK / 2) {  // a snapshot: its beginning is looked at, the rest is read and forgotten
      if (n < head + 400) break;
      advance(c, p + head, 400);
      if (n - head < size) {
        c->skip = size - (n - head), n = 0;
        break;
      }
      S->large++;
    } else {
      if (n < head + size) break;
      int opcode = u[0] & 15;
      if (opcode == 8) { dead(c); free(joined); return; }
      if (opcode == 9) send_frame(c, 10, p + head, size);
      if (opcode < 8) message(c, p + head, size, at);
    }
    p += head + size, n -= head + size;
  }
  if (n) {
    if (c->kept_room < n) c->kept = realloc(c->kept, c->kept_room = n);
    memmove(c->kept, p, n), c->kept_size = n;
  }
  free(joined);
}

static void begin(struct conn *c) {
  int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct linger hard = {1, 0};  // no TIME_WAIT: the next run needs the ports
  busy++, S->started++;
  c->fd = fd, c->state = CONNECTING, c->began = now(), c->last = -1;
  if (fd < 0) { perror("socket"); exit(1); }
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  setsockopt(fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000002 + c->number / 20000)};
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  to.sin_port = htons(ports[c->number % nports]);
  if (bind(fd, (void *)&from, sizeof from)) { perror("bind"); exit(1); }
  if (connect(fd, (void *)&to, sizeof to) && errno != EINPROGRESS) { dead(c); return; }
  struct epoll_event e = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = c};
  epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
}

static void shake(struct conn *c) {
  char b[1200], where[400];
  fill(where, sizeof where, path, c);
  int n = snprintf(b, sizeof b,
    "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
    where, ports[c->number % nports]);
  if (send(c->fd, b, n, MSG_NOSIGNAL) == n) c->state = SHAKING; else dead(c);
}

static void event(struct conn *c, uint32_t what) {
  if (c->state == CONNECTING) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error) { dead(c); return; }
    if (what & EPOLLOUT) shake(c);
  }
  while (c->state == SHAKING || c->state == OPEN) {
    ssize_t n = recv(c->fd, chunk, CHUNK, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) { dead(c); return; }
    S->bytes += n;
    char *p = chunk;
    if (c->state == SHAKING) {  // the answer comes whole on loopback
      char *end = memmem(p, n, "\r\n\r\n", 4);
      if (!end || memcmp(p + 9, "101", 3)) { dead(c); return; }
      c->state = OPEN;
      advance(c, NULL, 0);
      n -= end + 4 - p, p = end + 4;
    }
    if (n) frames(c, p, n, now());
  }
}

int main(int argc, char **argv) {
  if (argc < 9) return fprintf(stderr, "see the head of gateway_load.c\n"), 2;
  signal(SIGPIPE, SIG_IGN);
  int file = open(argv[1], O_RDWR);
  S = mmap(NULL, sizeof *S, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (file < 0 || S == MAP_FAILED) { perror(argv[1]); return 1; }
  for (char *p = strtok(argv[2], ","); p && nports < 16; p = strtok(NULL, ",")) ports[nports++] = atoi(p);
  count = atoi(argv[3]), room_size = atoi(argv[4]), first = atoi(argv[5]), in_flight = atoi(argv[6]);
  path = argv[7], ready_word = argv[8];
  for (int i = 9; i < argc && steps < MOST_STEPS; i++, steps++) {
    char *arrow = strstr(argv[i], "=>");
    *arrow = 0, expect[steps] = argv[i], say[steps] = arrow + 2;
  }
  chunk = malloc(CHUNK), conns = calloc(count, sizeof *conns), ep = epoll_create1(0);
  for (int i = 0; i < count; i++) conns[i].number = first + i;
  struct epoll_event events[1024];
  for (int next = 0; !S->stop;) {
    while (next < count && busy < in_flight) begin(&conns[next++]);
    int asleep = S->ready < (uint64_t)count, n = epoll_wait(ep, events, 1024, asleep ? 20 : 0);
    for (int i = 0; i < n; i++) event(events[i].data.ptr, events[i].events);
    if (!n) S->quiet++;
    if (!asleep && n < 1024) nanosleep(&(struct timespec){0, 1000000}, NULL);
  }
  return 0;
}
