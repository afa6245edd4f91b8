-- name: code_owner
-- Whose address it is; a deleted account's is nobody's.
SELECT i.viewer_id FROM identity i JOIN viewer v ON v.id = i.viewer_id
 WHERE i.provider = 'email' AND i.subject = $1 AND v.deleted_at IS NULL;

-- name: code_put
-- No row: too soon.
INSERT INTO mail_code (purpose, key, viewer_id, email, code_hash, tries, sent_n, sent_at, window_at,
                       expires_at)
VALUES ($1, $2, $3, $4, $5, 0, 1, $6, $6, $7)
ON CONFLICT (purpose, key) DO UPDATE
   SET viewer_id = excluded.viewer_id, email = excluded.email, code_hash = excluded.code_hash,
       tries = 0, sent_at = excluded.sent_at, expires_at = excluded.expires_at,
       sent_n = CASE WHEN mail_code.window_at <= $8 THEN 1 ELSE mail_code.sent_n + 1 END,
       window_at = CASE WHEN mail_code.window_at <= $8 THEN excluded.window_at
                        ELSE mail_code.window_at END
 WHERE mail_code.sent_at <= $9 AND (mail_code.window_at <= $8 OR mail_code.sent_n < $10)
RETURNING viewer_id;

-- name: code_mails
-- To this address since then, for whomever.
SELECT CAST(COALESCE(SUM(sent_n), 0) AS BIGINT) FROM mail_code
 WHERE email = $1 AND purpose = 'email' AND sent_at > $2;

-- name: code_pace
SELECT sent_n, sent_at, window_at FROM mail_code WHERE purpose = $1 AND key = $2;

-- name: code_try
-- The try is counted before anything is compared. No row: none under way, over, or all used up.
UPDATE mail_code SET tries = tries + 1
 WHERE purpose = $1 AND key = $2 AND expires_at > $3 AND tries < $4
RETURNING code_hash, email, viewer_id;

-- name: code_use
DELETE FROM mail_code WHERE purpose = $1 AND key = $2 AND code_hash = $3 RETURNING viewer_id;

-- name: code_sweep
DELETE FROM mail_code
 WHERE window_at <= $1 AND expires_at <= $1
   AND key IN (SELECT key FROM mail_code WHERE window_at <= $1 AND expires_at <= $1
                ORDER BY window_at LIMIT $2);

-- name: email_claim
-- Who has this address, whether it was proved, whether they work in a shop.
SELECT i.viewer_id, i.email_verified = 1,
       EXISTS (SELECT 1 FROM staff t WHERE t.viewer_id = i.viewer_id)
  FROM identity i WHERE i.provider = 'email' AND i.subject = $1;

-- name: email_lose
DELETE FROM identity WHERE provider = 'email' AND viewer_id = $1;

-- name: email_prove
UPDATE identity SET email_verified = 1 WHERE provider = 'email' AND subject = $1 AND viewer_id = $2;

-- name: password_drop
DELETE FROM password WHERE viewer_id = $1;

-- name: session_drop_provider
DELETE FROM session WHERE viewer_id = $1 AND provider = $2;

-- name: identity_drop_others
-- Every way in but the address.
DELETE FROM identity WHERE viewer_id = $1 AND provider <> 'email';

-- name: email_add
-- No row: the account has as many ways in as it may.
INSERT INTO identity (provider, subject, viewer_id, created_at, public_id, email, email_verified,
                      last_used_at)
SELECT 'email', $1, v.id, $2, $3, $1, 1, $2 FROM viewer v
 WHERE v.id = $4 AND v.deleted_at IS NULL
   AND (SELECT COUNT(*) FROM identity o WHERE o.viewer_id = v.id) < $5
RETURNING viewer_id;

-- name: codes_forget
DELETE FROM mail_code WHERE viewer_id = $1;
