-- Carts as checkout finds them, and what a confirm page shows beside the lines.

-- name: quote_cart
SELECT id, public_id, viewer_id, shop_id, market, COALESCE(coupon_id, 0), state
  FROM cart WHERE public_id = $1;

-- name: quote_cart_of_bill
SELECT c.id, c.public_id, c.viewer_id, c.shop_id, c.market, COALESCE(c.coupon_id, 0), c.state,
       b.secret
  FROM bill b JOIN cart c ON c.id = b.cart_id WHERE b.public_id = $1;

-- name: quote_uncollected
SELECT uncollected FROM buyer_stat WHERE viewer_id = $1 AND shop_id = $2;

-- name: quote_addresses
SELECT data FROM address WHERE viewer_id = $1 AND market = $2 ORDER BY used_at DESC LIMIT 5;

-- name: quote_withdrawn
SELECT count(*) FROM variant v JOIN product p ON p.id = v.product_id
 WHERE v.id = $1 AND (p.status <> 'active' OR v.active = 0);
