-- What the PostgreSQL engine itself says to the database. Names begin with pg_.

-- name: pg_begin_write
BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;

-- name: pg_begin_read
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;

-- name: pg_lock
-- One batch at a time, of all processes: their jobs touch rows in any order. The number says later
-- what became of a commit whose answer was lost.
SELECT txid_current() FROM (SELECT pg_advisory_xact_lock($1)) l;

-- name: pg_outcome
SELECT txid_status($1);

-- name: pg_commit
COMMIT;

-- name: pg_roll_back
ROLLBACK;

-- name: pg_savepoint
SAVEPOINT job;

-- name: pg_release
RELEASE job;

-- name: pg_undo
ROLLBACK TO job;

-- name: pg_notify
SELECT pg_notify('nightmarket', $1);

-- name: pg_steps_known
SELECT count(*) FROM pg_catalog.pg_tables
 WHERE schemaname = current_schema() AND tablename = 'migration';

-- name: pg_things_known
SELECT count(*) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f');
