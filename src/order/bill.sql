-- Links to carts that were not paid after a show.

-- name: bill_carts
-- Open carts with something held from this show that have no bill yet.
SELECT DISTINCT c.id, c.shop_id, c.viewer_id
  FROM cart_line l JOIN cart c ON c.id = l.cart_id
 WHERE l.show_id = $1 AND l.state = 'held' AND c.state = 'open'
   AND NOT EXISTS (SELECT 1 FROM bill b WHERE b.show_id = $1 AND b.cart_id = c.id)
 ORDER BY c.id LIMIT $2;

-- name: bill_insert
INSERT INTO bill (id, public_id, shop_id, show_id, viewer_id, cart_id, secret, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (show_id, cart_id) DO NOTHING;

-- name: bills_of_show
SELECT b.public_id, b.secret, v.display_name, c.state, c.market, b.reminded,
       COALESCE(b.reminded_at, 0), COALESCE(b.opened_at, 0),
       (SELECT count(*) FROM cart_line l WHERE l.cart_id = c.id AND l.state = 'held'),
       CAST(COALESCE((SELECT sum(l.qty * l.unit_amount) FROM cart_line l
                       WHERE l.cart_id = c.id AND l.state = 'held'), 0) AS BIGINT),
       COALESCE((SELECT min(h.expires_at) FROM cart_line l JOIN hold h ON h.id = l.hold_id
                  WHERE l.cart_id = c.id AND l.state = 'held'), 0)
  FROM bill b JOIN cart c ON c.id = b.cart_id JOIN viewer v ON v.id = b.viewer_id
 WHERE b.show_id = $1 ORDER BY b.id LIMIT 1000;

-- name: bills_unpaid
SELECT b.id, b.public_id, b.viewer_id, COALESCE(b.reminded_at, 0)
  FROM bill b JOIN cart c ON c.id = b.cart_id
 WHERE b.show_id = $1 AND c.state = 'open'
   AND EXISTS (SELECT 1 FROM cart_line l WHERE l.cart_id = c.id AND l.state = 'held')
 ORDER BY b.id LIMIT 1000;

-- name: bill_reminded
UPDATE bill SET reminded = reminded + 1, reminded_at = $1
 WHERE id = $2 AND (reminded_at IS NULL OR reminded_at <= $3);

-- name: bill_by_public_id
SELECT b.id, b.secret, b.viewer_id, b.cart_id, COALESCE(b.opened_at, 0), s.public_id, c.public_id,
       c.state, c.market
  FROM bill b JOIN show s ON s.id = b.show_id JOIN cart c ON c.id = b.cart_id
 WHERE b.public_id = $1;

-- name: bill_opened
UPDATE bill SET opened_at = $1 WHERE id = $2 AND opened_at IS NULL;

-- name: bill_order
SELECT no, public_id FROM orders WHERE cart_id = $1;

-- name: bill_show
SELECT id, shop_id FROM show WHERE public_id = $1;
