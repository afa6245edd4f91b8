/*
 * s3_xml - the small part of XML that S3 answers in, pulled piece by piece. Private to cloud.
 *
 * Shape:   elements, text, the five entities and character references. Attributes and comments
 *          are skipped; a DOCTYPE or a CDATA section is refused, so there is nothing to expand.
 * Limits:  XML_DEPTH deep, names and texts cut off as errors at XML_NAME and `text_max`.
 */
#pragma once
#include "base/cx.h"
#include <stddef.h>

enum { XML_DEPTH = 12, XML_NAME = 64 };

enum xml_event {
    XML_BAD,  /* not what we read: stop */
    XML_END,  /* of the document: every element was closed */
    XML_OPEN, /* x->name */
    XML_CLOSE,
    XML_TEXT /* x->text, decoded; white space alone is left out */
};

struct xml {
    const char *at, *end;
    struct arena *arena;
    size_t text_max;
    unsigned depth;
    bool closing; /* "<a/>": its end comes next */
    bool begun;
    char name[XML_NAME]; /* of the element just opened or closed, without a prefix */
    char open[XML_DEPTH][XML_NAME];
    const char *text;
};

/* Texts live in `arena`. */
void xml_init(struct xml *x, const char *data, size_t len, struct arena *arena, size_t text_max);
enum xml_event xml_next(struct xml *x);
/* After XML_OPEN: the text up to the element's end, "" if empty; false: bad, or it has children. */
bool xml_leaf(struct xml *x, const char **ret_text);
/* After XML_OPEN: pass over everything up to its end. */
bool xml_skip(struct xml *x);
