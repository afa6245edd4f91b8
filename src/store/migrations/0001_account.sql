-- People, shops, staff, audit. Types are INTEGER (64 bits), TEXT and BLOB only; times are Unix ms.
-- STRICT makes SQLite hold to them as PostgreSQL does.

CREATE TABLE viewer (
    id INTEGER PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('guest', 'account')),
    display_name TEXT NOT NULL,
    lang TEXT NOT NULL,
    market TEXT NOT NULL DEFAULT 'TW',
    created_at INTEGER NOT NULL,
    deleted_at INTEGER
) STRICT;

-- provider 'email': subject is the address in lower case.
CREATE TABLE identity (
    provider TEXT NOT NULL,
    subject TEXT NOT NULL,
    viewer_id INTEGER NOT NULL REFERENCES viewer (id),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (provider, subject)
) STRICT;
CREATE INDEX identity_by_viewer ON identity (viewer_id);

CREATE TABLE password (
    viewer_id INTEGER PRIMARY KEY REFERENCES viewer (id),
    hash TEXT NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;

-- token_hash is the SHA-256 of the cookie: what is stored here opens nothing.
CREATE TABLE session (
    token_hash BLOB PRIMARY KEY NOT NULL,
    viewer_id INTEGER NOT NULL REFERENCES viewer (id),
    created_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX session_by_viewer ON session (viewer_id);
CREATE INDEX session_by_end ON session (expires_at);

CREATE TABLE shop (
    id INTEGER PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE staff (
    viewer_id INTEGER NOT NULL REFERENCES viewer (id),
    shop_id INTEGER NOT NULL REFERENCES shop (id),
    role TEXT NOT NULL CHECK (role IN ('owner', 'manager', 'host', 'moderator', 'packer')),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (viewer_id, shop_id)
) STRICT;
CREATE INDEX staff_by_shop ON staff (shop_id);

-- No reference to viewer: what somebody did outlives them.
CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    actor_id INTEGER,
    shop_id INTEGER REFERENCES shop (id),
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    before TEXT,
    after TEXT,
    addr TEXT,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX audit_by_shop ON audit (shop_id, id);
