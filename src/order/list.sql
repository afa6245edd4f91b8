-- Lists of orders. Pages go by id, newest first.

-- name: orders_of_viewer
SELECT o.id, o.no, o.state, o.currency, o.total, o.created_at, s.public_id, s.slug, s.name,
       h.public_id,
       (SELECT count(*) FROM order_line l WHERE l.order_id = o.id), f.image, f.title
  FROM orders o JOIN shop s ON s.id = o.shop_id
  LEFT JOIN show h ON h.id = o.show_id
  LEFT JOIN order_line f ON f.order_id = o.id AND f.line_no = 1
 WHERE o.viewer_id = $1 AND o.id < $2
 ORDER BY o.id DESC LIMIT $3;

-- name: orders_of_shop
-- $3 a show's id or 0; $4 a state or ''; $5 part of a number or ''; $6 to_pack, shipped, returns or ''.
SELECT o.id, o.no, o.state, o.currency, o.total, o.created_at, o.pay_method, o.delivery, o.version,
       o.staff_note, v.display_name, h.public_id,
       (SELECT count(*) FROM order_line l WHERE l.order_id = o.id),
       CAST(COALESCE((SELECT sum(l.qty) FROM order_line l WHERE l.order_id = o.id), 0) AS BIGINT),
       COALESCE((SELECT p.state FROM payment p WHERE p.order_id = o.id ORDER BY p.id DESC LIMIT 1),
                ''),
       CASE WHEN o.state = 'confirmed' AND EXISTS
                 (SELECT 1 FROM order_line l WHERE l.order_id = o.id AND l.in_parcel < l.qty)
            THEN 1 ELSE 0 END
  FROM orders o JOIN viewer v ON v.id = o.viewer_id
  LEFT JOIN show h ON h.id = o.show_id
 WHERE o.shop_id = $1 AND o.id < $2 AND ($3 = 0 OR o.show_id = $3) AND ($4 = '' OR o.state = $4)
   AND ($5 = '' OR o.no LIKE $5)
   AND ($6 = ''
        OR ($6 = 'to_pack' AND o.state = 'confirmed' AND EXISTS
            (SELECT 1 FROM order_line l WHERE l.order_id = o.id AND l.in_parcel < l.qty))
        OR ($6 = 'shipped' AND EXISTS
            (SELECT 1 FROM parcel p WHERE p.order_id = o.id
                AND p.state IN ('shipped', 'at_store')))
        OR ($6 = 'returns' AND EXISTS
            (SELECT 1 FROM return_case c WHERE c.order_id = o.id
                AND c.state IN ('asked', 'approved', 'on_the_way', 'received'))))
 ORDER BY o.id DESC LIMIT $7;

-- name: show_of_shop
SELECT id FROM show WHERE public_id = $1 AND shop_id = $2;
