-- Ways to a provider and back that are open. state and the browser's key are kept as SHA-256: who
-- reads this cannot answer in anybody's place. viewer_id does not hold a row back: it is read only
-- together with the session.
CREATE TABLE login_try (
    state_hash BLOB PRIMARY KEY NOT NULL,
    browser_hash BLOB NOT NULL,
    provider TEXT NOT NULL,
    purpose TEXT NOT NULL CHECK (purpose = 'enter' OR purpose = 'link' OR purpose = 'proof'),
    secrets_sealed BLOB NOT NULL, -- nonce and PKCE verifier
    next TEXT NOT NULL,
    viewer_id INTEGER,
    session_hash BLOB,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX login_try_by_browser ON login_try (browser_hash, created_at);
CREATE INDEX login_try_by_end ON login_try (expires_at);

-- What may be used once and has no try: an id_token of LIFF, a notice of Apple's (its jti).
CREATE TABLE login_nonce_seen (
    provider TEXT NOT NULL,
    hash BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (provider, hash)
) STRICT;
CREATE INDEX login_nonce_seen_by_end ON login_nonce_seen (expires_at);

-- Providers who are still to be told that somebody left. Told: the row goes. Given up: no token and
-- no subject is kept (its hash stands there), the row is a number for the operator.
CREATE TABLE login_revoke (
    provider TEXT NOT NULL,
    subject TEXT NOT NULL,
    token_sealed BLOB,
    state TEXT NOT NULL CHECK (state = 'due' OR state = 'given_up'),
    tries INTEGER NOT NULL DEFAULT 0,
    next_at INTEGER NOT NULL,
    lease_until INTEGER NOT NULL DEFAULT 0,
    last_error TEXT,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (provider, subject)
) STRICT;
CREATE INDEX login_revoke_due ON login_revoke (state, next_at);
