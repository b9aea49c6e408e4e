#include "textlist.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 4 };

struct textlist {
    size_t length;
    size_t room;
    char **texts;
};

static char *copy_of(const char *text) {
    size_t bytes = strlen(text) + 1;
    return memcpy(malloc(bytes), text, bytes);
}

textlist *textlist_new(void) {
    textlist *list = malloc(sizeof *list);
    list->length = 0;
    list->room = FIRST_ROOM;
    list->texts = malloc(list->room * sizeof *list->texts);
    return list;
}

void textlist_free(textlist *list) {
    if (list == NULL) return;
    /* The array is freed, the texts in it are not. */
    free(list->texts);
    free(list);
}

size_t textlist_length(const textlist *list) {
    return list->length;
}

void textlist_add(textlist *list, const char *text) {
    if (list->length == list->room) {
        list->room *= 2;
        list->texts = realloc(list->texts, list->room * sizeof *list->texts);
    }
    list->texts[list->length++] = copy_of(text);
}

const char *textlist_get(const textlist *list, size_t place) {
    return place < list->length ? list->texts[place] : NULL;
}

int textlist_remove(textlist *list, size_t place) {
    if (place >= list->length) return 0;
    free(list->texts[place]);
    list->length--;
    memmove(&list->texts[place], &list->texts[place + 1], (list->length - place) * sizeof *list->texts);
    return 1;
}

char *textlist_join(const textlist *list, const char *separator) {
    size_t bytes = 1;
    for (size_t place = 0; place < list->length; place++)
        bytes += strlen(list->texts[place]) + (place > 0 ? strlen(separator) : 0);
    char *joined = malloc(bytes);
    joined[0] = '\0';
    for (size_t place = 0; place < list->length; place++) {
        if (place > 0) strcat(joined, separator);
        strcat(joined, list->texts[place]);
    }
    return joined;
}
