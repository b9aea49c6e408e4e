/* The hidden tests. Each is run as a process of its own, `./test_textlist NAME`; tests.json says which there are. */
#include "textlist.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FAILED = 1, UNKNOWN_TEST = 2, SECRET_MAX = 128, MANY = 1000, NUMBER_MAX = 16 };

#define CHECK(claim) check((claim), #claim, __LINE__)

static void check(int is_so, const char *claim, int line) {
    if (is_so) return;
    fflush(stdout);
    fprintf(stderr, "line %d: this should be so, and is not: %s\n", line, claim);
    exit(FAILED);
}

static int is_text(const char *text, const char *expected) {
    return text != NULL && strcmp(text, expected) == 0;
}

static textlist *list_of(size_t count, const char *texts[]) {
    textlist *list = textlist_new();
    for (size_t place = 0; place < count; place++) textlist_add(list, texts[place]);
    return list;
}

static textlist *colours(void) {
    const char *texts[] = {"red", "green", "blue"};
    return list_of(3, texts);
}

static void test_empty(void) {
    textlist *list = textlist_new();
    CHECK(list != NULL);
    CHECK(textlist_length(list) == 0);
    textlist_free(list);
    textlist_free(NULL);
}

static void test_add(void) {
    textlist *list = colours();
    CHECK(textlist_length(list) == 3);
    CHECK(is_text(textlist_get(list, 0), "red"));
    CHECK(is_text(textlist_get(list, 2), "blue"));
    textlist_free(list);
}

static void test_copies(void) {
    char text[] = "red";
    textlist *list = textlist_new();
    textlist_add(list, text);
    text[0] = 'b';
    CHECK(is_text(textlist_get(list, 0), "red"));
    textlist_free(list);
}

static void test_grows(void) {
    textlist *list = textlist_new();
    char number[NUMBER_MAX];
    for (int count = 0; count < MANY; count++) {
        snprintf(number, sizeof number, "%d", count);
        textlist_add(list, number);
    }
    CHECK(textlist_length(list) == MANY);
    CHECK(is_text(textlist_get(list, MANY - 1), "999"));
    textlist_free(list);
}

static void test_outside(void) {
    textlist *list = colours();
    CHECK(textlist_get(list, 3) == NULL);
    CHECK(textlist_get(list, (size_t)-1) == NULL);
    textlist_free(list);
}

static void test_remove(void) {
    textlist *list = colours();
    CHECK(textlist_remove(list, 1) == 1);
    CHECK(textlist_length(list) == 2);
    CHECK(is_text(textlist_get(list, 1), "blue"));
    CHECK(textlist_remove(list, 2) == 0);
    CHECK(textlist_length(list) == 2);
    textlist_free(list);
}

static void test_join(void) {
    textlist *list = colours();
    char *joined = textlist_join(list, ", ");
    CHECK(is_text(joined, "red, green, blue"));
    free(joined);
    textlist_free(list);
}

static void test_join_empty(void) {
    textlist *list = textlist_new();
    char *joined = textlist_join(list, ", ");
    CHECK(is_text(joined, ""));
    free(joined);
    textlist_free(list);
}

/* For valgrind: all functions once, and nothing of what they give is checked. */
static void test_memory(void) {
    textlist *list = colours();
    textlist_remove(list, 0);
    char *joined = textlist_join(list, "-");
    free(joined);
    textlist_free(list);
}

static const struct {
    const char *name;
    void (*run)(void);
} TESTS[] = {
    {"empty", test_empty},     {"add", test_add},   {"copies", test_copies},         {"grows", test_grows},   {"outside", test_outside},
    {"remove", test_remove},   {"join", test_join}, {"join_empty", test_join_empty}, {"memory", test_memory},
};

int main(int count, char *arguments[]) {
    /* Given by run_tests.py, and printed at the end: an exit(0) in the middle is no test that has passed. */
    char secret[SECRET_MAX];
    if (fgets(secret, sizeof secret, stdin) == NULL || count != 2) return UNKNOWN_TEST;
    for (size_t at = 0; at < sizeof TESTS / sizeof TESTS[0]; at++) {
        if (strcmp(TESTS[at].name, arguments[1]) != 0) continue;
        TESTS[at].run();
        printf("\n%s", secret);
        return 0;
    }
    return UNKNOWN_TEST;
}
