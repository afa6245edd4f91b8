-- name: destination_list
SELECT uid, name, url, created_at, last_success_at, last_failure_at
  FROM destination ORDER BY created_at DESC, id DESC LIMIT $1;

-- name: destination_get
SELECT uid, name, url, created_at, last_success_at, last_failure_at
  FROM destination WHERE uid = $1;

-- name: destination_count
SELECT count(*) FROM destination;

-- name: destination_add
INSERT INTO destination (uid, name, url, secret, created_at, last_success_at)
VALUES ($1, $2, $3, $4, $5, $5);

-- name: destination_put
UPDATE destination SET name = $1, url = $2, secret = $3, last_success_at = $4
 WHERE uid = $5;

-- name: destination_drop
DELETE FROM destination WHERE uid = $1;

-- name: policy_list
SELECT uid, name, description, enabled, alert_type, mechanisms, filters, created_at, modified_at
  FROM policy ORDER BY created_at DESC, id DESC LIMIT $1;

-- name: policy_get
SELECT uid, name, description, enabled, alert_type, mechanisms, filters, created_at, modified_at
  FROM policy WHERE uid = $1;

-- name: policy_count
SELECT count(*) FROM policy;

-- name: policy_add
INSERT INTO policy (uid, name, description, enabled, alert_type, mechanisms, filters, created_at,
                    modified_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8);

-- name: policy_put
UPDATE policy SET name = $1, description = $2, enabled = $3, alert_type = $4, mechanisms = $5,
                  filters = $6, modified_at = $7
 WHERE uid = $8;

-- name: policy_drop
DELETE FROM policy WHERE uid = $1;

-- name: policy_live
SELECT uid, name, mechanisms, filters FROM policy
 WHERE enabled = 1 AND alert_type = 'stream_live_notifications' ORDER BY id LIMIT $1;

-- name: destination_known
SELECT id FROM destination WHERE uid = $1;
