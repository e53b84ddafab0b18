// The ceiling: WebSocket fan-out in C with nothing around it. One thread, epoll, one send(2) for each event and socket.
//
//   gateway_writer PORT REDIS_SOCKET
//
// Events come from PUBLISH write:<room>; a connection names its room in its path: /?room=<room>. No sessions, no
// permissions, no versions, and a socket that does not take a whole frame is closed: nothing here is a gateway.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define ROOMS 65536
#define FDS (1 << 20)

struct room { int *fds, count, room; };

static struct room rooms[ROOMS];
static int room_of[FDS], place_of[FDS], ep, store;
static char inbox[1 << 20];
static size_t inside;

static void leave(int fd) {
  if (room_of[fd] > 0) {
    struct room *r = &rooms[room_of[fd] - 1];
    int last = r->fds[--r->count];
    r->fds[place_of[fd]] = last, place_of[last] = place_of[fd];
  }
  room_of[fd] = 0;
  close(fd);
}

static void enter(int fd) {
  char b[4096];
  ssize_t n = recv(fd, b, sizeof b - 1, 0);
  if (n < 0 && errno == EAGAIN) return;
  if (n <= 0) { leave(fd); return; }
  if (room_of[fd]) return;  // what clients say is not listened to
  b[n] = 0;
  char *p = strstr(b, "room=");
  int number = p ? atoi(p + 5) % ROOMS : 0;
  struct room *r = &rooms[number];
  if (r->count == r->room) r->fds = realloc(r->fds, sizeof(int) * (r->room = r->room * 2 + 16));
  place_of[fd] = r->count, r->fds[r->count++] = fd, room_of[fd] = number + 1;
  // The accept value of the load generator's fixed key.
  static const char answer[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                               "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
  if (send(fd, answer, sizeof answer - 1, MSG_NOSIGNAL) < 0) leave(fd);
}

static void fan_out(int number, const char *text, size_t n) {
  static char frame[1 << 17];
  size_t head = 2;
  frame[0] = 0x81, frame[1] = n;
  if (n >= 126) frame[1] = 126, frame[2] = n >> 8, frame[3] = n & 255, head = 4;
  memcpy(frame + head, text, n);
  struct room *r = &rooms[number % ROOMS];
  for (int i = r->count - 1; i >= 0; i--)
    if (send(r->fds[i], frame, head + n, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)(head + n)) leave(r->fds[i]);
}

// One `*4 pmessage pattern channel text` or another reply, of at most four parts; its size, 0 if it is not all here.
static size_t reply(char *p, size_t n) {
  char *start = p, *end = p + n, *part[4], *line;
  size_t size[4] = {0};
  if (!(line = memchr(p, '\n', end - p))) return 0;
  int parts = atoi(p + 1);
  p = line + 1;
  for (int i = 0; i < parts && i < 4; i++) {
    if (p >= end || !(line = memchr(p, '\n', end - p))) return 0;
    if (*p == '$') {
      size[i] = atoi(p + 1), part[i] = line + 1;
      if (part[i] + size[i] + 2 > end) return 0;
      p = part[i] + size[i] + 2;
    } else p = line + 1;
  }
  if (parts == 4) fan_out(atoi(part[2] + 6), part[3], size[3]);
  return p - start;
}

static void news(void) {
  ssize_t n;
  while ((n = recv(store, inbox + inside, sizeof inbox - inside, MSG_DONTWAIT)) > 0) {
    inside += n;
    size_t at = 0, used;
    while (at < inside && (used = reply(inbox + at, inside - at))) at += used;
    memmove(inbox, inbox + at, inside -= at);
  }
  if (!n) exit(1);
}

int main(int argc, char **argv) {
  if (argc != 3) return fprintf(stderr, "see the head of gateway_writer.c\n"), 2;
  signal(SIGPIPE, SIG_IGN);
  int one = 1, door = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  here.sin_port = htons(atoi(argv[1]));
  setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(door, (void *)&here, sizeof here) || listen(door, 4096)) { perror("bind"); return 1; }
  struct sockaddr_un there = {.sun_family = AF_UNIX};
  strncpy(there.sun_path, argv[2], sizeof there.sun_path - 1);
  store = socket(AF_UNIX, SOCK_STREAM, 0);
  if (connect(store, (void *)&there, sizeof there)) { perror(argv[2]); return 1; }
  const char *listen_to = "*2\r\n$10\r\nPSUBSCRIBE\r\n$7\r\nwrite:*\r\n";
  if (write(store, listen_to, strlen(listen_to)) < 0) return 1;
  ep = epoll_create1(0);
  struct epoll_event e = {.events = EPOLLIN, .data.fd = door}, events[1024];
  epoll_ctl(ep, EPOLL_CTL_ADD, door, &e);
  e.data.fd = store, epoll_ctl(ep, EPOLL_CTL_ADD, store, &e);
  puts("ready"), fflush(stdout);
  for (;;) {
    int n = epoll_wait(ep, events, 1024, -1);
    for (int i = 0; i < n; i++) {
      int fd = events[i].data.fd;
      if (fd == store) news();
      else if (fd != door) enter(fd);
      else while ((fd = accept4(door, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        e.data.fd = fd, epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
      }
    }
  }
}
