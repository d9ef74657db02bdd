/* Every unit test file defines this one function; check_main.c runs it and prints TAP. */
#ifndef TESTS_SUPPORT_CHECK_MAIN_H
#define TESTS_SUPPORT_CHECK_MAIN_H

#include <check.h>

Suite *test_suite(void);

#endif
