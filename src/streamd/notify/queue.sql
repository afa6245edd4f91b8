-- name: delivery_waiting
SELECT count(*) FROM delivery WHERE state = 'waiting';

-- name: delivery_add
INSERT INTO delivery (lane, destination, event, body, created_at, next_at, state)
VALUES ($1, $2, $3, $4, $5, $5, 'waiting');

-- name: delivery_due
-- The first of each lane only: order is kept inside a lane. Of them, so many of each receiver, those
-- that wait longest: one with a thousand lanes does not stand before the others.
SELECT id, lane, destination, event, attempts
  FROM (SELECT d.id, d.lane, d.destination, d.event, d.attempts, d.next_at,
               row_number() OVER (PARTITION BY d.destination ORDER BY d.next_at, d.id) AS place
          FROM delivery AS d
          JOIN (SELECT min(id) AS id FROM delivery WHERE state = 'waiting' GROUP BY lane) AS f
            ON f.id = d.id
         WHERE d.next_at <= $1) AS due
 WHERE place <= $2 ORDER BY next_at, id LIMIT $3;

-- name: delivery_body
-- As it was found: nobody has sent it meanwhile.
SELECT body FROM delivery WHERE id = $1 AND attempts = $2 AND state = 'waiting';

-- name: delivery_ended
UPDATE delivery SET state = $1, ended_at = $2, answer = $3, attempts = attempts + 1
 WHERE id = $4 AND state = 'waiting';

-- name: delivery_again
UPDATE delivery SET next_at = $1, answer = $2, attempts = attempts + 1
 WHERE id = $3 AND state = 'waiting';

-- name: delivery_cancel
-- Its receiver is no more.
DELETE FROM delivery WHERE destination = $1 AND state = 'waiting';

-- name: delivery_sweep
DELETE FROM delivery WHERE state <> 'waiting' AND ended_at < $1;

-- name: webhook_get
SELECT url, secret, modified_at FROM webhook WHERE id = 1;

-- name: webhook_put
INSERT INTO webhook (id, url, secret, modified_at) VALUES (1, $1, $2, $3)
ON CONFLICT (id) DO UPDATE SET
    secret = CASE WHEN webhook.url = excluded.url THEN webhook.secret ELSE excluded.secret END,
    url = excluded.url, modified_at = excluded.modified_at;

-- name: webhook_drop
DELETE FROM webhook;

-- name: receiver_get
SELECT url, secret FROM destination WHERE uid = $1;

-- name: receiver_ok
UPDATE destination SET last_success_at = $1 WHERE uid = $2;

-- name: receiver_bad
UPDATE destination SET last_failure_at = $1 WHERE uid = $2;
