/*
 * lang - the five languages we speak, and which of them suits a reader.
 *
 * Names:   BCP 47, as the API, the cookie and the catalogues write them: "zh-TW". A page says more
 *          precisely "zh-Hant-TW" (lang_tag()).
 * Memory:  every text returned is a constant.
 * Thread:  any; no state.
 * Source:  RFC 4647 section 3.4 (lookup), RFC 9110 section 12.5.4 (Accept-Language).
 */
#pragma once

#define LANGS(X)                 \
    X(ZH, "zh-TW", "zh-Hant-TW") \
    X(TH, "th", "th")            \
    X(EN, "en", "en")            \
    X(CN, "zh-CN", "zh-Hans-CN") \
    X(JA, "ja", "ja")
enum lang {
#define X(code, name, tag) LANG_##code,
    LANGS(X)
#undef X
        LANG_COUNT
};

/* "zh-TW" */
const char *lang_name(enum lang l);
/* For the attribute `lang`: "zh-Hant-TW". */
const char *lang_tag(enum lang l);
/* Exactly one of our names, else LANG_COUNT. */
enum lang lang_find(const char *name);

/*
 * The language nearest to one tag: "zh", "zh-HK", "zh-Hant-CN" are zh-TW; "zh-Hans", "zh-SG" are
 * zh-CN; case and '_' do not matter. LANG_COUNT: none of ours, or NULL.
 */
enum lang lang_near(const char *tag);
/*
 * The best of what is asked: one tag, or an Accept-Language with weights. The first of equal weight
 * wins, weight 0 refuses, '*' is English. English when there is nothing that we speak, or NULL.
 */
enum lang lang_of(const char *asked);

/*
 * In what order a reader of `l` is offered a text that is there in some languages only: place 0 is
 * `l` itself, and places 0..LANG_COUNT-1 name every language once.
 */
enum lang lang_order(enum lang l, int place);
