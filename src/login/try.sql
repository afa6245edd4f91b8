-- name: try_insert
INSERT INTO login_try (state_hash, browser_hash, provider, purpose, secrets_sealed, next, viewer_id,
                       session_hash, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: try_drop_oldest
-- All but the $2 + 1 newest of a browser.
DELETE FROM login_try
 WHERE browser_hash = $1
   AND created_at < (SELECT created_at FROM login_try t WHERE t.browser_hash = $1
                      ORDER BY created_at DESC LIMIT 1 OFFSET $2);

-- name: try_take
-- Used once: whoever takes it has it, and it is gone.
DELETE FROM login_try WHERE state_hash = $1
RETURNING browser_hash, provider, purpose, secrets_sealed, next, viewer_id, session_hash,
          created_at, expires_at;

-- name: try_sweep
DELETE FROM login_try
 WHERE state_hash IN (SELECT state_hash FROM login_try WHERE expires_at <= $1
                       ORDER BY expires_at LIMIT $2);

-- name: once_insert
INSERT INTO login_nonce_seen (provider, hash, expires_at) VALUES ($1, $2, $3)
ON CONFLICT (provider, hash) DO NOTHING;

-- name: once_sweep
DELETE FROM login_nonce_seen
 WHERE hash IN (SELECT hash FROM login_nonce_seen WHERE expires_at <= $1
                 ORDER BY expires_at LIMIT $2)
   AND expires_at <= $1;
