/* Who we are to the far side. SFTP: the agent and a key without a passphrase (stage 0), the key with its
 * passphrase (1), the password (2). HTTP: nothing (0), user and password (2). A refusal goes to the next
 * stage there is an answer for, at most once to each: a server is never tried with one guess after another.
 *
 * libcurl copies what it is given as CURLOPT_PASSWORD and CURLOPT_KEYPASSWD into memory of its own, which is
 * neither locked nor wiped; ours is both, and lives as long as the connection. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sync/transport/remote_i.h"

enum { STAGE_KEY, STAGE_PASSPHRASE, STAGE_PASSWORD };

#define KEY_HEAD_MAX 4096

/* Whether the key asks for a passphrase: PEM says so, and OpenSSH's own format begins with the cipher's
 * name, in base64 with what stands before it always the same. */
static bool is_encrypted(const char *key)
{
    static const char clear[] = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmU"; /* openssh-key-v1, none */
    char head[KEY_HEAD_MAX + 1];
    FILE *f = fopen(key, "re");
    if (!f)
        return false;
    setvbuf(f, NULL, _IONBF, 0); /* no copy of the key in a buffer */
    head[fread(head, 1, KEY_HEAD_MAX, f)] = '\0';
    fclose(f);
    bool openssh = strstr(head, "BEGIN OPENSSH PRIVATE KEY") != NULL;
    bool yes = openssh ? strstr(head, clear) == NULL : strstr(head, "ENCRYPTED") != NULL;
    crypt_wipe(head, sizeof head);
    return yes;
}

static void find_key(struct remote *r)
{
    static const char *const names[] = {"id_ed25519", "id_ecdsa"};
    const char *home = getenv("HOME");
    if (r->key[0] || r->user.key) {
        if (r->user.key)
            snprintf(r->key, sizeof r->key, "%s", r->user.key);
        return;
    }
    for (size_t i = 0; home && i < sizeof names / sizeof *names; i++) {
        snprintf(r->key, sizeof r->key, "%s/.ssh/%s", home, names[i]);
        if (access(r->key, R_OK) == 0)
            return;
    }
    r->key[0] = '\0';
}

static void sftp_options(struct remote *r)
{
    CURL *c = r->curl;
    long with = CURLSSH_AUTH_AGENT;
    find_key(r);
    if (r->stage == STAGE_PASSWORD)
        with = CURLSSH_AUTH_PASSWORD | CURLSSH_AUTH_KEYBOARD;
    else if (r->key[0] && (r->stage == STAGE_PASSPHRASE || !is_encrypted(r->key)))
        with |= CURLSSH_AUTH_PUBLICKEY;
    curl_easy_setopt(c, CURLOPT_SSH_AUTH_TYPES, with);
    if (with & CURLSSH_AUTH_PUBLICKEY)
        curl_easy_setopt(c, CURLOPT_SSH_PRIVATE_KEYFILE, r->key);
    if (r->stage == STAGE_PASSPHRASE)
        curl_easy_setopt(c, CURLOPT_KEYPASSWD, (const char *)secret_view(r->passphrase));
    curl_easy_setopt(c, CURLOPT_USERNAME, r->login);
}

void login_options(struct remote *r)
{
    if (r->protocol == &sftp_protocol)
        sftp_options(r);
    if (r->stage != STAGE_PASSWORD)
        return;
    curl_easy_setopt(r->curl, CURLOPT_USERNAME, r->login);
    curl_easy_setopt(r->curl, CURLOPT_PASSWORD, (const char *)secret_view(r->password));
    if (r->protocol == &webdav_protocol)
        curl_easy_setopt(r->curl, CURLOPT_HTTPAUTH, r->http_auth);
}

static bool ask(struct remote *r, enum transport_asks what, const char *whom, struct secret **ret,
                struct err *e)
{
    struct secret *given = NULL;
    if (!r->user.ask || !r->user.ask(r->user.ctx, what, whom, &given))
        return r->user.stop && r->user.stop(r->user.ctx) ? err_fail(e, ERR_STOPPED)
                                                         : err_fail1(e, ERR_LOGIN_NEEDED, whom);
    struct secret *z = secret_new(secret_size(given) + 1);
    memcpy(secret_bytes(z), secret_view(given), secret_size(given));
    secret_free(given);
    *ret = z;
    return true;
}

/* Under TLS Basic, which needs no further turn; in the clear rather Digest, which hides the password. */
static bool choose_http_auth(struct remote *r, struct err *e)
{
    long offered = 0;
    curl_easy_getinfo(r->curl, CURLINFO_HTTPAUTH_AVAIL, &offered);
    long first = (long)(r->tls ? CURLAUTH_BASIC : CURLAUTH_DIGEST);
    long second = (long)(r->tls ? CURLAUTH_DIGEST : CURLAUTH_BASIC);
    r->http_auth = offered & first ? first : offered & second;
    return r->http_auth ? true : err_fail2(e, ERR_REMOTE, r->whom, "neither Basic nor Digest");
}

bool login_next(struct remote *r, struct err *e)
{
    bool sftp = r->protocol == &sftp_protocol;
    if (r->stage == STAGE_PASSWORD || r->stage == STAGE_PASSPHRASE)
        return err_fail1(e, ERR_LOGIN, r->whom);
    if (!sftp && !r->login[0])
        return err_fail1(e, ERR_URL_USER, r->host);
    if (!sftp && !choose_http_auth(r, e))
        return false;
    if (sftp && r->key[0] && is_encrypted(r->key)) {
        r->stage = STAGE_PASSPHRASE;
        return ask(r, ASK_PASSPHRASE, r->key, &r->passphrase, e);
    }
    r->stage = STAGE_PASSWORD;
    return ask(r, ASK_PASSWORD, r->whom, &r->password, e);
}
