-- name: output_list
SELECT o.uid, o.url, o.stream_key, o.enabled FROM output AS o
  JOIN input AS i ON i.id = o.input_id WHERE i.uid = $1 ORDER BY o.id LIMIT $2;

-- name: output_count
SELECT count(*) FROM output AS o JOIN input AS i ON i.id = o.input_id WHERE i.uid = $1;

-- name: output_add
INSERT INTO output (uid, input_id, url, stream_key, enabled)
SELECT $1, i.id, $2, $3, $4 FROM input AS i WHERE i.uid = $5;

-- name: output_get
SELECT o.uid, o.url, o.stream_key, o.enabled FROM output AS o
  JOIN input AS i ON i.id = o.input_id WHERE i.uid = $1 AND o.uid = $2;

-- name: output_put
UPDATE output SET enabled = $1
 WHERE uid = $2 AND input_id = (SELECT id FROM input WHERE uid = $3);

-- name: output_drop
DELETE FROM output WHERE uid = $1 AND input_id = (SELECT id FROM input WHERE uid = $2);
