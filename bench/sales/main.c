/*
 * bench/sales - claims and checkouts a second through the whole program below HTTP.
 *
 *     bench/sales claims|checkouts DATABASE_URL [SECONDS [THREADS [RATE]]]
 *
 * The database is a fresh one: "sqlite:/folder/new.db", or an empty PostgreSQL database. RATE 0
 * (the default): as fast as it goes; else requests begin by the clock, and their times count from
 * there.
 */
#include "base/text.h"
#include "sales.h"

#include <stdio.h>
#include <string.h>

static int number(int argc, char **argv, int i, int otherwise)
{
    int64_t n = otherwise;
    if (argc > i && text_i64(argv[i], 0, 1000000, &n))
        (void)fprintf(stderr, "'%s' is no number\n", argv[i]);
    return (int)n;
}

int main(int argc, char **argv)
{
    bool claims = argc > 1 && strcmp(argv[1], "claims") == 0;
    if (argc < 3 || (!claims && strcmp(argv[1], "checkouts") != 0)) {
        (void)fprintf(stderr, "usage: sales claims|checkouts URL [SECONDS [THREADS [RATE]]]\n");
        return 2;
    }
    int seconds = number(argc, argv, 3, 5), threads = number(argc, argv, 4, 128);
    int rate = number(argc, argv, 5, 0);
    struct sales *s = sales_make(argv[2]);
    if (!s)
        return 1;
    bool ok = claims ? bench_claims(s, threads, seconds, rate)
                     : bench_checkouts(s, threads, seconds, rate);
    sales_free(s);
    return ok ? 0 : 1;
}
