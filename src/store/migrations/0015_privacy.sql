-- What people agreed to, legal texts, exports and erasures. Types and times as in 0001.

-- A row is written once: agreeing and taking it back are a row each, the last one counts. shop_id:
-- whose texts they were; NULL: of the whole site. ref: the order. source: 'checkout', 'signup',
-- 'settings'.
ALTER TABLE consent ADD COLUMN granted INTEGER NOT NULL DEFAULT 1;
ALTER TABLE consent ADD COLUMN source TEXT NOT NULL DEFAULT 'checkout';
ALTER TABLE consent ADD COLUMN shop_id INTEGER REFERENCES shop (id);
ALTER TABLE consent ADD COLUMN lang TEXT;
CREATE INDEX consent_by_shop ON consent (shop_id, id);

-- A shop's own words. version counts within the shop's document, over all its languages: a text
-- holds from its version on, until its language has a later one. 0: a draft, one a language.
CREATE TABLE legal_text (
    shop_id INTEGER NOT NULL REFERENCES shop (id),
    doc TEXT NOT NULL CHECK (doc = 'terms' OR doc = 'privacy' OR doc = 'returns'
            OR doc = 'imprint'),
    lang TEXT NOT NULL,
    version INTEGER NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    by_id INTEGER,
    at INTEGER NOT NULL,
    PRIMARY KEY (shop_id, doc, version, lang)
) STRICT;

-- What a person asked for. viewer_id NULL: a provider asked for somebody of whom we have nothing.
-- code: opens the page of its state to whoever has it. source: 'self',
-- 'facebook', 'apple', 'sweep' (a guest who was long gone). step: of an erasure, how many of its
-- steps are done; after: how far the present one is. again: the steps are gone through once more,
-- for what a request wrote that was under way when it began.
CREATE TABLE privacy_request (
    id INTEGER PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind = 'export' OR kind = 'erase'),
    viewer_id INTEGER REFERENCES viewer (id),
    source TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state = 'running' OR state = 'done' OR state = 'failed'),
    step INTEGER NOT NULL DEFAULT 0,
    after INTEGER NOT NULL DEFAULT 0,
    tries INTEGER NOT NULL DEFAULT 0,
    next_at INTEGER NOT NULL DEFAULT 0,
    lease_until INTEGER NOT NULL DEFAULT 0,
    again INTEGER NOT NULL DEFAULT 0,
    at INTEGER NOT NULL,
    done_at INTEGER
) STRICT;
CREATE INDEX privacy_request_by_viewer ON privacy_request (viewer_id, kind, id);
CREATE INDEX privacy_request_due ON privacy_request (next_at) WHERE state = 'running' OR again = 1;

-- The file of an export; its bytes lie in export_chunk until expires_at.
CREATE TABLE export_file (
    request_id INTEGER PRIMARY KEY REFERENCES privacy_request (id),
    public_id TEXT NOT NULL UNIQUE,
    viewer_id INTEGER NOT NULL REFERENCES viewer (id),
    lang TEXT NOT NULL,
    bytes INTEGER NOT NULL DEFAULT 0,
    ready_at INTEGER,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX export_file_by_viewer ON export_file (viewer_id);
CREATE INDEX export_file_by_end ON export_file (expires_at);

CREATE TABLE export_chunk (
    request_id INTEGER NOT NULL REFERENCES export_file (request_id),
    n INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (request_id, n)
) STRICT;

-- When the personal fields of an erased person's order go: once nothing is open about it.
ALTER TABLE orders ADD COLUMN forget_at INTEGER;
CREATE INDEX orders_to_forget ON orders (forget_at) WHERE forget_at IS NOT NULL;

-- A shop's own notes of incidents with personal data.
CREATE TABLE breach_note (
    id INTEGER PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    shop_id INTEGER NOT NULL REFERENCES shop (id),
    by_id INTEGER,
    found_at INTEGER NOT NULL,
    what TEXT NOT NULL,
    people INTEGER,
    told_at INTEGER,
    closed_at INTEGER,
    at INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX breach_note_by_shop ON breach_note (shop_id, id);

-- Shows whose chat and events were dropped, so that they are not looked at again.
ALTER TABLE show ADD COLUMN forgotten_at INTEGER;
CREATE INDEX show_to_forget ON show (ended_at) WHERE forgotten_at IS NULL AND ended_at IS NOT NULL;

-- The event that told of a message again after it was hidden; seq stays the first one's.
ALTER TABLE message ADD COLUMN told_seq INTEGER;

-- Rows whose time passes are found by it.
CREATE INDEX inbox_by_time ON inbox (at) WHERE body <> '';
CREATE INDEX audit_by_addr ON audit (at) WHERE addr IS NOT NULL;
CREATE INDEX address_by_use ON address (used_at);

-- Whom people write to about their data, in the shop's own words.
ALTER TABLE shop ADD COLUMN privacy_contact TEXT;
