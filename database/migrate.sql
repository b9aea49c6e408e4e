-- name: lock_migrations
-- Two processes that migrate wait for each other; the lock goes with the session.
select pg_advisory_lock($1::bigint)

-- name: lift_statement_limit
-- No lock. Whatever limit the role or the server has: a migration that were stopped would be undone, and again each time.
select set_config('statement_timeout', '0', false)

-- name: find_migrations_table
-- No lock.
select to_regclass('orca.migrations') is not null as found

-- name: list_migrations
-- Read under lock_migrations.
select number from orca.migrations order by number

-- name: note_migration
-- In the transaction of the migration itself, under lock_migrations.
insert into orca.migrations (number, name) values ($1, $2)

-- name: server_version
-- No lock.
select current_setting('server_version_num')::integer as version
