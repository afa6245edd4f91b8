-- name: viewer_insert
INSERT INTO viewer (id, public_id, kind, display_name, lang, market, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: viewer_get
SELECT id, public_id, kind = 'account', display_name, lang, market, created_at
  FROM viewer WHERE id = $1 AND deleted_at IS NULL;

-- name: viewer_get_public
SELECT id, public_id, kind = 'account', display_name, lang, market, created_at
  FROM viewer WHERE public_id = $1 AND deleted_at IS NULL;

-- name: viewer_get_email
SELECT v.id, v.public_id, v.kind = 'account', v.display_name, v.lang, v.market, v.created_at
  FROM identity i JOIN viewer v ON v.id = i.viewer_id
 WHERE i.provider = 'email' AND i.subject = $1 AND v.deleted_at IS NULL;

-- name: viewer_set_name
UPDATE viewer SET display_name = $1 WHERE id = $2 AND deleted_at IS NULL;

-- name: viewer_set_lang
UPDATE viewer SET lang = $1 WHERE id = $2 AND deleted_at IS NULL;

-- name: viewer_set_market
UPDATE viewer SET market = $1 WHERE id = $2 AND deleted_at IS NULL;

-- name: email_known
SELECT viewer_id FROM identity WHERE provider = 'email' AND subject = $1;

-- name: email_of_viewer
SELECT subject, email_verified = 1 FROM identity WHERE viewer_id = $1 AND provider = 'email';

-- name: mailbox_of_viewer
-- What a code proved, then what a provider vouches for, then what was typed.
SELECT email, email_verified = 1 FROM identity
 WHERE viewer_id = $1 AND email IS NOT NULL
 ORDER BY email_verified DESC, CASE provider WHEN 'email' THEN 0 ELSE 1 END, created_at
 LIMIT 1;

-- name: identity_insert
INSERT INTO identity (provider, subject, viewer_id, created_at, public_id, email, email_verified,
                      name, last_used_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $4);

-- name: codes_drop
DELETE FROM mail_code WHERE viewer_id = $1;

-- name: password_set
INSERT INTO password (viewer_id, hash, changed_at)
SELECT id, $1, $2 FROM viewer WHERE id = $3 AND kind = 'account' AND deleted_at IS NULL
ON CONFLICT (viewer_id) DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at;

-- name: password_get
SELECT p.viewer_id, p.hash
  FROM identity i
  JOIN viewer v ON v.id = i.viewer_id
  JOIN password p ON p.viewer_id = v.id
 WHERE i.provider = 'email' AND i.subject = $1 AND v.deleted_at IS NULL;

-- name: password_of
SELECT hash FROM password WHERE viewer_id = $1;

-- name: password_is
-- Nobody changed it between the reading and the session.
SELECT viewer_id FROM password WHERE viewer_id = $1 AND hash = $2;
