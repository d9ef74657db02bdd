/* See servers.h. */
#include "tests/transport/servers.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NOBODY 65534

struct wire *wire;
static char dir[200];
static int ports[5]; /* ssh, other ssh, http, https, wire */
static pid_t children[8];
static int n_children;

int servers_ssh(void)
{
    return ports[0];
}

int servers_other_ssh(void)
{
    return ports[1];
}

int servers_http(void)
{
    return ports[2];
}

int servers_https(void)
{
    return ports[3];
}

int servers_wire(void)
{
    return ports[4];
}

const char *servers_path(const char *name)
{
    static char paths[10][512];
    static unsigned next;
    char *p = paths[next++ % 10];
    snprintf(p, sizeof paths[0], "%s/%s", dir, name);
    return p;
}

/* ---- sockets ---- */

static struct sockaddr_in loopback(int port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static int dial(int port)
{
    struct sockaddr_in a = loopback(port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof a) == 0)
        return fd;
    close(fd);
    return -1;
}

static int listen_on(int port, int *ret_port)
{
    struct sockaddr_in a = loopback(port);
    socklen_t n = sizeof a;
    int yes = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(fd, (struct sockaddr *)&a, sizeof a) != 0 || listen(fd, 16) != 0 ||
        getsockname(fd, (struct sockaddr *)&a, &n) != 0) {
        close(fd);
        return -1;
    }
    *ret_port = ntohs(a.sin_port);
    return fd;
}

/* Five ports that are free now; held together, so that they differ. */
static bool find_ports(void)
{
    int fds[5];
    bool ok = true;
    for (int i = 0; i < 5; i++) {
        fds[i] = listen_on(0, &ports[i]);
        ok = ok && fds[i] >= 0;
    }
    for (int i = 0; i < 5; i++)
        close(fds[i]);
    return ok;
}

/* Ten seconds for somebody to listen there. */
static bool answers(int port)
{
    for (int i = 0; i < 500; i++) {
        struct timespec t = {0, 20 * 1000000};
        int fd = dial(port);
        if (fd >= 0) {
            close(fd);
            return true;
        }
        nanosleep(&t, NULL);
    }
    return false;
}

/* ---- processes ---- */

static void as_ordinary_user(void)
{
    if (geteuid() == 0 &&
        (setresgid(NOBODY, NOBODY, NOBODY) != 0 || setresuid(NOBODY, NOBODY, NOBODY) != 0))
        _exit(126);
    prctl(PR_SET_PDEATHSIG, SIGTERM); /* a test that is killed leaves no server */
}

static bool spawn(const char *const argv[], bool wrapped, int port)
{
    char set[4][600], lib[256] = "";
    pid_t pid = fork();
    if (pid == 0) {
        FILE *f = fopen(servers_path("wrapper"), "r");
        if (f && fgets(lib, sizeof lib, f))
            lib[strcspn(lib, "\n")] = '\0';
        snprintf(set[0], sizeof set[0], "LD_PRELOAD=%s", lib);
        snprintf(set[1], sizeof set[1], "NSS_WRAPPER_PASSWD=%s/passwd", dir);
        snprintf(set[2], sizeof set[2], "NSS_WRAPPER_GROUP=%s/group", dir);
        snprintf(set[3], sizeof set[3], "NSS_WRAPPER_SHADOW=%s/shadow", dir);
        char *env[] = {set[0], set[1], set[2], set[3], NULL};
        char *none[] = {NULL};
        int log = open(servers_path("log"), O_WRONLY | O_CREAT | O_APPEND, 0666);
        dup2(log, 1);
        dup2(log, 2);
        setsid();
        as_ordinary_user();
        execve(argv[0], (char *const *)argv, wrapped ? env : none);
        _exit(127);
    }
    children[n_children++] = pid;
    return pid > 0 && answers(port);
}

static bool start_sshd(int number, int port)
{
    char conf[300];
    snprintf(conf, sizeof conf, "%s/sshd%d.conf", dir, number);
    const char *argv[] = {"/usr/sbin/sshd", "-D", "-e", "-f", conf, NULL};
    return spawn(argv, true, port);
}

bool servers_start_other(bool other_kind)
{
    return start_sshd(other_kind ? 3 : 2, ports[1]);
}

/* ---- the wire ---- */

static void pass(int client, int server, uint64_t limit)
{
    static char b[16384];
    uint64_t went = 0;
    unsigned line = wire->line, idle = 0;
    struct pollfd p[2] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
    while (wire->line == line && idle < 600) {
        int ready = poll(p, 2, 100);
        idle = ready ? 0 : idle + 1;
        if (ready < 0)
            return;
        if (ready == 0)
            continue;
        for (int i = 0; i < 2; i++) {
            if (!(p[i].revents & (POLLIN | POLLHUP | POLLERR)))
                continue;
            size_t most = limit - went < sizeof b ? (size_t)(limit - went) : sizeof b;
            ssize_t n = most ? recv(p[i].fd, b, most, 0) : 0;
            for (ssize_t at = 0; n > 0 && at < n;) {
                ssize_t put = send(p[1 - i].fd, b + at, (size_t)(n - at), MSG_NOSIGNAL);
                if (put <= 0)
                    return;
                at += put;
            }
            if (n <= 0)
                return;
            went += (uint64_t)n;
            __atomic_add_fetch(i == 0 ? &wire->up : &wire->down, (uint64_t)n, __ATOMIC_SEQ_CST);
        }
    }
}

static void carry(int client)
{
    unsigned at = __atomic_fetch_add(&wire->next, 1, __ATOMIC_SEQ_CST);
    uint64_t limit = at < wire->cuts ? wire->cut[at] : UINT64_MAX;
    int server = dial(wire->target);
    struct linger hard = {1, 0}; /* a reset, as from a network that is gone */
    int yes = 1;
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (server >= 0)
        pass(client, server, limit);
    if (!wire->soft)
        setsockopt(client, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    close(client);
    close(server);
}

static bool start_wire(void)
{
    int listener = listen_on(ports[4], &ports[4]);
    if (listener < 0)
        return false;
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        signal(SIGTERM, SIG_DFL); /* not Check's, which would end the runner */
        signal(SIGCHLD, SIG_IGN);
        for (;;) {
            int client = accept(listener, NULL, NULL);
            if (client >= 0 && fork() == 0) {
                close(listener);
                carry(client);
                _exit(0);
            }
            close(client);
        }
    }
    children[n_children++] = pid;
    close(listener);
    return pid > 0;
}

void wire_plan(int target, unsigned cuts, const uint64_t *cut)
{
    wire->target = target;
    wire->next = 0;
    wire->soft = false;
    wire->cuts = cuts;
    wire->up = wire->down = 0;
    wire->line++;
    for (unsigned i = 0; i < cuts && i < WIRE_CUTS; i++)
        wire->cut[i] = cut[i];
}

/* ---- the whole ---- */

static int give(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return lchown(path, NOBODY, NOBODY);
}

static int drop(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

bool servers_prepare(char reason[200])
{
    char command[1000];
    bool root = geteuid() == 0;
    snprintf(reason, 200, "no ports or no folder");
    snprintf(dir, sizeof dir, "/tmp/cacah-servers-XXXXXX");
    if (!mkdtemp(dir) || !find_ports())
        return false;
    snprintf(command, sizeof command,
             "sh '%s/tests/transport/prepare.sh' %s %s %u %u %d %d %d %d 2>&1",
             getenv("CACAH_SOURCE"), dir, SERVER_USER, root ? NOBODY : geteuid(),
             root ? NOBODY : getegid(), ports[0], ports[1], ports[2], ports[3]);
    FILE *f = popen(command, "r");
    if (f && fgets(reason, 200, f))
        reason[strcspn(reason, "\n")] = '\0';
    return f && pclose(f) == 0;
}

bool servers_start(void)
{
    char conf[300], log[300];
    wire = mmap(NULL, sizeof *wire, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    snprintf(conf, sizeof conf, "%s/nginx.conf", dir);
    snprintf(log, sizeof log, "%s/log", dir);
    const char *argv[] = {"/usr/sbin/nginx", "-c", conf, "-e", log, NULL};
    close(open(log, O_WRONLY | O_CREAT, 0666));
    if (geteuid() == 0 && nftw(dir, give, 8, FTW_PHYS) != 0)
        return false;
    return wire != MAP_FAILED && start_sshd(1, ports[0]) && spawn(argv, false, ports[2]) &&
           start_wire();
}

void servers_stop(void)
{
    for (int i = 0; i < n_children; i++)
        kill(children[i], SIGTERM);
    for (int i = 0; i < n_children; i++)
        waitpid(children[i], NULL, 0);
    n_children = 0;
    nftw(dir, drop, 8, FTW_DEPTH | FTW_PHYS);
}
