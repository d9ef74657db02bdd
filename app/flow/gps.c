/* gpsd's client. */
#include "app/flow/gps.h"

#include <arpa/inet.h>
#include <jansson.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "forms/base/num.h"

#define WATCH       "?WATCH={\"enable\":true,\"json\":true};\n"
#define LINE_MAX_IN 16384 /* gpsd's own limit is 10240 */

static int64_t monotonic_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int connect_local(int port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) != 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static void add_number(const json_t *report, const char *key, struct buf *out)
{
    char text[NUM_TEXT_MAX];
    num_text(json_number_value(json_object_get(report, key)), text);
    buf_printf(out, " %s", text);
}

/* A report with a fix ("TPV", mode 2 or 3): appended. */
static bool take_report(const char *line, size_t n, struct buf *out)
{
    json_error_t why;
    json_t *report = json_loadb(line, n, 0, &why);
    const char *class = json_string_value(json_object_get(report, "class"));
    const json_t *lat = json_object_get(report, "lat"), *lon = json_object_get(report, "lon");
    bool fix = class && strcmp(class, "TPV") == 0 &&
               json_integer_value(json_object_get(report, "mode")) >= 2 && json_is_number(lat) &&
               json_is_number(lon);
    if (fix) {
        char text[NUM_TEXT_MAX];
        num_text(json_number_value(lat), text);
        buf_add_z(out, text);
        add_number(report, "lon", out);
        add_number(report, json_object_get(report, "altMSL") ? "altMSL" : "alt", out);
        add_number(report, json_object_get(report, "eph") ? "eph" : "epx", out);
    }
    json_decref(report);
    return fix;
}

/* Whole lines at the front of `got` are read and taken off. */
static bool take_lines(char *got, size_t *n, struct buf *out)
{
    char *newline;
    while ((newline = memchr(got, '\n', *n)) != NULL) {
        size_t line = (size_t)(newline - got);
        if (take_report(got, line, out))
            return true;
        *n -= line + 1;
        memmove(got, newline + 1, *n);
    }
    return false;
}

static bool wait_for_fix(int fd, int64_t until, struct buf *out)
{
    char got[LINE_MAX_IN];
    size_t n = 0;
    while (n < sizeof got) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        int64_t left = until - monotonic_ms();
        if (left <= 0 || poll(&p, 1, (int)left) <= 0)
            return false;
        ssize_t more = read(fd, got + n, sizeof got - n);
        if (more <= 0)
            return false;
        n += (size_t)more;
        if (take_lines(got, &n, out))
            return true;
    }
    return false; /* a line longer than gpsd writes: it is something else */
}

bool gps_locate(int port, int timeout_ms, struct buf *out, struct err *e)
{
    int fd = connect_local(port);
    if (fd < 0)
        return err_fail(e, ERR_GPS_ABSENT);
    bool ok = send(fd, WATCH, sizeof WATCH - 1, MSG_NOSIGNAL) == (ssize_t)sizeof WATCH - 1 &&
              wait_for_fix(fd, monotonic_ms() + timeout_ms, out);
    close(fd);
    return ok ? true : err_fail(e, ERR_GPS_NO_FIX);
}
