-- name: review_insert
INSERT INTO review (id, public_id, show_id, message_id, viewer_id, items, state, at)
VALUES ($1, $2, $3, $4, $5, $6, 'open', $7) ON CONFLICT DO NOTHING;

-- name: review_open
SELECT r.public_id, r.items, r.at, m.public_id, m.name, m.text, m.at
  FROM review r JOIN message m ON m.id = r.message_id
 WHERE r.show_id = $1 AND r.state = 'open' AND m.state = 'shown' ORDER BY r.id LIMIT 100;

-- name: review_by_public_id
SELECT r.id, r.show_id, r.message_id, r.viewer_id, r.items, r.state, m.public_id
  FROM review r JOIN message m ON m.id = r.message_id WHERE r.public_id = $1;

-- name: review_decide
UPDATE review SET state = $1, by_id = $2 WHERE id = $3 AND state = 'open';
