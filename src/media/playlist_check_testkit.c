#include "media/playlist_check_testkit.h"
#include "base/test.h"
#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SEGMENTS_MAX = 4096, PARTS_MAX = 64, URI_MAX = 96, LINE_MAX_BYTES = 512 };

struct part {
    char uri[URI_MAX];
    double duration;
    bool independent, gap;
};

struct segment {
    bool known, complete, discontinuity;
    char uri[URI_MAX], map[URI_MAX];
    double duration, date;
    unsigned parts;
    struct part part[PARTS_MAX];
};

struct playlist_check {
    char wrong[400];
    struct playlist_seen seen;
    unsigned texts;
    double skip_until;
    uint64_t discontinuity; /* sequence of the last text */
    uint64_t media;
    struct segment *segments; /* by msn modulo SEGMENTS_MAX */

    /* of the text being read */
    uint64_t msn;
    struct segment now;
    char map[URI_MAX];
    double extinf;
    bool has_extinf, version, target, hint, sequence_said;
    unsigned version_n, disc_in_text;
};

struct playlist_check *playlist_check_make(void)
{
    struct playlist_check *c = calloc(1, sizeof *c);
    assert_non_null(c);
    c->segments = calloc(SEGMENTS_MAX, sizeof *c->segments);
    assert_non_null(c->segments);
    return c;
}

void playlist_check_free(struct playlist_check *c)
{
    if (c)
        free(c->segments);
    free(c);
}

const struct playlist_seen *playlist_check_seen(const struct playlist_check *c)
{
    return &c->seen;
}

/* The first complaint stays. */
__attribute__((format(printf, 2, 3))) static bool wrong(struct playlist_check *c, const char *fmt,
                                                        ...)
{
    va_list ap;
    va_start(ap, fmt);
    if (!c->wrong[0])
        (void)vsnprintf(c->wrong, sizeof c->wrong, fmt, ap);
    va_end(ap);
    return false;
}

/* The value of `name` in an attribute list, quotes taken off; false: not there. */
static bool attribute(const char *list, const char *name, char *ret_value, size_t size)
{
    size_t len = strlen(name);
    for (const char *at = list; *at;) {
        const char *eq = strchr(at, '=');
        if (!eq)
            return false;
        const char *value = eq + 1;
        bool quoted = *value == '"';
        const char *end = quoted ? strchr(value + 1, '"') : value + strcspn(value, ",");
        if (!end)
            return false;
        if ((size_t)(eq - at) == len && memcmp(at, name, len) == 0) {
            value += quoted;
            size_t n = (size_t)(end - value);
            if (n >= size)
                return false;
            memcpy(ret_value, value, n);
            ret_value[n] = '\0';
            return true;
        }
        at = end + quoted;
        if (*at == ',')
            at++;
    }
    return false;
}

static bool number(const char *text, double *ret_number)
{
    char *end;
    if (*text < '0' || *text > '9')
        return false;
    *ret_number = strtod(text, &end);
    return *end == '\0';
}

static bool attribute_number(const char *list, const char *name, double *ret_number)
{
    char value[32];
    return attribute(list, name, value, sizeof value) && number(value, ret_number);
}

static struct segment *slot(struct playlist_check *c, uint64_t msn)
{
    return &c->segments[msn % SEGMENTS_MAX];
}

static bool check_part(struct playlist_check *c, const char *list)
{
    struct segment *s = &c->now;
    if (s->parts == PARTS_MAX)
        return wrong(c, "segment %lu has too many parts", (unsigned long)c->msn);
    struct part *p = &s->part[s->parts];
    memset(p, 0, sizeof *p);
    char yes[8];
    if (!attribute_number(list, "DURATION", &p->duration) ||
        !attribute(list, "URI", p->uri, sizeof p->uri))
        return wrong(c, "part without duration or URI: %s", list);
    p->independent = attribute(list, "INDEPENDENT", yes, sizeof yes);
    p->gap = attribute(list, "GAP", yes, sizeof yes);
    if (c->seen.part_target_s <= 0)
        return wrong(c, "a part without PART-INF");
    if (p->duration > c->seen.part_target_s + 1e-9)
        return wrong(c, "part %s lasts %.5f, more than PART-TARGET %.5f", p->uri, p->duration,
                     c->seen.part_target_s);
    s->parts++;
    c->seen.has_parts = true;
    return true;
}

/* RFC 8216bis 4.4.4.9: only the last part of a segment may be short (or independent, or a gap). */
static bool check_short_parts(struct playlist_check *c, const struct segment *s, bool complete)
{
    for (unsigned i = 0; i < s->parts; i++) {
        bool last = complete && i + 1 == s->parts;
        const struct part *p = &s->part[i];
        if (!last && !p->independent && !p->gap && p->duration < c->seen.part_target_s * 0.85)
            return wrong(c, "part %s lasts only %.5f", p->uri, p->duration);
    }
    return true;
}

/* A segment seen before must be what it was. */
static bool check_same(struct playlist_check *c, const struct segment *old, const struct segment *s)
{
    unsigned long msn = (unsigned long)c->msn;
    if (old->complete &&
        (!s->complete || fabs(old->duration - s->duration) > 1e-9 || strcmp(old->uri, s->uri) != 0))
        return wrong(c, "segment %lu is not what it was", msn);
    if (strcmp(old->map, s->map) != 0 || old->discontinuity != s->discontinuity)
        return wrong(c, "segment %lu has another map or discontinuity", msn);
    if (fabs(old->date - s->date) > 1e-6)
        return wrong(c, "segment %lu has another date", msn);
    if (s->parts && s->parts < old->parts)
        return wrong(c, "segment %lu has lost parts", msn);
    for (unsigned i = 0; i < old->parts && i < s->parts; i++)
        if (strcmp(old->part[i].uri, s->part[i].uri) != 0 ||
            fabs(old->part[i].duration - s->part[i].duration) > 1e-9)
            return wrong(c, "part %u of segment %lu is not what it was", i, msn);
    if (old->complete && s->parts && old->parts && s->parts != old->parts)
        return wrong(c, "segment %lu has other parts", msn);
    return true;
}

static bool check_date(struct playlist_check *c, const struct segment *s)
{
    const struct segment *before = c->msn ? slot(c, c->msn - 1) : NULL;
    if (s->date <= 0)
        return wrong(c, "segment %lu has no PROGRAM-DATE-TIME", (unsigned long)c->msn);
    if (!before || !before->known || !before->complete || s->discontinuity)
        return true;
    /* A pause of the publisher may move it on, by less than makes a DISCONTINUITY. */
    double off = s->date - before->date - before->duration;
    if (off < -0.005 || off > 3.5)
        return wrong(c, "date of segment %lu is off by %.3f s", (unsigned long)c->msn, off);
    return true;
}

static bool close_segment(struct playlist_check *c, bool complete)
{
    struct segment *s = &c->now, *old = slot(c, c->msn);
    s->known = true;
    s->complete = complete;
    (void)text_copy(s->map, sizeof s->map, c->map);
    if (!s->map[0] && !c->seen.skipped)
        return wrong(c, "segment %lu has no map", (unsigned long)c->msn);
    if (!check_short_parts(c, s, complete) || !check_date(c, s))
        return false;
    if (complete && s->parts) {
        double sum = 0;
        for (unsigned i = 0; i < s->parts; i++)
            sum += s->part[i].duration;
        if (fabs(sum - s->duration) > 1e-5 * (s->parts + 1))
            return wrong(c, "segment %lu lasts %.5f, its parts %.5f", (unsigned long)c->msn,
                         s->duration, sum);
    }
    if (c->texts && old->known && c->msn >= c->media && !check_same(c, old, s))
        return false;
    if (!s->parts && old->known && old->parts) { /* no longer listed: keep what is known */
        s->parts = old->parts;
        memcpy(s->part, old->part, sizeof s->part);
    }
    *old = *s;
    memset(s, 0, sizeof *s);
    return true;
}

static bool on_uri(struct playlist_check *c, const char *line)
{
    if (!c->has_extinf)
        return wrong(c, "URI without EXTINF: %s", line);
    if (!text_copy(c->now.uri, sizeof c->now.uri, line))
        return wrong(c, "long URI");
    c->now.duration = c->extinf;
    c->has_extinf = false;
    if (floor(c->extinf + 0.5) > c->seen.target_s)
        return wrong(c, "segment %lu lasts %.3f, target %.0f", (unsigned long)c->msn, c->extinf,
                     c->seen.target_s);
    struct playlist_seen *seen = &c->seen;
    seen->span_s += c->extinf;
    seen->shortest_s =
        seen->complete && seen->shortest_s < c->extinf ? seen->shortest_s : c->extinf;
    seen->longest_s = seen->longest_s > c->extinf ? seen->longest_s : c->extinf;
    seen->complete++;
    seen->last_msn = c->msn;
    if (!close_segment(c, true))
        return false;
    c->msn++;
    return true;
}

static bool on_date(struct playlist_check *c, const char *value)
{
    struct tm tm = {0};
    const char *rest = strptime(value, "%Y-%m-%dT%H:%M:%S", &tm);
    double fraction = 0;
    if (!rest || sscanf(rest, "%lf", &fraction) != 1 || !text_has_suffix(rest, "Z"))
        return wrong(c, "date '%s'", value);
    c->now.date = (double)timegm(&tm) + fraction;
    return true;
}

static bool on_fixed(struct playlist_check *c, const char *name, double *was, double now)
{
    if (c->texts && fabs(*was - now) > 1e-9)
        return wrong(c, "%s changed from %.5f to %.5f", name, *was, now);
    *was = now;
    return true;
}

static bool on_control(struct playlist_check *c, const char *list)
{
    char yes[8];
    double back;
    if (!attribute(list, "CAN-BLOCK-RELOAD", yes, sizeof yes) || strcmp(yes, "YES") != 0)
        return wrong(c, "no CAN-BLOCK-RELOAD");
    if (!attribute_number(list, "PART-HOLD-BACK", &back) ||
        !attribute_number(list, "CAN-SKIP-UNTIL", &c->skip_until))
        return wrong(c, "no PART-HOLD-BACK or CAN-SKIP-UNTIL");
    if (c->skip_until < 6 * c->seen.target_s)
        return wrong(c, "CAN-SKIP-UNTIL %.1f is below 6 targets", c->skip_until);
    if (c->texts && back < 3 * c->seen.part_target_s - 1e-9)
        return wrong(c, "PART-HOLD-BACK %.5f is below 3 parts", back);
    return true;
}

static bool on_skip(struct playlist_check *c, const char *list)
{
    double n;
    if (!attribute_number(list, "SKIPPED-SEGMENTS", &n) || n < 1 || !c->texts)
        return wrong(c, "EXT-X-SKIP that cannot be");
    for (unsigned i = 0; i < (unsigned)n; i++, c->msn++) {
        const struct segment *s = slot(c, c->msn);
        if (!s->known || !s->complete)
            return wrong(c, "segment %lu is skipped but was never seen", (unsigned long)c->msn);
        c->seen.span_s += s->duration;
        c->seen.complete++;
        c->disc_in_text += s->discontinuity;
        c->seen.last_msn = c->msn;
        (void)text_copy(c->map, sizeof c->map, s->map);
    }
    c->seen.skipped = (unsigned)n;
    return true;
}

static bool on_sequence(struct playlist_check *c, double n)
{
    if (c->texts && (uint64_t)n < c->media)
        return wrong(c, "media sequence went back from %lu to %.0f", (unsigned long)c->media, n);
    c->msn = c->seen.first_msn = (uint64_t)n;
    c->sequence_said = true;
    return true;
}

static bool is_tag(const char *line, const char *tag, const char **ret_value)
{
    size_t len = strlen(tag);
    if (strncmp(line, tag, len) != 0 || (line[len] && line[len] != ':'))
        return false;
    *ret_value = line[len] ? line + len + 1 : "";
    return true;
}

/* Tags about the whole playlist; false with nothing wrong: it is none of them. */
static bool header_tag(struct playlist_check *c, const char *line)
{
    const char *v;
    double n = 0;
    char text[16];
    if (is_tag(line, "#EXT-X-VERSION", &v)) {
        c->version = number(v, &n);
        c->version_n = (unsigned)n;
    } else if (is_tag(line, "#EXT-X-TARGETDURATION", &v)) {
        if (!number(v, &n) || floor(n) < n || !on_fixed(c, "TARGETDURATION", &c->seen.target_s, n))
            return wrong(c, "TARGETDURATION '%s'", v);
        c->target = true;
    } else if (is_tag(line, "#EXT-X-SERVER-CONTROL", &v)) {
        return on_control(c, v);
    } else if (is_tag(line, "#EXT-X-PART-INF", &v)) {
        if (!attribute_number(v, "PART-TARGET", &n))
            return wrong(c, "PART-INF '%s'", v);
        return on_fixed(c, "PART-TARGET", &c->seen.part_target_s, n);
    } else if (is_tag(line, "#EXT-X-MEDIA-SEQUENCE", &v)) {
        if (!number(v, &n))
            return wrong(c, "MEDIA-SEQUENCE '%s'", v);
        return on_sequence(c, n);
    } else if (is_tag(line, "#EXT-X-DISCONTINUITY-SEQUENCE", &v)) {
        if (!number(v, &n))
            return wrong(c, "DISCONTINUITY-SEQUENCE '%s'", v);
        c->discontinuity = (uint64_t)n;
    } else if (is_tag(line, "#EXT-X-PLAYLIST-TYPE", &v)) {
        if (!text_copy(text, sizeof text, v) || strcmp(text, "VOD") != 0)
            return wrong(c, "PLAYLIST-TYPE '%s'", v);
    } else {
        return false;
    }
    return true;
}

static bool segment_tag(struct playlist_check *c, const char *line)
{
    const char *v;
    if (is_tag(line, "#EXT-X-MAP", &v)) {
        c->seen.maps++;
        if (!attribute(v, "URI", c->map, sizeof c->map))
            return wrong(c, "MAP '%s'", v);
    } else if (is_tag(line, "#EXT-X-DISCONTINUITY", &v)) {
        c->now.discontinuity = true;
        c->disc_in_text++;
    } else if (is_tag(line, "#EXT-X-PROGRAM-DATE-TIME", &v)) {
        return on_date(c, v);
    } else if (is_tag(line, "#EXT-X-PART", &v)) {
        return check_part(c, v);
    } else if (is_tag(line, "#EXT-X-SKIP", &v)) {
        return on_skip(c, v);
    } else if (is_tag(line, "#EXTINF", &v)) {
        char text[32];
        size_t len = strcspn(v, ",");
        if (v[len] != ',' || len >= sizeof text)
            return wrong(c, "EXTINF '%s'", v);
        memcpy(text, v, len);
        text[len] = '\0';
        c->has_extinf = number(text, &c->extinf);
    } else {
        return false;
    }
    return true;
}

static bool tail_tag(struct playlist_check *c, const char *line)
{
    const char *v;
    char text[URI_MAX];
    if (is_tag(line, "#EXT-X-PRELOAD-HINT", &v)) {
        if (c->hint || !attribute(v, "TYPE", text, sizeof text) || strcmp(text, "PART") != 0 ||
            !attribute(v, "URI", text, sizeof text))
            return wrong(c, "PRELOAD-HINT '%s'", v);
        c->hint = true;
    } else if (is_tag(line, "#EXT-X-RENDITION-REPORT", &v)) {
        double n;
        if (!attribute(v, "URI", text, sizeof text) || !attribute_number(v, "LAST-MSN", &n) ||
            !attribute_number(v, "LAST-PART", &n))
            return wrong(c, "RENDITION-REPORT '%s'", v);
    } else if (is_tag(line, "#EXT-X-ENDLIST", &v)) {
        c->seen.ended = true;
    } else {
        return wrong(c, "unknown tag: %s", line);
    }
    return true;
}

static bool check_line(struct playlist_check *c, const char *line)
{
    if (line[0] == '\0')
        return true;
    if (line[0] != '#')
        return on_uri(c, line);
    if (strncmp(line, "#EXT", 4) != 0)
        return true;
    if (header_tag(c, line))
        return true;
    return !c->wrong[0] && (segment_tag(c, line) || (!c->wrong[0] && tail_tag(c, line)));
}

static bool check_lines(struct playlist_check *c, const char *text, size_t len)
{
    if (len < 8 || memcmp(text, "#EXTM3U\n", 8) != 0 || text[len - 1] != '\n')
        return wrong(c, "does not begin with EXTM3U, or not end with a line");
    for (size_t at = 8; at < len;) {
        char line[LINE_MAX_BYTES];
        const char *end = memchr(text + at, '\n', len - at);
        size_t n = (size_t)(end - (text + at));
        if (n >= sizeof line)
            return wrong(c, "a line of %zu bytes", n);
        memcpy(line, text + at, n);
        line[n] = '\0';
        if (!check_line(c, line))
            return false;
        at += n + 1;
    }
    return true;
}

static bool check_whole(struct playlist_check *c, uint64_t old_discontinuity, uint64_t old_total)
{
    struct playlist_seen *s = &c->seen;
    if (!c->version || !c->target || !c->sequence_said)
        return wrong(c, "VERSION, TARGETDURATION or MEDIA-SEQUENCE is missing");
    if (c->version_n < (s->part_target_s > 0 ? 9U : 6U))
        return wrong(c, "VERSION %u is too low", c->version_n);
    if (c->has_extinf)
        return wrong(c, "EXTINF without URI");
    s->open_parts = c->now.parts;
    if (c->now.parts) {
        c->now.known = true;
        if (!close_segment(c, false))
            return false;
    }
    if (!s->complete && !s->open_parts)
        return wrong(c, "nothing in it");
    if (s->part_target_s > 0 && !s->ended && !c->hint)
        return wrong(c, "no PRELOAD-HINT");
    s->discontinuities = c->discontinuity + c->disc_in_text;
    if (c->texts && (c->discontinuity < old_discontinuity || s->discontinuities < old_total))
        return wrong(c, "discontinuity sequence went back");
    return true;
}

const char *playlist_check_text(struct playlist_check *c, const char *text, size_t len)
{
    uint64_t old_discontinuity = c->discontinuity, old_total = c->seen.discontinuities;
    c->wrong[0] = '\0';
    c->seen = (struct playlist_seen){.target_s = c->seen.target_s,
                                     .part_target_s = c->seen.part_target_s};
    memset(&c->now, 0, sizeof c->now);
    c->map[0] = '\0';
    c->version = c->target = c->sequence_said = c->hint = c->has_extinf = false;
    c->disc_in_text = 0;
    c->discontinuity = 0;
    if (check_lines(c, text, len) && check_whole(c, old_discontinuity, old_total)) {
        c->media = c->seen.first_msn;
        c->texts++;
    }
    return c->wrong[0] ? c->wrong : NULL;
}
