/*
 * merge - what a guest claimed and said in rooms becomes an account's, when they sign in.
 *
 * Thread, Again, Errors: in a job, with its turn; as stock/turn.h. The ledger keeps the names under
 * which claims were made: what the chain was made of never changes.
 */
#pragma once
#include "stock/turn.h"

enum err claim_merge(struct stock_turn *turn, int64_t from_viewer, int64_t to_viewer) NODISCARD;
