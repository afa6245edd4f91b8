/* sell_testkit - goods, buyers and claims for tests of what a show sells. Tests only. */
#pragma once
#include "room/claim.h"
#include "room/deal.h"
#include "room/listing.h"
#include "room/testkit.h"

/*
 * Product prd_<id> of shop 1 with `variants` (1 or 2: 黑, 白) variants var_<id>0 and var_<id>1 of
 * `stock` units each; NT$590, ฿650.
 */
void test_goods(struct test_room *k, int id, int stock, int variants);
/* The same, listed in a show under `code`; returns `out`, the listing's id. */
const char *test_list_goods(struct test_room *k, const char *show, int id, int stock, int variants,
                            const char *code, char out[ID_TEXT]);
void test_pin(struct test_room *k, const char *show, const char *listing);
/* A guest of market TW; id 1000 to 1399. */
struct room_who test_buyer(struct test_room *k, int id);

struct test_claim {
    char id[ID_TEXT], state[16], reason[16], message[ID_TEXT];
    int64_t given, asked, place, seq_no, unit, until, opens_ms;
    bool again;
};
struct test_claim test_claim_of(const json_t *o);
enum err test_tap(struct test_room *k, const struct room_who *who, const char *listing,
                  const char *variant, int64_t qty, const char *idem, struct test_claim *ret);
/* The last claim.result that they got. */
struct test_claim test_last_result(struct test_room *k, const char *show,
                                   const struct room_who *who);
/* How many events of that type there are (viewer_id 0: of anybody), and the last one's data. */
int64_t test_events(struct test_room *k, const char *show, const char *type, int64_t viewer_id,
                    json_t **ret_last);
/* A context of the test's time with an arena of its own: arena_free() it. */
void test_cx(struct test_room *k, struct cx *cx);
/* I1, I2, I3, I11: nothing is over its limit, sums agree, numbers have no gaps. */
void test_sums(struct test_room *k);
