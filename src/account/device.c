/* What a User-Agent says, in words a person knows. Made of our words alone: it is a stranger's. */
#include "account/account.h"

#include <stdio.h>
#include <string.h>

enum { AGENT_MAX = 1024 };

struct word {
    const char *token, *word;
};

/* In order: what runs inside another names both, and the more special one counts. */
static const struct word browsers[] = {
    {"Line/", "LINE"},
    {"FBAN/", "Facebook"},
    {"FBAV/", "Facebook"},
    {"FB_IAB/", "Facebook"},
    {"Instagram", "Instagram"},
    {"musical_ly", "TikTok"},
    {"BytedanceWebview", "TikTok"},
    {"TikTok", "TikTok"},
    {"MicroMessenger/", "WeChat"},
    {"SamsungBrowser/", "Samsung Internet"},
    {"EdgA/", "Edge"},
    {"EdgiOS/", "Edge"},
    {"Edg/", "Edge"},
    {"OPR/", "Opera"},
    {"OPT/", "Opera"},
    {"FxiOS/", "Firefox"},
    {"Firefox/", "Firefox"},
    {"CriOS/", "Chrome"},
    {"HeadlessChrome/", "Chrome"},
    {"Chrome/", "Chrome"},
    {"Safari/", "Safari"},
};

static const struct word systems[] = {
    {"iPhone", "iPhone"}, {"iPad", "iPad"},     {"Android", "Android"}, {"Windows NT", "Windows"},
    {"CrOS", "ChromeOS"}, {"Macintosh", "Mac"}, {"Linux", "Linux"},
};

static const char *find(const struct word *list, size_t n, const char *agent)
{
    for (size_t i = 0; i < n; i++)
        if (strstr(agent, list[i].token))
            return list[i].word;
    return "";
}

void device_words(const char *agent, char out[DEVICE_WORDS_SIZE])
{
    char text[AGENT_MAX];
    (void)snprintf(text, sizeof text, "%s", agent ? agent : "");
    const char *browser = find(browsers, sizeof browsers / sizeof *browsers, text);
    const char *system = find(systems, sizeof systems / sizeof *systems, text);
    const char *between = *browser && *system ? " · " : "";
    (void)snprintf(out, DEVICE_WORDS_SIZE, "%s%s%s", browser, between, system);
}
