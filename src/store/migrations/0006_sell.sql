-- What a show sells: run order, pins, claims, deals, coupons, draws. Types and times as in 0001.

-- How a show sells, beside the show row, so that a pin does not touch the show. version grows with
-- every change of its run order: what is kept of it in memory is good while it is the same.
CREATE TABLE show_sale (
    show_id INTEGER PRIMARY KEY REFERENCES show (id),
    claim_rule TEXT NOT NULL DEFAULT 'guest' CHECK (claim_rule = 'guest' OR claim_rule = 'login'
            OR claim_rule = 'paid_before'),
    hold_s INTEGER NOT NULL DEFAULT 600,
    cancel_ok INTEGER NOT NULL DEFAULT 1,
    pinned_id INTEGER,
    segment_id INTEGER,
    claim_no INTEGER NOT NULL DEFAULT 0,
    claim_chain BLOB,
    head_no INTEGER NOT NULL DEFAULT 0,
    warned_to INTEGER NOT NULL DEFAULT 0,
    version INTEGER NOT NULL DEFAULT 1
) STRICT;

-- code is what buyers type; code_key is it in lower case, as comments are read. claim_n: how many
-- claims got some of it so far.
CREATE TABLE listing (
    id INTEGER PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    show_id INTEGER NOT NULL REFERENCES show (id),
    product_id INTEGER NOT NULL REFERENCES product (id),
    code TEXT NOT NULL,
    code_key TEXT NOT NULL,
    position INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state = 'queued' OR state = 'shown' OR state = 'withdrawn'),
    claim_mode TEXT NOT NULL CHECK (claim_mode = 'off' OR claim_mode = 'review'
            OR claim_mode = 'auto'),
    claim_open INTEGER NOT NULL DEFAULT 0,
    per_buyer_max INTEGER NOT NULL,
    claim_n INTEGER NOT NULL DEFAULT 0,
    version INTEGER NOT NULL DEFAULT 1,
    UNIQUE (show_id, code_key)
) STRICT;
CREATE INDEX listing_by_show ON listing (show_id, position);
CREATE INDEX listing_by_product ON listing (product_id);

-- How many of a listing one buyer has: the aggregate of per_buyer_max.
CREATE TABLE listing_take (
    listing_id INTEGER NOT NULL REFERENCES listing (id),
    viewer_id INTEGER NOT NULL,
    qty INTEGER NOT NULL CHECK (qty >= 0),
    PRIMARY KEY (listing_id, viewer_id)
) STRICT;

-- One introduction of a listing; media times of the live picture.
CREATE TABLE segment (
    id INTEGER PRIMARY KEY,
    show_id INTEGER NOT NULL REFERENCES show (id),
    listing_id INTEGER NOT NULL REFERENCES listing (id),
    starts_at INTEGER NOT NULL,
    ends_at INTEGER
) STRICT;
CREATE INDEX segment_by_show ON segment (show_id, starts_at);

-- variant_id NULL: any variant of the listing.
CREATE TABLE deal (
    id INTEGER PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    show_id INTEGER NOT NULL REFERENCES show (id),
    listing_id INTEGER NOT NULL REFERENCES listing (id),
    variant_id INTEGER REFERENCES variant (id),
    quota INTEGER NOT NULL CHECK (quota > 0),
    taken INTEGER NOT NULL DEFAULT 0,
    per_buyer_max INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state = 'draft' OR state = 'countdown' OR state = 'open'
            OR state = 'sold_out' OR state = 'closed' OR state = 'cancelled'),
    countdown_s INTEGER NOT NULL,
    run_s INTEGER NOT NULL,
    opens_at INTEGER,
    closes_at INTEGER,
    created_at INTEGER NOT NULL,
    CHECK (0 <= taken AND taken <= quota)
) STRICT;
CREATE INDEX deal_by_show ON deal (show_id, id);
CREATE INDEX deal_due ON deal (state, opens_at);
CREATE INDEX deal_by_listing ON deal (listing_id);

CREATE TABLE deal_price (
    deal_id INTEGER NOT NULL REFERENCES deal (id),
    market TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount >= 0),
    PRIMARY KEY (deal_id, market)
) STRICT;

CREATE TABLE deal_take (
    deal_id INTEGER NOT NULL REFERENCES deal (id),
    viewer_id INTEGER NOT NULL,
    qty INTEGER NOT NULL CHECK (qty >= 0),
    PRIMARY KEY (deal_id, viewer_id)
) STRICT;
CREATE INDEX deal_take_by_viewer ON deal_take (viewer_id);

-- The ledger of claims. seq_no has no gaps; chain is the SHA-256 over the row and the one before.
-- name_masked, code, qty_at_once and state_at_once are what the chain was made of and never change.
-- place: n-th who got some of the listing, or the place in the waiting list.
CREATE TABLE claim (
    id INTEGER PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    show_id INTEGER NOT NULL REFERENCES show (id),
    seq_no INTEGER NOT NULL,
    message_id INTEGER REFERENCES message (id),
    item_no INTEGER NOT NULL DEFAULT 0,
    viewer_id INTEGER NOT NULL REFERENCES viewer (id),
    listing_id INTEGER NOT NULL REFERENCES listing (id),
    variant_id INTEGER,
    deal_id INTEGER,
    name_masked TEXT NOT NULL,
    code TEXT NOT NULL,
    qty_asked INTEGER NOT NULL,
    qty_given INTEGER NOT NULL,
    qty_at_once INTEGER NOT NULL,
    state_at_once TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state = 'granted' OR state = 'partial' OR state = 'waitlisted'
            OR state = 'rejected' OR state = 'reduced' OR state = 'cancelled'
            OR state = 'expired' OR state = 'ordered'),
    reason TEXT,
    place INTEGER NOT NULL,
    market TEXT NOT NULL,
    unit_amount INTEGER NOT NULL,
    source TEXT NOT NULL CHECK (source IN ('live', 'deal')),
    via TEXT NOT NULL CHECK (via = 'tap' OR via = 'comment' OR via = 'staff'),
    line_id INTEGER,
    waiting_id INTEGER,
    hold_until INTEGER,
    idem TEXT,
    received_at INTEGER NOT NULL,
    chain BLOB NOT NULL,
    UNIQUE (show_id, seq_no),
    UNIQUE (message_id, item_no),
    UNIQUE (viewer_id, idem)
) STRICT;
CREATE INDEX claim_by_viewer ON claim (viewer_id, show_id, seq_no);
CREATE INDEX claim_by_line ON claim (line_id);

-- Comments that look like orders and are not sure ones.
CREATE TABLE review (
    id INTEGER PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    show_id INTEGER NOT NULL REFERENCES show (id),
    message_id INTEGER NOT NULL UNIQUE REFERENCES message (id),
    viewer_id INTEGER NOT NULL,
    items TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state = 'open' OR state = 'accepted' OR state = 'dismissed'),
    by_id INTEGER,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX review_open ON review (show_id, id) WHERE state = 'open';

-- kind amount: value in minor units; percent: basis points; free_ship: none.
CREATE TABLE coupon (
    id INTEGER PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    shop_id INTEGER NOT NULL REFERENCES shop (id),
    show_id INTEGER REFERENCES show (id),
    code TEXT NOT NULL,
    market TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind = 'amount' OR kind = 'percent' OR kind = 'free_ship'),
    value INTEGER NOT NULL,
    min_spend INTEGER NOT NULL DEFAULT 0,
    quota INTEGER NOT NULL CHECK (quota > 0),
    taken INTEGER NOT NULL DEFAULT 0,
    per_buyer_max INTEGER NOT NULL DEFAULT 1,
    starts_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    dropped_at INTEGER,
    dropped_in INTEGER REFERENCES show (id),
    version INTEGER NOT NULL DEFAULT 1,
    UNIQUE (shop_id, code),
    CHECK (0 <= taken AND taken <= quota)
) STRICT;

-- n: 1 .. per_buyer_max. order_id: it was used there.
CREATE TABLE coupon_take (
    id INTEGER PRIMARY KEY,
    coupon_id INTEGER NOT NULL REFERENCES coupon (id),
    viewer_id INTEGER NOT NULL REFERENCES viewer (id),
    n INTEGER NOT NULL,
    order_id INTEGER,
    at INTEGER NOT NULL,
    UNIQUE (coupon_id, viewer_id, n)
) STRICT;
CREATE INDEX coupon_take_by_viewer ON coupon_take (viewer_id);
CREATE INDEX coupon_take_by_order ON coupon_take (order_id);
CREATE INDEX coupon_by_dropped ON coupon (dropped_in, dropped_at);

-- rule: {"text": {"zh-TW": ...}, "login": false}. told: how many entries the room was last told of.
CREATE TABLE giveaway (
    id INTEGER PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    show_id INTEGER NOT NULL REFERENCES show (id),
    market TEXT NOT NULL,
    rule TEXT NOT NULL,
    prize_variant_id INTEGER NOT NULL REFERENCES variant (id),
    winners INTEGER NOT NULL CHECK (winners > 0),
    claim_hours INTEGER NOT NULL DEFAULT 48,
    permit_no TEXT,
    state TEXT NOT NULL CHECK (state = 'draft' OR state = 'open' OR state = 'frozen'
            OR state = 'drawn' OR state = 'closed' OR state = 'cancelled'),
    commit_hash TEXT,
    seed_sealed BLOB,
    seed TEXT,
    entropy TEXT,
    entries_hash TEXT,
    opened_at INTEGER,
    frozen_at INTEGER,
    drawn_at INTEGER,
    created_at INTEGER NOT NULL,
    entries INTEGER NOT NULL DEFAULT 0,
    told INTEGER NOT NULL DEFAULT 0,
    hold_id INTEGER,
    entropy_when TEXT CHECK (entropy_when = 'freeze' OR entropy_when = 'draw')
) STRICT;
CREATE INDEX giveaway_open ON giveaway (id) WHERE state = 'open';
CREATE INDEX giveaway_by_show ON giveaway (show_id, id);

-- rank: 1 is the first winner, known once drawn. state of a prize: won (it is in their cart, line_id,
-- until then), ordered, passed on.
CREATE TABLE entry (
    giveaway_id INTEGER NOT NULL REFERENCES giveaway (id),
    viewer_id INTEGER NOT NULL REFERENCES viewer (id),
    public_id TEXT NOT NULL UNIQUE,
    name_masked TEXT NOT NULL,
    at INTEGER NOT NULL,
    rank INTEGER,
    state TEXT NOT NULL DEFAULT 'in' CHECK (state = 'in' OR state = 'won' OR state = 'ordered'
            OR state = 'passed'),
    until INTEGER,
    line_id INTEGER,
    PRIMARY KEY (giveaway_id, viewer_id)
) STRICT;
CREATE INDEX entry_won ON entry (giveaway_id) WHERE state = 'won';
CREATE INDEX entry_by_rank ON entry (giveaway_id, rank);
CREATE INDEX entry_by_viewer ON entry (viewer_id);
