-- Ways in, sessions with their story, codes sent by mail, the link out of an in-app browser.

-- device: "Chrome · Android", what the person reads in the list. provider: how it began: 'guest',
-- 'email' (password or code) or the name of a login provider. auth_at: when the person last proved
-- who they are; 0: never.
ALTER TABLE session ADD COLUMN public_id TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN device TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN provider TEXT NOT NULL DEFAULT 'guest';
ALTER TABLE session ADD COLUMN auth_at INTEGER NOT NULL DEFAULT 0;
UPDATE session
   SET public_id = 'ses_' || CAST(viewer_id AS TEXT) || '_' || CAST(created_at AS TEXT);

-- email, email_verified, name: what the provider said last; for provider 'email' the address as it
-- was typed, and whether a code that was sent there came back. created_at: when it was linked.
-- token_sealed: the provider's refresh token, sealed by NM_SECRET_KEY, to let go of it one day.
ALTER TABLE identity ADD COLUMN public_id TEXT NOT NULL DEFAULT '';
ALTER TABLE identity ADD COLUMN email TEXT;
ALTER TABLE identity ADD COLUMN email_verified INTEGER NOT NULL DEFAULT 0
    CHECK (email_verified = 0 OR email_verified = 1);
ALTER TABLE identity ADD COLUMN name TEXT;
ALTER TABLE identity ADD COLUMN last_used_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE identity ADD COLUMN token_sealed BLOB;
UPDATE identity
   SET public_id = 'idn_' || CAST(viewer_id AS TEXT), email = subject, last_used_at = created_at;
CREATE UNIQUE INDEX identity_public ON identity (public_id);

-- A code that was sent to an address, by HMAC: what is stored here opens nothing. key: for purpose
-- 'email' whose address it is to become (the viewer's id), for 'password' the address. viewer_id 0:
-- nobody has that address; nothing was sent, and it looks the same from outside. sent_n: mails
-- since window_at.
CREATE TABLE mail_code (
    purpose TEXT NOT NULL CHECK (purpose = 'email' OR purpose = 'password'),
    key TEXT NOT NULL,
    viewer_id INTEGER NOT NULL,
    email TEXT NOT NULL,
    code_hash BLOB NOT NULL,
    tries INTEGER NOT NULL,
    sent_n INTEGER NOT NULL,
    sent_at INTEGER NOT NULL,
    window_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (purpose, key)
) STRICT;
CREATE INDEX mail_code_by_end ON mail_code (window_at);
CREATE INDEX mail_code_by_viewer ON mail_code (viewer_id);
CREATE INDEX mail_code_by_email ON mail_code (email);

-- A link that takes a person's place into another browser, once. owner: public id of the viewer or
-- of the device that made it. viewer_id: the guest who comes along; NULL: only path and draft do.
CREATE TABLE handover (
    token_hash BLOB PRIMARY KEY NOT NULL,
    owner TEXT NOT NULL,
    viewer_id INTEGER REFERENCES viewer (id) ON DELETE SET NULL,
    path TEXT NOT NULL,
    draft TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX handover_by_owner ON handover (owner, created_at);
CREATE INDEX handover_by_viewer ON handover (viewer_id);
CREATE INDEX handover_by_end ON handover (expires_at);

-- Whose words they are follows the person when a guest signs in.
CREATE INDEX event_by_writer ON event (viewer_id) WHERE type = 'chat.message';
