-- name: shop_market_get
SELECT active, ship_home, ship_cvs IS NOT NULL, ship_cvs, free_over IS NOT NULL, free_over, cod,
       version
  FROM shop_market WHERE shop_id = $1 AND market = $2;

-- name: shop_market_first
-- No row: it is there already.
INSERT INTO shop_market (shop_id, market, active, ship_home, ship_cvs, free_over, cod, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, 1)
ON CONFLICT (shop_id, market) DO NOTHING;

-- name: shop_market_edit
UPDATE shop_market
   SET active = $1, ship_home = $2, ship_cvs = $3, free_over = $4, cod = $5, version = version + 1
 WHERE shop_id = $6 AND market = $7 AND version = $8;
