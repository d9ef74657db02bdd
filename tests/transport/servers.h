/* Real servers on loopback for the transport tests: OpenSSH's sshd and nginx with WebDAV, as an ordinary
 * user (nobody, when the tests run as root), with keys, accounts and ports of their own; nothing of the
 * system's configuration is read or changed. And a wire between: a proxy that cuts connections after so
 * many bytes. */
#ifndef TESTS_TRANSPORT_SERVERS_H
#define TESTS_TRANSPORT_SERVERS_H

#include <stdbool.h>
#include <stdint.h>

#define SERVER_USER "petugas"

/* Not started before the first cut, in bytes of a connection in both directions; connections behind the
 * last of the plan are not cut. Shared with the proxy's process. */
#define WIRE_CUTS 16
struct wire {
    volatile uint64_t cut[WIRE_CUTS];
    volatile unsigned cuts, next;
    volatile uint64_t up, down; /* bytes that went through since wire_plan() */
    volatile int target;        /* port behind the wire */
    volatile bool soft;         /* what was sent before the cut still arrives */
    volatile unsigned line;     /* another number: connections that stand are cut */
};
extern struct wire *wire;

/* False with the reason: this machine has no such servers. */
bool servers_prepare(char reason[200]);
bool servers_start(void); /* and the wire's proxy */
void servers_stop(void);
/* Another sshd, with another host key: of the same kind, or of another. */
bool servers_start_other(bool other_kind);

int servers_ssh(void), servers_other_ssh(void), servers_http(void), servers_https(void);
int servers_wire(void); /* the proxy's port */
/* A path in the servers' folder: sftp/ and root/survei/ are what they serve. */
const char *servers_path(const char *name);
void wire_plan(int target, unsigned cuts, const uint64_t *cut);

#endif
