-- Providers who are still to be told. Who works on a row has its lease; what is then written is
-- guarded by it.

-- name: revoke_insert
INSERT INTO login_revoke (provider, subject, token_sealed, state, next_at, created_at)
VALUES ($1, $2, $3, 'due', $4, $4)
ON CONFLICT (provider, subject) DO UPDATE
   SET token_sealed = excluded.token_sealed, state = 'due', tries = 0, lease_until = 0,
       next_at = excluded.next_at, created_at = excluded.created_at, last_error = NULL;

-- name: revoke_all_of
INSERT INTO login_revoke (provider, subject, token_sealed, state, next_at, created_at)
SELECT i.provider, i.subject, i.token_sealed, 'due', $1, $1 FROM identity i
 WHERE i.viewer_id = $2 AND (i.token_sealed IS NOT NULL OR i.provider = 'facebook')
ON CONFLICT (provider, subject) DO UPDATE
   SET token_sealed = excluded.token_sealed, state = 'due', tries = 0, lease_until = 0,
       next_at = excluded.next_at, created_at = excluded.created_at, last_error = NULL;

-- name: revokes_due
SELECT provider, subject FROM login_revoke
 WHERE state = 'due' AND next_at <= $1 AND lease_until <= $1
 ORDER BY next_at, provider, subject LIMIT $2;

-- name: revoke_take
UPDATE login_revoke SET lease_until = $1, tries = tries + 1
 WHERE provider = $2 AND subject = $3 AND state = 'due' AND next_at <= $4 AND lease_until <= $4
RETURNING token_sealed, tries;

-- name: revoke_linked
-- They have come back: what they gave us then is not to be taken away.
SELECT viewer_id FROM identity WHERE provider = $1 AND subject = $2;

-- name: revoke_done
DELETE FROM login_revoke WHERE provider = $1 AND subject = $2 AND lease_until = $3;

-- name: revoke_later
UPDATE login_revoke SET lease_until = 0, next_at = $1, last_error = $2
 WHERE provider = $3 AND subject = $4 AND lease_until = $5;

-- name: revoke_give_up
UPDATE login_revoke SET state = 'given_up', token_sealed = NULL, subject = $1, lease_until = 0,
       next_at = $2, last_error = $3
 WHERE provider = $4 AND subject = $5 AND lease_until = $6;

-- name: revoke_sweep
DELETE FROM login_revoke WHERE state = 'given_up' AND subject IN
  (SELECT subject FROM login_revoke WHERE state = 'given_up' AND next_at <= $1 LIMIT $2);

-- name: revoke_numbers
SELECT state, count(*) FROM login_revoke GROUP BY state;
