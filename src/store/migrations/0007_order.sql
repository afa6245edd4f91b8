-- Orders, what is paid and what is sent. Types and times as in 0001.

CREATE TABLE address (
    id INTEGER PRIMARY KEY,
    viewer_id INTEGER NOT NULL REFERENCES viewer (id),
    market TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('home', 'cvs')),
    data TEXT NOT NULL,
    used_at INTEGER NOT NULL
) STRICT;
CREATE INDEX address_by_viewer ON address (viewer_id, market, used_at);

CREATE TABLE consent (
    id INTEGER PRIMARY KEY,
    viewer_id INTEGER NOT NULL REFERENCES viewer (id),
    kind TEXT NOT NULL CHECK (kind = 'terms' OR kind = 'privacy' OR kind = 'marketing'
            OR kind = 'withdrawal_notice' OR kind = 'exempt_notice'),
    version TEXT NOT NULL,
    ref TEXT,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX consent_by_viewer ON consent (viewer_id, id);

CREATE TABLE buyer_stat (
    viewer_id INTEGER NOT NULL REFERENCES viewer (id),
    shop_id INTEGER NOT NULL REFERENCES shop (id),
    claims INTEGER NOT NULL DEFAULT 0,
    paid INTEGER NOT NULL DEFAULT 0,
    abandoned INTEGER NOT NULL DEFAULT 0,
    uncollected INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (viewer_id, shop_id)
) STRICT;

-- The human number counts within a shop's day.
CREATE TABLE order_day (
    shop_id INTEGER NOT NULL REFERENCES shop (id),
    day TEXT NOT NULL,
    last_no INTEGER NOT NULL,
    PRIMARY KEY (shop_id, day)
) STRICT;

-- secret_hash: of the link that opens the order without signing in. done_at: when a confirmed order
-- will be completed, known once its last parcel has arrived.
CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    no TEXT NOT NULL,
    shop_id INTEGER NOT NULL REFERENCES shop (id),
    viewer_id INTEGER NOT NULL REFERENCES viewer (id),
    cart_id INTEGER UNIQUE REFERENCES cart (id),
    show_id INTEGER REFERENCES show (id),
    market TEXT NOT NULL,
    currency TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state = 'awaiting_payment' OR state = 'confirmed'
            OR state = 'cancelled' OR state = 'expired' OR state = 'completed'),
    subtotal INTEGER NOT NULL,
    discount INTEGER NOT NULL,
    shipping INTEGER NOT NULL,
    tax INTEGER NOT NULL,
    total INTEGER NOT NULL,
    coupon_id INTEGER REFERENCES coupon (id),
    delivery TEXT NOT NULL CHECK (delivery IN ('home', 'cvs')),
    address TEXT NOT NULL,
    invoice TEXT,
    note TEXT,
    staff_note TEXT,
    pay_method TEXT NOT NULL,
    secret_hash BLOB,
    idem TEXT,
    quote_hash TEXT NOT NULL,
    expires_at INTEGER,
    confirmed_at INTEGER,
    done_at INTEGER,
    created_at INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    UNIQUE (shop_id, no),
    UNIQUE (viewer_id, idem),
    CHECK (total = subtotal - discount + shipping AND total >= 0)
) STRICT;
CREATE INDEX orders_by_shop ON orders (shop_id, id);
CREATE INDEX orders_by_no ON orders (no);
CREATE INDEX orders_by_viewer ON orders (viewer_id, id);
CREATE INDEX orders_by_show ON orders (show_id, id);
CREATE INDEX orders_due ON orders (expires_at) WHERE state = 'awaiting_payment';
CREATE INDEX orders_done ON orders (done_at) WHERE state = 'confirmed' AND done_at IS NOT NULL;

CREATE TABLE order_line (
    id INTEGER PRIMARY KEY,
    order_id INTEGER NOT NULL REFERENCES orders (id),
    line_no INTEGER NOT NULL,
    variant_id INTEGER NOT NULL REFERENCES variant (id),
    title TEXT NOT NULL,
    options TEXT NOT NULL,
    code TEXT,
    image TEXT,
    qty INTEGER NOT NULL CHECK (qty > 0),
    unit_amount INTEGER NOT NULL,
    discount_amount INTEGER NOT NULL,
    tax_amount INTEGER NOT NULL,
    source TEXT NOT NULL,
    show_id INTEGER,
    claim_id INTEGER,
    hold_id INTEGER,
    exempt TEXT NOT NULL,
    qty_refunded INTEGER NOT NULL DEFAULT 0,
    packed INTEGER NOT NULL DEFAULT 0,
    in_parcel INTEGER NOT NULL DEFAULT 0,
    qty_returned INTEGER NOT NULL DEFAULT 0,
    qty_restocked INTEGER NOT NULL DEFAULT 0,
    UNIQUE (order_id, line_no),
    CHECK (0 <= qty_refunded AND qty_refunded <= qty),
    CHECK (0 <= in_parcel AND in_parcel <= qty),
    CHECK (0 <= qty_returned AND qty_returned <= qty),
    CHECK (0 <= qty_restocked AND qty_restocked <= qty)
) STRICT;
CREATE INDEX order_line_by_variant ON order_line (variant_id);
CREATE INDEX order_line_by_show ON order_line (show_id);

-- At most one payment that counts: I5. refunded: of its amount, queued, sent or done: I7.
CREATE TABLE payment (
    id INTEGER PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    order_id INTEGER NOT NULL REFERENCES orders (id),
    provider TEXT NOT NULL CHECK (provider = 'ecpay' OR provider = 'omise' OR provider = 'cod'
            OR provider = 'slip' OR provider = 'manual'),
    method TEXT NOT NULL,
    amount INTEGER NOT NULL,
    currency TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state = 'created' OR state = 'pending' OR state = 'paid'
            OR state = 'failed' OR state = 'expired' OR state = 'part_refunded'
            OR state = 'refunded' OR state = 'orphaned' OR state = 'collected'
            OR state = 'settled' OR state = 'refused'),
    our_ref TEXT NOT NULL UNIQUE,
    provider_ref TEXT,
    refunded INTEGER NOT NULL DEFAULT 0,
    expires_at INTEGER,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    UNIQUE (provider, provider_ref),
    CHECK (0 <= refunded AND refunded <= amount)
) STRICT;
CREATE UNIQUE INDEX payment_counts ON payment (order_id)
    WHERE state IN ('paid', 'part_refunded', 'collected', 'settled');
CREATE INDEX payment_by_order ON payment (order_id, id);

CREATE TABLE refund (
    id INTEGER PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    payment_id INTEGER NOT NULL REFERENCES payment (id),
    amount INTEGER NOT NULL CHECK (amount > 0),
    reason TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state = 'queued' OR state = 'sent' OR state = 'done'
            OR state = 'failed'),
    our_ref TEXT NOT NULL UNIQUE,
    idem TEXT UNIQUE,
    note TEXT,
    by_id INTEGER,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX refund_by_payment ON refund (payment_id);

CREATE TABLE parcel (
    id INTEGER PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    order_id INTEGER NOT NULL REFERENCES orders (id),
    carrier TEXT NOT NULL,
    tracking TEXT,
    state TEXT NOT NULL CHECK (state = 'packing' OR state = 'packed' OR state = 'shipped'
            OR state = 'at_store' OR state = 'collected' OR state = 'delivered'
            OR state = 'returned' OR state = 'void'),
    cod_amount INTEGER NOT NULL DEFAULT 0,
    inspected INTEGER NOT NULL DEFAULT 0,
    arrived_at INTEGER,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX parcel_by_order ON parcel (order_id);

CREATE TABLE parcel_line (
    parcel_id INTEGER NOT NULL REFERENCES parcel (id),
    order_line_id INTEGER NOT NULL REFERENCES order_line (id),
    qty INTEGER NOT NULL CHECK (qty > 0),
    PRIMARY KEY (parcel_id, order_line_id)
) STRICT;

CREATE TABLE return_case (
    id INTEGER PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    order_id INTEGER NOT NULL REFERENCES orders (id),
    lines TEXT NOT NULL,
    reason TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state = 'asked' OR state = 'approved' OR state = 'on_the_way'
            OR state = 'received' OR state = 'refunded' OR state = 'refused'
            OR state = 'withdrawn'),
    withdrawal INTEGER NOT NULL,
    last_day TEXT,
    idem TEXT,
    note TEXT,
    asked_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE UNIQUE INDEX return_by_idem ON return_case (order_id, idem);
CREATE INDEX return_by_state ON return_case (state);

-- What a buyer sees of an order's way, oldest first.
CREATE TABLE order_step (
    id INTEGER PRIMARY KEY,
    order_id INTEGER NOT NULL REFERENCES orders (id),
    what TEXT NOT NULL,
    actor_id INTEGER,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX order_step_by_order ON order_step (order_id, id);

-- After the show: one link for one buyer's cart. secret_hash as in orders.
CREATE TABLE bill (
    id INTEGER PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    shop_id INTEGER NOT NULL REFERENCES shop (id),
    show_id INTEGER NOT NULL REFERENCES show (id),
    viewer_id INTEGER NOT NULL REFERENCES viewer (id),
    cart_id INTEGER NOT NULL REFERENCES cart (id),
    secret TEXT NOT NULL,
    reminded INTEGER NOT NULL DEFAULT 0,
    reminded_at INTEGER,
    opened_at INTEGER,
    created_at INTEGER NOT NULL,
    UNIQUE (show_id, cart_id)
) STRICT;
CREATE INDEX bill_by_cart ON bill (cart_id);

-- How many were watching, once a minute of a live show.
CREATE TABLE show_sample (
    show_id INTEGER NOT NULL REFERENCES show (id),
    at INTEGER NOT NULL,
    viewers INTEGER NOT NULL,
    PRIMARY KEY (show_id, at)
) STRICT;

-- Who has watched a show, each once: a hash of viewer or device, for counting alone.
CREATE TABLE show_seen (
    show_id INTEGER NOT NULL REFERENCES show (id),
    who INTEGER NOT NULL,
    PRIMARY KEY (show_id, who)
) STRICT;
