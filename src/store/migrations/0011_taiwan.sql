-- Pick-up at convenience stores and the e-invoice. Types and times as in 0001.

-- A store being chosen on the map: key goes there and comes back once. Of a cart or of an order,
-- bill: its public id when the cart was opened by its link. store_id NULL: not chosen yet.
CREATE TABLE cvs_pick (
    key TEXT PRIMARY KEY,
    shop_id INTEGER NOT NULL REFERENCES shop (id),
    viewer_id INTEGER NOT NULL,
    market TEXT,
    bill TEXT,
    order_id INTEGER REFERENCES orders (id),
    chain TEXT NOT NULL,
    store_id TEXT,
    store_name TEXT,
    store_address TEXT,
    expires_at INTEGER NOT NULL,
    picked_at INTEGER
) STRICT;
CREATE INDEX cvs_pick_by_end ON cvs_pick (expires_at);

-- Who sends, and by which contract with ECPay.
CREATE TABLE shop_shipping (
    shop_id INTEGER PRIMARY KEY REFERENCES shop (id),
    kind TEXT NOT NULL CHECK (kind = 'b2c' OR kind = 'c2c'),
    sender_name TEXT,
    sender_phone TEXT,
    changed_at INTEGER NOT NULL
) STRICT;

-- A parcel's pick-up order at ECPay. sent: it was asked for and the answer is not known; refused:
-- by ECPay, nothing was made; closed: its store is, and the buyer is to choose another.
-- trade_no: our MerchantTradeNo, a new one after each refusal. code, code_text, code_at: the last
-- notice of its way.
CREATE TABLE shipment (
    id INTEGER PRIMARY KEY,
    parcel_id INTEGER NOT NULL UNIQUE REFERENCES parcel (id),
    shop_id INTEGER NOT NULL REFERENCES shop (id),
    order_id INTEGER NOT NULL REFERENCES orders (id),
    state TEXT NOT NULL CHECK (state = 'queued' OR state = 'sent' OR state = 'made'
            OR state = 'refused' OR state = 'closed'),
    trade_no TEXT NOT NULL UNIQUE,
    sub_type TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    collect INTEGER NOT NULL,
    provider_id TEXT,
    payment_no TEXT,
    validation_no TEXT,
    code TEXT,
    code_text TEXT,
    code_at INTEGER,
    tries INTEGER NOT NULL DEFAULT 0,
    next_at INTEGER NOT NULL,
    lease_until INTEGER NOT NULL DEFAULT 0,
    problem TEXT,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX shipment_due ON shipment (next_at) WHERE state = 'queued' OR state = 'sent';
CREATE INDEX shipment_by_order ON shipment (order_id);
CREATE UNIQUE INDEX shipment_by_provider ON shipment (shop_id, provider_id)
    WHERE provider_id IS NOT NULL;

-- The e-invoice of an order. kind and what belongs to it are read from orders.invoice. none: not due
-- yet (cash on delivery that was not sent). undo: the order does not stand any more, so it is to be
-- voided. allowed: sum of its allowances, asked for or made. asked: a call for it was sent, and
-- nothing may be sent again before it was looked up. date: Taipei, as ECPay says it.
CREATE TABLE invoice (
    id INTEGER PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    order_id INTEGER NOT NULL UNIQUE REFERENCES orders (id),
    shop_id INTEGER NOT NULL REFERENCES shop (id),
    state TEXT NOT NULL CHECK (state = 'none' OR state = 'queued' OR state = 'issued'
            OR state = 'void' OR state = 'allowance' OR state = 'error'),
    relate_no TEXT NOT NULL UNIQUE,
    amount INTEGER NOT NULL CHECK (amount > 0),
    number TEXT,
    random TEXT,
    date TEXT,
    issued_at INTEGER,
    undo INTEGER NOT NULL DEFAULT 0,
    allowed INTEGER NOT NULL DEFAULT 0,
    asked INTEGER NOT NULL DEFAULT 0,
    tries INTEGER NOT NULL DEFAULT 0,
    next_at INTEGER,
    lease_until INTEGER NOT NULL DEFAULT 0,
    problem TEXT,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    CHECK (0 <= allowed AND allowed <= amount)
) STRICT;
CREATE INDEX invoice_due ON invoice (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX invoice_by_shop ON invoice (shop_id, id);

-- items: JSON, the lines as they are sent. asked as above.
CREATE TABLE invoice_allowance (
    id INTEGER PRIMARY KEY,
    invoice_id INTEGER NOT NULL REFERENCES invoice (id),
    state TEXT NOT NULL CHECK (state = 'queued' OR state = 'issued' OR state = 'error'),
    amount INTEGER NOT NULL CHECK (amount > 0),
    items TEXT NOT NULL,
    number TEXT,
    asked INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX invoice_allowance_by_invoice ON invoice_allowance (invoice_id, id);

-- invoiced: the invoice has heard of this refund. qty_allowed: units that allowances had.
ALTER TABLE refund ADD COLUMN invoiced INTEGER NOT NULL DEFAULT 0;
CREATE INDEX refund_for_invoice ON refund (id) WHERE invoiced = 0;
ALTER TABLE order_line ADD COLUMN qty_allowed INTEGER NOT NULL DEFAULT 0;
