/*
 * commands - the subcommands of nightmarket, one row each; main.c finds them by name.
 *
 * Each gets its own arguments (argv[0] is its name) and returns the exit code: 0 done, 1 failed,
 * 2 called or configured wrongly.
 */
#pragma once

#define COMMAND_TABLE(X)                                                                \
    X("serve", command_serve, "run the server")                                         \
    X("demo", command_demo, "a shop on air on this machine, with no account anywhere")  \
    X("migrate", command_migrate, "bring the database up to date and stop")             \
    X("backup", command_backup, "copy the database to a new file while it is in use")   \
    X("reconcile", command_reconcile, "does the database agree with itself?")           \
    X("user", command_user, "add people who work here: user add --email E --role R")    \
    X("shop", command_shop, "one more shop: shop add --slug S --name N")                \
    X("claim-parse", command_claim_parse, "what comments order: JSON lines in and out") \
    X("ecpay-mac", command_ecpay_mac, "CheckMacValue of orders: lines in, values out")  \
    X("r2-check", command_r2_check, "does the bucket do what the shop needs of it?")    \
    X("vapid-key", command_vapid_key, "a fresh key pair for push messages")             \
    X("cloudflare-setup", command_cloudflare_setup, "let Cloudflare Stream call this server")

#define X(name, run, help) int run(int argc, char **argv);
COMMAND_TABLE(X)
#undef X
