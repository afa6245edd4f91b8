-- name: identity_known
SELECT viewer_id FROM identity WHERE provider = $1 AND subject = $2;

-- name: identity_living
SELECT i.viewer_id FROM identity i JOIN viewer v ON v.id = i.viewer_id
 WHERE i.provider = $1 AND i.subject = $2 AND v.deleted_at IS NULL;

-- name: identity_mailbox
-- The account for which we proved this address; nobody who works in a shop.
SELECT i.viewer_id FROM identity i JOIN viewer v ON v.id = i.viewer_id
 WHERE i.provider = 'email' AND i.subject = $1 AND i.email_verified = 1 AND v.deleted_at IS NULL
   AND NOT EXISTS (SELECT 1 FROM staff t WHERE t.viewer_id = v.id)
   AND (SELECT COUNT(*) FROM identity o WHERE o.viewer_id = v.id) < $2;

-- name: identity_account
SELECT id FROM viewer WHERE id = $1 AND kind = 'account' AND deleted_at IS NULL;

-- name: viewer_add
INSERT INTO viewer (id, public_id, kind, display_name, lang, market, created_at)
VALUES ($1, $2, 'account', $3, $4, $5, $6);

-- name: identity_add
-- No row: the account has as many as it may.
INSERT INTO identity (provider, subject, viewer_id, created_at, public_id, email, email_verified,
                      name, last_used_at)
SELECT $1, $2, v.id, $3, $4, $5, $6, $7, $3 FROM viewer v
 WHERE v.id = $8 AND (SELECT COUNT(*) FROM identity o WHERE o.viewer_id = v.id) < $9
RETURNING viewer_id;

-- name: identity_used
UPDATE identity SET last_used_at = $1, email = $2, email_verified = $3, name = $4
 WHERE provider = $5 AND subject = $6;

-- name: identity_of_viewer
SELECT public_id, provider, subject, email, email_verified = 1, name, created_at, last_used_at
  FROM identity WHERE viewer_id = $1
 ORDER BY created_at, public_id LIMIT $2;

-- name: identity_get
SELECT provider, subject, token_sealed FROM identity WHERE viewer_id = $1 AND public_id = $2;

-- name: identity_other_ways
-- An address is a way in with a password, or when a code can be sent to it.
SELECT COUNT(*) FROM identity i
 WHERE i.viewer_id = $1 AND i.public_id <> $2
   AND (i.provider <> 'email' OR i.email_verified = 1
        OR EXISTS (SELECT 1 FROM password p WHERE p.viewer_id = i.viewer_id));

-- name: identity_delete
DELETE FROM identity WHERE viewer_id = $1 AND public_id = $2;

-- name: identity_password
SELECT viewer_id FROM password WHERE viewer_id = $1;

-- name: identity_password_drop
DELETE FROM password WHERE viewer_id = $1;

-- name: identity_end_sessions
DELETE FROM session WHERE viewer_id = $1 AND provider = $2;

-- name: identity_end_other_sessions
DELETE FROM session WHERE viewer_id = $1 AND provider = $2 AND token_hash <> $3;

-- name: identity_forget
UPDATE identity SET email = NULL, email_verified = 0, name = NULL, token_sealed = NULL
 WHERE provider = $1 AND subject = $2
RETURNING viewer_id;

-- name: identity_set_token
UPDATE identity SET token_sealed = $1 WHERE provider = $2 AND subject = $3;

-- name: identity_get_token
SELECT token_sealed FROM identity WHERE provider = $1 AND subject = $2;
