/*
 * tables - every table of the schema, once: what is a person's there, where it is in their copy,
 * and what becomes of it when they are erased. tables_test.c holds the schema, the statements and
 * the copies to it; a table or a column that is not here fails the tests.
 *
 * Fates:   GONE     dropped in the first job, by the statement that the last column names
 *          CLEARED  dropped by a door of the room, or by a later step
 *          CHANGED  the row stays under the pseudonym, what is personal in it is emptied
 *          KEPT     stays as it is, under the pseudonym: why, and until when
 *          NOBODY   nothing of a buyer's: the columns only look like it
 * Columns: those that say whose a row is, or that hold what people said or are called.
 * Copy:    the file of export_files.c; "" for secrets, for what lives minutes, and with a reason.
 */
#pragma once

/*  fate,    table,               columns,                                  copy */
#define PRIVACY_TABLES(X)                                                                          \
    /* people */                                                                                   \
    X(CHANGED, viewer, "id public_id display_name lang", "profile", "name and public id are new")  \
    X(GONE, session, "viewer_id device token_hash", "sessions", SQL_erase_session)                 \
    X(GONE, password, "viewer_id hash", "", SQL_erase_password)                                    \
    X(GONE, mail_code, "key viewer_id email", "", SQL_erase_mail_code)                             \
    X(GONE, login_try, "viewer_id browser_hash", "", SQL_erase_login_try)                          \
    X(GONE, handover, "owner viewer_id path draft", "", SQL_erase_handover)                        \
    X(GONE, identity, "viewer_id subject email email_verified name", "identities",                 \
      SQL_erase_identity)                                                                          \
    X(GONE, staff, "viewer_id", "staff", SQL_erase_staff)                                          \
    X(GONE, address, "viewer_id data", "addresses", SQL_erase_address)                             \
    X(GONE, cvs_pick, "viewer_id store_name store_address", "", SQL_erase_cvs_pick)                \
    X(GONE, buyer_stat, "viewer_id", "counts", SQL_erase_buyer_stat)                               \
    X(GONE, export_chunk, "body", "", SQL_erase_export_chunk)                                      \
    X(GONE, export_file, "viewer_id", "requests", SQL_erase_export_file)                           \
    X(GONE, reminder, "viewer_id email", "reminders", SQL_erase_reminder)                          \
    X(CLEARED, push_subscription, "viewer_id endpoint", "push", "notify_erase()")                  \
    X(CLEARED, outbox, "viewer_id email args", "notices", "notify_erase()")                        \
    X(KEPT, consent, "viewer_id", "consents", "proof of what was agreed to; KEEP_CONSENTS")        \
    X(KEPT, privacy_request, "viewer_id after", "requests", "proof of the request; KEEP_REQUESTS") \
    X(KEPT, login_revoke, "subject", "", "until the provider was told, 30 days at most")           \
    X(CHANGED, audit, "actor_id before after addr", "staff_acts", "the network address goes")      \
    /* what they said */                                                                           \
    X(CHANGED, message, "viewer_id device name text", "messages",                                  \
      "forget_said(): name and words go")                                                          \
    X(CHANGED, event, "viewer_id data", "messages",                                                \
      "forget_said(): name and words go; numbers stay")                                            \
    X(CHANGED, review, "viewer_id by_id", "messages",                                              \
      "forget_said(): dismissed; it held codes alone")                                             \
    X(CHANGED, sanction, "viewer_id device name by_id why", "sanctions",                           \
      "holds until its end under the pseudonym, then KEEP_CHAT")                                   \
    X(CLEARED, bill, "viewer_id secret", "orders", "a link to a cart")                             \
    /* what they took */                                                                           \
    X(KEPT, claim, "viewer_id name_masked reason", "claims", "the chain proves the order of all")  \
    X(KEPT, entry, "viewer_id name_masked", "draws", "the draw can be checked; masked names")      \
    X(KEPT, hold, "viewer_id owner owner_id", "carts", "units; released by the first steps")       \
    X(KEPT, waiting, "viewer_id", "waiting", "places have no gaps; left by the first steps")       \
    X(KEPT, cart, "viewer_id", "carts", "emptied by the first steps")                              \
    X(KEPT, listing_take, "viewer_id", "claims", "sums of claims")                                 \
    X(KEPT, deal_take, "viewer_id", "claims", "sums of claims")                                    \
    X(KEPT, coupon_take, "viewer_id", "coupons", "counts of a coupon")                             \
    X(KEPT, show_seen, "who", "", "a hash that counts alone")                                      \
    /* what they bought */                                                                         \
    X(CHANGED, orders, "viewer_id address invoice note staff_note", "orders",                      \
      "contact goes when nothing is open, the rest with KEEP_ORDERS")                              \
    X(CHANGED, payment, "details", "payments", "KEEP_ORDERS")                                      \
    X(CHANGED, refund, "reason note by_id", "refunds", "KEEP_ORDERS")                              \
    X(CHANGED, parcel, "tracking", "parcels", "with the order's contact")                          \
    X(CHANGED, shipment, "payment_no validation_no code_text", "parcels", "likewise")              \
    X(CHANGED, return_case, "reason note", "returns", "likewise")                                  \
    X(KEPT, order_line, "title", "order_lines", "tax; KEEP_ORDERS")                                \
    X(KEPT, order_step, "what actor_id", "orders", "which step, by which pseudonym")               \
    X(KEPT, invoice, "number random", "invoices", "tax")                                           \
    X(KEPT, invoice_allowance, "number", "invoices", "tax")                                        \
    X(KEPT, money_entry, "account", "payments", "the ledger never changes")                        \
    X(CHANGED, inbox, "body", "", "a provider's message about a payment; KEEP_INBOX")              \
    /* staff who did something stay in these by their pseudonym alone */                           \
    X(KEPT, file, "by_id why", "", "a picture of the shop's")                                      \
    X(KEPT, price_log, "actor_id", "", "the shop's")                                               \
    X(KEPT, import_job, "by_id", "", "the shop's")                                                 \
    X(KEPT, stock_move, "actor_id reason", "", "the shop's")                                       \
    X(KEPT, legal_text, "by_id body", "", "the shop's")                                            \
    X(KEPT, breach_note, "by_id what", "", "the shop's")                                           \
    /* nothing of a person's */                                                                    \
    X(NOBODY, migration, "name", "", "")                                                           \
    X(NOBODY, shop, "name privacy_contact", "", "")                                                \
    X(NOBODY, shop_shipping, "sender_name sender_phone", "", "")                                   \
    X(NOBODY, shop_market, "", "", "")                                                             \
    X(NOBODY, shop_pay_method, "", "", "")                                                         \
    X(NOBODY, gateway_account, "name", "", "")                                                     \
    X(NOBODY, secret, "name", "", "")                                                              \
    X(NOBODY, show, "host_name", "", "") /* what a shop calls its host */                          \
    X(NOBODY, show_log, "", "", "")                                                                \
    X(NOBODY, show_task, "", "", "")                                                               \
    X(NOBODY, show_sale, "", "", "")                                                               \
    X(NOBODY, show_sample, "viewers", "", "")                                                      \
    X(NOBODY, blocked_word, "", "", "")                                                            \
    X(NOBODY, category, "name", "", "")                                                            \
    X(NOBODY, product, "body", "", "")                                                             \
    X(NOBODY, product_media, "", "", "")                                                           \
    X(NOBODY, product_term, "", "", "")                                                            \
    X(NOBODY, variant, "", "", "")                                                                 \
    X(NOBODY, price, "", "", "")                                                                   \
    X(NOBODY, import_chunk, "body", "", "")                                                        \
    X(NOBODY, listing, "", "", "")                                                                 \
    X(NOBODY, segment, "", "", "")                                                                 \
    X(NOBODY, deal, "", "", "")                                                                    \
    X(NOBODY, deal_price, "", "", "")                                                              \
    X(NOBODY, coupon, "", "", "")                                                                  \
    X(NOBODY, giveaway, "", "", "")                                                                \
    X(NOBODY, cart_line, "", "", "")                                                               \
    X(NOBODY, parcel_line, "", "", "")                                                             \
    X(NOBODY, order_day, "", "", "")                                                               \
    X(NOBODY, money_head, "", "", "")                                                              \
    X(NOBODY, file_multipart, "", "", "")                                                          \
    X(NOBODY, file_part, "", "", "")                                                               \
    X(NOBODY, login_nonce_seen, "", "", "")

enum table_fate { FATE_GONE, FATE_CLEARED, FATE_CHANGED, FATE_KEPT, FATE_NOBODY };
