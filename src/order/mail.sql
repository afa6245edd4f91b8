-- What messages to buyers say.

-- name: mail_parcel
SELECT coalesce(carrier, ''), coalesce(tracking, '') FROM parcel WHERE id = $1;
