-- Money through gateways. Types and times as in 0001.

-- idem: of the request that started it. details: JSON, what pages show and refunds need.
-- next_ask_at: when to ask the provider; moved ahead by who asks, so that two do not. returned_at:
-- the buyer's browser came back from the provider's pages.
-- settled: the shop had the cash (state settled) before it was paid back.
ALTER TABLE payment ADD COLUMN idem TEXT;
ALTER TABLE payment ADD COLUMN details TEXT;
ALTER TABLE payment ADD COLUMN fail_code TEXT;
ALTER TABLE payment ADD COLUMN started_at INTEGER;
ALTER TABLE payment ADD COLUMN paid_at INTEGER;
ALTER TABLE payment ADD COLUMN returned_at INTEGER;
ALTER TABLE payment ADD COLUMN next_ask_at INTEGER;
ALTER TABLE payment ADD COLUMN asks INTEGER NOT NULL DEFAULT 0;
ALTER TABLE payment ADD COLUMN simulated INTEGER NOT NULL DEFAULT 0;
ALTER TABLE payment ADD COLUMN settled INTEGER NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX payment_idem ON payment (order_id, idem);
CREATE INDEX payment_by_ask ON payment (next_ask_at) WHERE next_ask_at IS NOT NULL;
CREATE INDEX payment_by_end ON payment (expires_at)
    WHERE state = 'created' OR state = 'pending';

-- Every message of a provider, once, before or as it is acted on. body: as it came, without what
-- must not be kept. ref: the provider's number of what is to be fetched. payment_id: once it is known.
CREATE TABLE inbox (
    id INTEGER PRIMARY KEY,
    shop_id INTEGER NOT NULL REFERENCES shop (id),
    provider TEXT NOT NULL,
    event_key TEXT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    ref TEXT,
    payment_id INTEGER REFERENCES payment (id),
    state TEXT NOT NULL CHECK (state = 'new' OR state = 'done' OR state = 'ignored'
            OR state = 'failed'),
    tries INTEGER NOT NULL DEFAULT 0,
    next_at INTEGER,
    result TEXT,
    at INTEGER NOT NULL,
    handled_at INTEGER,
    UNIQUE (shop_id, provider, event_key)
) STRICT;
CREATE INDEX inbox_due ON inbox (next_at) WHERE state = 'new';
CREATE INDEX inbox_by_payment ON inbox (payment_id, id);

-- Keys of a shop at a provider ('ecpay', 'ecpay_logistics', 'ecpay_invoice', 'omise'), JSON sealed
-- with NM_SECRET_KEY. name: what may be shown of it (merchant id, public key).
CREATE TABLE gateway_account (
    shop_id INTEGER NOT NULL REFERENCES shop (id),
    provider TEXT NOT NULL,
    name TEXT NOT NULL,
    sealed BLOB NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (shop_id, provider)
) STRICT;

-- What a shop sets for a method in a market; NULL: as the program has it.
CREATE TABLE shop_pay_method (
    shop_id INTEGER NOT NULL REFERENCES shop (id),
    market TEXT NOT NULL,
    method TEXT NOT NULL,
    active INTEGER,
    minutes INTEGER,
    min_amount INTEGER,
    max_amount INTEGER,
    for_deals INTEGER,
    PRIMARY KEY (shop_id, market, method)
) STRICT;
