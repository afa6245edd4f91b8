-- What an erasure does at once. $1 is the person, unless it says otherwise.

-- name: erase_known
-- 1: somebody who has been erased, or is being.
SELECT CASE WHEN deleted_at IS NULL THEN 0 ELSE 1 END, public_id FROM viewer WHERE id = $1;

-- name: erase_code
SELECT code FROM privacy_request WHERE viewer_id = $1 AND kind = 'erase' ORDER BY id LIMIT 1;

-- name: erase_alone
-- Shops that would be without an owner.
SELECT s.slug, s.name FROM staff t JOIN shop s ON s.id = t.shop_id
 WHERE t.viewer_id = $1 AND t.role = 'owner'
   AND NOT EXISTS (SELECT 1 FROM staff o
                    WHERE o.shop_id = t.shop_id AND o.role = 'owner' AND o.viewer_id <> t.viewer_id)
 ORDER BY s.id LIMIT 50;

-- name: erase_session_hashes
SELECT token_hash FROM session WHERE viewer_id = $1 ORDER BY seen_at DESC LIMIT $2;

-- name: erase_session
DELETE FROM session WHERE viewer_id = $1;

-- name: erase_password
DELETE FROM password WHERE viewer_id = $1;

-- name: erase_identity
DELETE FROM identity WHERE viewer_id = $1;

-- name: erase_mail_code
DELETE FROM mail_code WHERE viewer_id = $1;

-- name: erase_login_try
DELETE FROM login_try WHERE viewer_id = $1;

-- name: erase_handover
DELETE FROM handover WHERE viewer_id = $1;

-- name: erase_handover_by
-- $1: the person's public id.
DELETE FROM handover WHERE owner = $1;

-- name: erase_staff
DELETE FROM staff WHERE viewer_id = $1;

-- name: erase_address
DELETE FROM address WHERE viewer_id = $1;

-- name: erase_cvs_pick
DELETE FROM cvs_pick WHERE viewer_id = $1;

-- name: erase_reminder
DELETE FROM reminder WHERE viewer_id = $1;

-- name: erase_outbox_email
-- Codes go to an address, not to a person.
DELETE FROM outbox
 WHERE state = 'queued'
   AND email IN (SELECT i.subject FROM identity i WHERE i.viewer_id = $1 AND i.provider = 'email');

-- name: erase_buyer_stat
DELETE FROM buyer_stat WHERE viewer_id = $1;

-- name: erase_export_chunk
DELETE FROM export_chunk
 WHERE request_id IN (SELECT f.request_id FROM export_file f WHERE f.viewer_id = $1);

-- name: erase_export_file
DELETE FROM export_file WHERE viewer_id = $1;

-- name: erase_export_running
UPDATE privacy_request SET state = 'failed', done_at = $1
 WHERE viewer_id = $2 AND kind = 'export' AND state = 'running';

-- name: erase_viewer
UPDATE viewer SET display_name = $1, public_id = $2, deleted_at = $3
 WHERE id = $4 AND deleted_at IS NULL;

-- name: erase_request
INSERT INTO privacy_request (id, code, kind, viewer_id, source, state, at)
VALUES ($1, $2, 'erase', $3, $4, 'running', $5);

-- name: erase_request_nobody
INSERT INTO privacy_request (id, code, kind, source, state, at, done_at)
VALUES ($1, $2, 'erase', $3, 'done', $4, $4);
