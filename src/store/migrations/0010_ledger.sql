-- Money that moved, written once and never changed: no statement of the program updates or deletes a
-- row of money_entry. A movement is two lines of one shop and number, which sum to 0. chain: SHA-256
-- over the movement and the chain of the shop's movement before it.
CREATE TABLE money_entry (
    shop_id INTEGER NOT NULL REFERENCES shop (id),
    no INTEGER NOT NULL,
    line INTEGER NOT NULL CHECK (line = 1 OR line = 2),
    account TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount <> 0),
    currency TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind = 'paid' OR kind = 'paid_late' OR kind = 'orphan_double'
            OR kind = 'orphan_late' OR kind = 'orphan_cancelled' OR kind = 'orphan_amount'
            OR kind = 'refund_queued' OR kind = 'refund_failed' OR kind = 'refund_done'
            OR kind = 'cod_collected' OR kind = 'cod_settled'),
    order_id INTEGER NOT NULL REFERENCES orders (id),
    payment_id INTEGER NOT NULL REFERENCES payment (id),
    refund_id INTEGER REFERENCES refund (id),
    at INTEGER NOT NULL,
    chain BLOB NOT NULL,
    PRIMARY KEY (shop_id, no, line)
) STRICT;
CREATE INDEX money_entry_by_payment ON money_entry (payment_id);
CREATE INDEX money_entry_by_refund ON money_entry (refund_id);
CREATE INDEX money_entry_by_time ON money_entry (shop_id, at);
-- A payment's money comes in once, however it is told.
CREATE UNIQUE INDEX money_entry_once ON money_entry (payment_id, line)
    WHERE refund_id IS NULL AND kind <> 'cod_settled';

-- The last movement of each shop.
CREATE TABLE money_head (
    shop_id INTEGER PRIMARY KEY REFERENCES shop (id),
    last_no INTEGER NOT NULL,
    chain BLOB NOT NULL
) STRICT;

-- A refund on its way. manual: a person pays it back. next_at: when the runner looks at it again;
-- lease_until: another runner has it. tries: calls that were made for it; asks: how often an unclear
-- one was asked about. sent_at: before the last call.
ALTER TABLE refund ADD COLUMN manual INTEGER NOT NULL DEFAULT 0;
ALTER TABLE refund ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE refund ADD COLUMN asks INTEGER NOT NULL DEFAULT 0;
ALTER TABLE refund ADD COLUMN next_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE refund ADD COLUMN lease_until INTEGER NOT NULL DEFAULT 0;
ALTER TABLE refund ADD COLUMN sent_at INTEGER;
ALTER TABLE refund ADD COLUMN done_at INTEGER;
ALTER TABLE refund ADD COLUMN provider_ref TEXT;
ALTER TABLE refund ADD COLUMN fail_code TEXT;
CREATE INDEX refund_to_run ON refund (next_at) WHERE state = 'queued' OR state = 'sent';
CREATE INDEX refund_by_state ON refund (state, id);
CREATE INDEX payment_by_state ON payment (state, id);
