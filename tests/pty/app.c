/* The terminal app on a store that a test has made: app STORE. It is the program's own code,
 * built with a weak key derivation and with the byte that tells when it waits for a key. */
#include <locale.h>
#include <stdlib.h>

#include "app/ui/loop.h"
#include "sync/crypt/crypt.h"

int main(int argc, char **argv)
{
    struct ui_start start = {.store_path = argc > 1 ? argv[1] : ""};
    struct err e = {0};

    setlocale(LC_ALL, "C.UTF-8");
    return crypt_start(&e) && ui_run(&start, &e) ? EXIT_SUCCESS : EXIT_FAILURE;
}
