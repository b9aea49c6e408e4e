#include "textlist.h"

#include <stdlib.h>

struct textlist {
    size_t length;
};

textlist *textlist_new(void) {
    return calloc(1, sizeof(textlist));
}

void textlist_free(textlist *list) {
    free(list);
}

size_t textlist_length(const textlist *list) {
    return list->length;
}

void textlist_add(textlist *list, const char *text) {
    (void)list;
    (void)text;
}

const char *textlist_get(const textlist *list, size_t place) {
    (void)list;
    (void)place;
    return NULL;
}

int textlist_remove(textlist *list, size_t place) {
    (void)list;
    (void)place;
    return 0;
}

char *textlist_join(const textlist *list, const char *separator) {
    (void)list;
    (void)separator;
    return calloc(1, 1);
}
