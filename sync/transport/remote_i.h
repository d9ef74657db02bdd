/* One connection to a far side, and what SFTP and WebDAV each do in their own way. An operation is tried
 * once and says how it went; remote_do() tries it again, with growing waits, while it went WENT_AGAIN and
 * starts counting anew whenever more of the file has arrived. So every operation may be repeated from its beginning. */
#ifndef SYNC_TRANSPORT_REMOTE_I_H
#define SYNC_TRANSPORT_REMOTE_I_H

#include <curl/curl.h>

#include "sync/errors.h"
#include "sync/io/io.h"
#include "sync/transport/transport.h"

#define REMOTE_NAME_MAX  100
#define REMOTE_NAMES_MAX ((size_t)100000)
#define REMOTE_LIST_MAX  ((size_t)32 << 20) /* bytes of a listing */
#define REMOTE_URL_MAX   ((size_t)4096)
#define PART             ".part"

enum went {
    WENT_WELL,
    WENT_ABSENT, /* what was asked for is not there */
    WENT_AGAIN,  /* the network, or a server with a bad moment */
    WENT_WRONG,  /* the error is set */
};

struct remote_names {
    char (*v)[REMOTE_NAME_MAX + 1];
    size_t n, cap;
};

/* A file being fetched. */
struct incoming {
    const char *path; /* where it will be */
    struct io_new file;
    bool open;
    uint64_t have, best, max; /* best: the most there ever was */
    char tag[128];            /* ETag of what we have the beginning of; "": none */
};

/* What a file is on the far side: URL/folder/name. folder "" is the URL itself. */
struct place {
    const char *folder, *name;
};

struct remote;
struct protocol {
    bool resumes; /* an upload can go on where it broke off */
    enum went (*list)(struct remote *r, const char *folder, struct remote_names *out,
                      struct err *e);
    enum went (*make)(struct remote *r, const char *folder, struct err *e);
    enum went (*size)(struct remote *r, const struct place *at, uint64_t *ret, struct err *e);
    /* What fd has from where it stands, which is `from`. */
    enum went (*put)(struct remote *r, const struct place *at, int fd, uint64_t from, uint64_t size,
                     struct err *e);
    enum went (*rename)(struct remote *r, const struct place *at, const char *to, struct err *e);
    enum went (*get)(struct remote *r, const struct place *at, struct incoming *in, struct err *e);
    enum went (*drop)(struct remote *r, const struct place *at, struct err *e);
};
extern const struct protocol sftp_protocol, webdav_protocol;

struct remote {
    const struct protocol *protocol;
    struct transport_user user;
    CURL *curl;
    /* out of the URL: `url` is encoded, without the user and a trailing slash; `path` is decoded */
    char url[REMOTE_URL_MAX], path[REMOTE_URL_MAX], login[128], host[300], port[8];
    char whom[512]; /* USER@HOST for people */
    char *hosts;    /* STORE.hosts */
    bool tls;
    /* logging in */
    unsigned stage; /* see login.c */
    long http_auth;
    char key[REMOTE_URL_MAX];
    struct secret *password, *passphrase; /* with a NUL behind */
    /* the transfer under way */
    const char *name;
    uint64_t from, total, moved;
    int64_t began_ms, shown_ms, moved_ms;
    bool stalled, stopped;
    bool progressed; /* by this try: more of the file has arrived than by any before */
    unsigned tries;
    struct err *why; /* for callbacks: the error of this try */
    char detail[CURL_ERROR_SIZE];
    long status;     /* HTTP's answer */
    bool broke;      /* the far side had closed the connection that was closed last */
    unsigned denied; /* logins in a row that ended so */
};

/* Repeats `op` as said above; true when it went well, or *ret_absent (may be NULL: then it is an error). */
typedef enum went (*remote_op)(struct remote *r, void *job, struct err *e);
MUST_USE bool remote_do(struct remote *r, remote_op op, void *job, bool *ret_absent, struct err *e);

/* ---- for the protocols ---- */

/* Options of all transfers afresh, with the URL of a file, or of a folder when the name is NULL. */
void remote_begin(struct remote *r, const struct place *at);
void remote_url(const struct remote *r, const struct place *at, struct buf *out);
/* Runs it, logging in as far as the far side wants. HTTP's answers below 400 go well. */
enum went remote_run(struct remote *r, struct err *e);
/* Writes what comes into a buffer; `out` is cleared on each run. */
void remote_into_buf(struct remote *r, struct buf *out);
/* An upload of what fd has from where it stands. */
void remote_from_file(struct remote *r, int *fd, uint64_t from, uint64_t size);
bool incoming_start(struct incoming *in, struct err *e); /* from the first byte */
bool incoming_add(struct incoming *in, const void *p, size_t n, struct err *e);
/* [A-Za-z0-9._-]{1,100}, not hidden. */
bool name_is_ours(struct str name);
/* Names of our kind alone. False: there are too many. */
bool names_add(struct remote_names *names, struct str name);
int64_t remote_now_ms(void);

/* login.c: options of the stage, and the next one after a refusal. */
void login_options(struct remote *r);
bool login_next(struct remote *r, struct err *e);

/* hosts.c: CURLOPT_SSH_KEYFUNCTION; its data is the remote. */
int hosts_check(CURL *curl, const struct curl_khkey *known, const struct curl_khkey *found,
                enum curl_khmatch match, void *ctx);

/* Whether a key of this host is pinned, of whatever kind. */
bool hosts_pinned(const struct remote *r);

/* multistatus.c: the names in a PROPFIND's answer. */
MUST_USE bool multistatus_names(struct str xml, struct remote_names *out);

#endif
