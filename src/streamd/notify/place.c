/*
 * Few messages are on workers at once, and a receiver that hangs holds each for ten seconds. So one
 * receiver has few places, one that fails has one, and all that fail together leave some free.
 */
#include "streamd/notify/notify_in.h"

#include "base/text.h"

#include <string.h>

static size_t failing_at(const struct notify *n, const char *receiver)
{
    size_t i = 0;
    while (i < n->failing_n && strcmp(n->failing[i], receiver) != 0)
        i++;
    return i;
}

void place_learn(struct notify *n, const char *receiver, bool taken)
{
    (void)pthread_mutex_lock(&n->lock);
    size_t at = failing_at(n, receiver);
    bool known = at < n->failing_n;
    if (taken && known) {
        n->failing_n--;
        memmove(n->failing[at], n->failing[n->failing_n], ID_LEN);
    } else if (!taken && !known) {
        if (n->failing_n < RECEIVERS_MAX)
            at = n->failing_n++;
        else /* some are of destinations that were deleted */
            at = n->failing_next++ % RECEIVERS_MAX;
        (void)text_copy(n->failing[at], ID_LEN, receiver);
    }
    (void)pthread_mutex_unlock(&n->lock);
}

static struct place *find_locked(struct notify *n, const char *lane, const char *receiver,
                                 bool failing)
{
    unsigned same = 0, bad = 0;
    struct place *free_one = NULL;
    for (struct place *p = n->places; p < n->places + IN_FLIGHT_MAX; p++) {
        if (!p->lane[0]) {
            free_one = p;
            continue;
        }
        if (strcmp(p->lane, lane) == 0)
            return NULL;
        same += strcmp(p->receiver, receiver) == 0;
        bad += p->failing;
    }
    if (same >= (failing ? 1 : PER_RECEIVER_MAX) || (failing && bad >= FAILING_MAX))
        return NULL;
    return free_one;
}

bool place_take(struct notify *n, const char *lane, const char *receiver)
{
    (void)pthread_mutex_lock(&n->lock);
    bool failing = failing_at(n, receiver) < n->failing_n;
    struct place *p = n->stop ? NULL : find_locked(n, lane, receiver, failing);
    if (p) {
        (void)text_copy(p->lane, sizeof p->lane, lane);
        (void)text_copy(p->receiver, sizeof p->receiver, receiver);
        p->failing = failing;
    }
    (void)pthread_mutex_unlock(&n->lock);
    return p != NULL;
}

void place_give(struct notify *n, const char *lane)
{
    (void)pthread_mutex_lock(&n->lock);
    for (struct place *p = n->places; p < n->places + IN_FLIGHT_MAX; p++)
        if (strcmp(p->lane, lane) == 0)
            p->lane[0] = '\0';
    n->woken = true; /* another may go */
    (void)pthread_cond_signal(&n->wake);
    (void)pthread_mutex_unlock(&n->lock);
}
