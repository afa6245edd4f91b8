-- Money that came.

-- name: paid_amount
-- What came, in what it came in: a refund pays back just that.
UPDATE payment SET amount = $1, currency = $2 WHERE id = $3;

