-- name: register_worker
-- One row, its own.
insert into orca.workers (id, hostname, token_hash, version, slots, engine_id)
values ($1, $2, $3, $4, $5, $6)
on conflict (id) do update set
  hostname = excluded.hostname, token_hash = excluded.token_hash, version = excluded.version,
  slots = excluded.slots, engine_id = excluded.engine_id, is_idle = false, troubles = '{}',
  registered_at = now(), beat_at = now(), retired_at = null

-- name: beat_worker
-- One row, its own.
update orca.workers set
  beat_at = now(), slots = coalesce($2, slots), engine_id = coalesce($3, engine_id), troubles = $4
where id = $1 and retired_at is null
returning id

-- name: set_worker_idle
-- One row, its own; committed before the worker looks for work a last time.
update orca.workers set is_idle = $2, beat_at = now() where id = $1 and retired_at is null

-- name: retire_worker
-- One row, its own.
update orca.workers set retired_at = now(), is_idle = false where id = $1 and retired_at is null

-- name: list_live_workers
-- No lock. Image builders count too while they have a build: they have containers as workers do. When this clock jumps, a
-- worker may have claimed after it and not yet beaten.
select id from orca.workers where retired_at is null and beat_at > now() - $1::interval
union
select lease_worker from orca.jobs where state = 'grading' and lease_expires_at > now()
union
select lease_builder from orca.images where lease_expires_at > now()
order by id

-- name: find_worker_token
-- No lock.
select token_hash as "tokenHash" from orca.workers
where id = $1 and retired_at is null and beat_at > now() - $2::interval
