/* gpsd's client against a socket that says what gpsd says. */
#include "app/flow/gps.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/check_main.h"

static struct buf found;
static struct err e;
static pid_t server;

static void setup(void)
{
    err_clear(&e);
    buf_init(&found, 1024);
}

/* A server on a port of the system's choice that reads the request, says `text` and hangs up. */
static int serve(const char *text)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t n = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    ck_assert_int_eq(listen(fd, 1), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&at, &n), 0);
    server = fork();
    ck_assert_int_ge(server, 0);
    if (server == 0) {
        char request[256];
        int c = accept(fd, NULL, NULL);
        ssize_t got = read(c, request, sizeof request);
        bool asked = got > 7 && memcmp(request, "?WATCH=", 7) == 0;
        size_t len = strlen(text);
        bool said = asked && write(c, text, len) == (ssize_t)len;
        close(c);
        _exit(said ? 0 : 1);
    }
    close(fd);
    return ntohs(at.sin_port);
}

static void end_server(void)
{
    int status;
    ck_assert_int_eq(waitpid(server, &status, 0), server);
    ck_assert_int_eq(status, 0);
    buf_done(&found);
}

#define VERSION "{\"class\":\"VERSION\",\"release\":\"3.22\",\"proto_major\":3}\n"

START_TEST(test_gps__the_first_fix)
{
    int port = serve(VERSION "{\"class\":\"TPV\",\"mode\":1}\r\n"
                             "{\"class\":\"SKY\",\"lat\":9,\"lon\":9,\"mode\":3}\n"
                             "{\"class\":\"TPV\",\"mode\":3,\"lat\":-2.1683,\"lon\":115.3856,"
                             "\"altMSL\":41.5,\"eph\":6.25}\n");
    ck_assert(gps_locate(port, 5000, &found, &e));
    ck_assert_str_eq(found.p, "-2.1683 115.3856 41.5 6.25");
    end_server();
}
END_TEST

START_TEST(test_gps__without_altitude)
{
    int port = serve("{\"class\":\"TPV\",\"mode\":2,\"lat\":1,\"lon\":-2}\n");
    ck_assert(gps_locate(port, 5000, &found, &e));
    ck_assert_str_eq(found.p, "1 -2 0 0");
    end_server();
}
END_TEST

START_TEST(test_gps__no_fix_and_nonsense)
{
    char line[20000];
    int port =
        serve(VERSION "{\"class\":\"TPV\",\"mode\":1,\"lat\":1,\"lon\":2}\n"
                      "{\"class\":\"TPV\",\"mode\":3,\"lat\":\"1\",\"lon\":2}\nnot json\n\n");
    ck_assert(!gps_locate(port, 5000, &found, &e));
    ck_assert(err_is(&e, &ERR_GPS_NO_FIX));
    end_server();

    setup();
    memset(line, '{', sizeof line); /* no end of a line: not gpsd */
    line[sizeof line - 1] = '\0';
    port = serve(line);
    ck_assert(!gps_locate(port, 5000, &found, &e));
    ck_assert(err_is(&e, &ERR_GPS_NO_FIX));
    ck_assert_uint_eq(found.n, 0);
    ck_assert_int_eq(waitpid(server, NULL, 0), server);
    buf_done(&found);
}
END_TEST

START_TEST(test_gps__nobody_there)
{
    int port = serve("");
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
    close(fd); /* the one that it takes; nobody listens from now on */
    ck_assert_int_eq(waitpid(server, NULL, 0), server);
    ck_assert(!gps_locate(port, 5000, &found, &e));
    ck_assert(err_is(&e, &ERR_GPS_ABSENT));
    buf_done(&found);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("gps");
    TCase *t = tcase_create("gps");
    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_test(t, test_gps__the_first_fix);
    tcase_add_test(t, test_gps__without_altitude);
    tcase_add_test(t, test_gps__no_fix_and_nonsense);
    tcase_add_test(t, test_gps__nobody_there);
    suite_add_tcase(s, t);
    return s;
}
