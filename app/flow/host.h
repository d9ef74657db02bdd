/* The world that forms/ is given (forms/base/host.h): the real one, the one of a file's own folder
 * for commands on form files, and the recorded one of a draft. A draft runs on the recorded one
 * from its first moment, so that a replay of its journal cannot differ: the clock stands still
 * within an event, all randomness is drawn from the draft's seed and the event's number, properties
 * and last-saved values are those of the start. */
#ifndef APP_FLOW_HOST_H
#define APP_FLOW_HOST_H

#include "app/flow/event.h"
#include "forms/base/host.h"
#include "sync/store/store.h"

#define ZONE_MAX 256

/* The clock and the zone of this machine, real randomness; no files, no properties. */
void host_real(struct host *ret);
struct instant host_now(void);
/* Milliseconds that run on while the machine sleeps and that nobody can set. */
int64_t host_steady_ms(void);
/* What TZ would have to be for this machine's zone. */
void host_zone(char ret[ZONE_MAX]);
/* Minutes east of UTC in a zone so named; `local`: ms counts local wall time. */
int32_t host_zone_offset(const char *zone, int64_t ms, bool local);

/* The real host with the files of the folder that `form_path` is in: bare names only. Keep *d as
 * long as the host. */
struct host_dir {
    char folder[4096];
};
MUST_USE bool host_dir(struct host_dir *d, const char *form_path, struct host *ret, struct err *e);

/* The real host with the external lists that the store keeps beside a form. */
void host_files(const struct form_files *files, struct host *ret);

/* The recorded one. Everything it points at must outlive it. */
struct host_draft {
    struct instant at; /* of the event under way */
    uint64_t event;    /* its number */
    uint64_t drawn;    /* bytes drawn in it so far */
    uint8_t seed[32];
    char zone[ZONE_MAX];
    struct event_pairs start; /* "property:deviceid" …, "saved:/data/village" … */
    char code[16];            /* the respondent's code */
    uint32_t visits;          /* contact attempts before this one */
    const struct form *form;  /* to find last-saved values by name as well as by path */
};
void host_draft(struct host_draft *d, struct host *ret);
/* Begins event number n: the clock shows `at`. */
void host_draft_event(struct host_draft *d, uint64_t n, struct instant at);

/* "XXXX-XXXX-C" of an interview (decisions.md 13). */
void code_of_uuid(const struct id16 *uuid, char ret[16]);
/* The interview's first five bytes out of a code as a person types it (dashes, case and the letters
 * O, I, L forgiven); false: not a code, or its check character is wrong. */
bool code_parse(struct str text, uint8_t ret[5]);

#endif
