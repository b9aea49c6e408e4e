/* A list of texts that grows. Given: your own version of this file is not used. */
#ifndef TEXTLIST_H
#define TEXTLIST_H

#include <stddef.h>

typedef struct textlist textlist;

/* An empty list, to be freed by textlist_free(). */
textlist *textlist_new(void);

/* Frees the list with all that it holds; NULL is no list, and nothing is done. */
void textlist_free(textlist *list);

/* The number of texts. */
size_t textlist_length(const textlist *list);

/* Puts a copy of the text at the end: what the caller does to its own text later changes nothing in the list. */
void textlist_add(textlist *list, const char *text);

/* The text at that place, counted from 0, which remains the list's; NULL if there is none. */
const char *textlist_get(const textlist *list, size_t place);

/* Takes out the text at that place, and those behind it move up. 1 if there was one, otherwise 0. */
int textlist_remove(textlist *list, size_t place);

/* All texts with the separator between them, to be freed by the caller; "" for an empty list. */
char *textlist_join(const textlist *list, const char *separator);

#endif
