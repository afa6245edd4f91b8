-- What shops set for payment methods.

-- name: pay_settings
SELECT method, COALESCE(active, -1), COALESCE(minutes, -1), COALESCE(min_amount, -1),
       COALESCE(max_amount, -1), COALESCE(for_deals, -1)
  FROM shop_pay_method WHERE shop_id = $1 AND market = $2 LIMIT 100;

-- name: pay_setting
SELECT COALESCE(active, -1), COALESCE(minutes, -1), COALESCE(min_amount, -1),
       COALESCE(max_amount, -1), COALESCE(for_deals, -1)
  FROM shop_pay_method WHERE shop_id = $1 AND market = $2 AND method = $3;

-- name: pay_setting_put
INSERT INTO shop_pay_method (shop_id, market, method, active, minutes, min_amount, max_amount,
                             for_deals)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (shop_id, market, method) DO UPDATE
   SET active = excluded.active, minutes = excluded.minutes, min_amount = excluded.min_amount,
       max_amount = excluded.max_amount, for_deals = excluded.for_deals;
