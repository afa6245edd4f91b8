-- Keys of shops at their providers, sealed.

-- name: account_first_shop
SELECT id FROM shop ORDER BY id LIMIT 1;

-- name: account_get
SELECT name, sealed, changed_at FROM gateway_account WHERE shop_id = $1 AND provider = $2;

-- name: account_put
INSERT INTO gateway_account (shop_id, provider, name, sealed, changed_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (shop_id, provider) DO UPDATE
   SET name = excluded.name, sealed = excluded.sealed,
       changed_at = CASE WHEN excluded.changed_at > gateway_account.changed_at
                         THEN excluded.changed_at ELSE gateway_account.changed_at + 1 END;

-- name: account_drop
DELETE FROM gateway_account WHERE shop_id = $1 AND provider = $2;

-- name: account_list
SELECT shop_id, provider, changed_at FROM gateway_account ORDER BY shop_id, provider LIMIT 500;

-- name: account_in_use
SELECT (SELECT count(*) FROM payment p JOIN orders o ON o.id = p.order_id
         WHERE o.shop_id = $1 AND p.provider = $2 AND p.started_at IS NOT NULL
           AND (p.state = 'created' OR p.state = 'pending'))
     + (SELECT count(*) FROM refund r JOIN payment p ON p.id = r.payment_id
          JOIN orders o ON o.id = p.order_id
         WHERE o.shop_id = $1 AND p.provider = $2 AND r.manual = 0
           AND (r.state = 'queued' OR r.state = 'sent'));
