-- Secrets at rest: sealed with NM_SECRET_KEY, so the file alone gives nothing away.
CREATE TABLE secret (
    name TEXT PRIMARY KEY,
    sealed BLOB NOT NULL,
    previous BLOB,          -- the one before, still taken while a provider changes over
    changed_at BIGINT NOT NULL
);
