-- name: lock_template
-- Processes that need the template at the same time wait for the one that makes it.
select pg_advisory_lock($1::bigint)

-- name: unlock_template
-- Ends lock_template.
select pg_advisory_unlock($1::bigint)

-- name: find_database
-- Read under lock_template.
select from pg_database where datname = $1

-- name: list_left_behind
-- No lock: a name is never used twice.
select datname as name from pg_database
where datname ~ '^orca_test_\d+_'
  and extract(epoch from now()) - substring(datname from '^orca_test_(\d+)_')::bigint > $1::integer
  and not exists (select from pg_stat_activity a where a.datname = pg_database.datname)
