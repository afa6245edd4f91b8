-- Units: the ledger, holds, the waiting list; and carts. Types and times as in 0001. Words that may
-- be are checked one by one: SQLite would build a table for each list of IN, at every row.

-- Every change of a variant's two integers; their sums are the integers (I2).
CREATE TABLE stock_move (
    id INTEGER PRIMARY KEY,
    variant_id INTEGER NOT NULL REFERENCES variant (id),
    d_total INTEGER NOT NULL,
    d_held INTEGER NOT NULL,
    reason TEXT NOT NULL CHECK (reason = 'import' OR reason = 'adjust' OR reason = 'hold'
            OR reason = 'release' OR reason = 'expire' OR reason = 'sell' OR reason = 'restock'
            OR reason = 'return'),
    ref TEXT,
    actor_id INTEGER,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX stock_move_by_variant ON stock_move (variant_id, id);

-- Units kept for somebody until expires_at. owner_id: of the cart line, order line or waiting row.
CREATE TABLE hold (
    id INTEGER PRIMARY KEY,
    variant_id INTEGER NOT NULL REFERENCES variant (id),
    qty INTEGER NOT NULL CHECK (qty > 0),
    deal_id INTEGER,
    viewer_id INTEGER NOT NULL,
    owner TEXT NOT NULL CHECK (owner = 'cart' OR owner = 'order' OR owner = 'offer'
            OR owner = 'prize'),
    owner_id INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state = 'active' OR state = 'used' OR state = 'released'
            OR state = 'expired'),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX hold_due ON hold (expires_at) WHERE state = 'active';

-- place: 1, 2, 3 ... in its show (or outside of shows: show_id 0), no gaps.
CREATE TABLE waiting (
    id INTEGER PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    shop_id INTEGER NOT NULL REFERENCES shop (id),
    variant_id INTEGER NOT NULL REFERENCES variant (id),
    show_id INTEGER NOT NULL,
    listing_id INTEGER,
    deal_id INTEGER,
    claim_id INTEGER,
    viewer_id INTEGER NOT NULL REFERENCES viewer (id),
    market TEXT NOT NULL,
    qty INTEGER NOT NULL CHECK (qty > 0),
    unit_amount INTEGER NOT NULL,
    place INTEGER NOT NULL,
    turn INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state = 'waiting' OR state = 'offered' OR state = 'taken'
            OR state = 'passed' OR state = 'lapsed'),
    hold_id INTEGER,
    offer_until INTEGER,
    at INTEGER NOT NULL,
    UNIQUE (variant_id, show_id, place)
) STRICT;
CREATE UNIQUE INDEX waiting_turn ON waiting (variant_id, turn);
CREATE INDEX waiting_next ON waiting (variant_id, turn) WHERE state = 'waiting';
CREATE INDEX waiting_by_viewer ON waiting (viewer_id, shop_id, id);

-- One open cart for a viewer, shop and market, across shows and devices.
CREATE TABLE cart (
    id INTEGER PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    viewer_id INTEGER NOT NULL REFERENCES viewer (id),
    shop_id INTEGER NOT NULL REFERENCES shop (id),
    market TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state = 'open' OR state = 'ordered' OR state = 'merged'),
    coupon_id INTEGER,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX cart_open ON cart (viewer_id, shop_id, market) WHERE state = 'open';
CREATE INDEX cart_by_viewer ON cart (viewer_id);

-- One line is one hold: what was taken at one time, with a clock of its own. The unique index also
-- finds the lines of a cart.
CREATE TABLE cart_line (
    id INTEGER PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    cart_id INTEGER NOT NULL REFERENCES cart (id),
    variant_id INTEGER NOT NULL REFERENCES variant (id),
    qty INTEGER NOT NULL CHECK (qty > 0),
    unit_amount INTEGER NOT NULL,
    source TEXT NOT NULL CHECK (source = 'list' OR source = 'live' OR source = 'deal'
            OR source = 'auction' OR source = 'prize'),
    state TEXT NOT NULL CHECK (state = 'held' OR state = 'expired' OR state = 'removed'
            OR state = 'ordered'),
    show_id INTEGER,
    listing_id INTEGER,
    claim_id INTEGER,
    deal_id INTEGER,
    hold_id INTEGER NOT NULL REFERENCES hold (id),
    idem TEXT,
    at INTEGER NOT NULL,
    UNIQUE (cart_id, idem)
) STRICT;
