-- name: renew_lease
-- The token is the fence. A lease that ran out but was not taken over is renewed like any other.
update orca.jobs set lease_expires_at = now() + make_interval(secs => $3::float8)
where id = $1 and lease_token = $2
returning id

-- name: note_container
-- The token is the fence. Its commit does not wait for the disk: a row that a crash of the database loses is missed by nobody
-- for long, since its container also goes by its worker's life, and a result's commit need not wait behind it.
update orca.jobs set container = $3
where id = $1 and lease_token = $2 and set_config('synchronous_commit', 'off', true) is not null
returning id

-- name: lock_run
-- The row is the lock for what follows.
select faults, config from orca.jobs where id = $1 and lease_token = $2 for no key update

-- name: return_run
-- Under lock_run: back to its place, which now names it.
with job as (
  select id, submitter, release_at, client from orca.jobs where id = $1
), back as (
  update orca.jobs set
    state = 'waiting', is_named = true, faults = $2, last_fault = coalesce($3, last_fault), claimed_at = null,
    release_at = null, lease_token = null, lease_worker = null, lease_expires_at = null, container = null
  where id = $1
), place as (
  insert into orca.reservations (submitter, release_at, job_id, not_before)
  select submitter, release_at, id, now() + make_interval(secs => $4::float8) from job
)
insert into orca.deliveries (kind, job_id, location, client)
select 'status', id, 'Queue', client from job

-- name: lock_image_of_run
-- Before lock_run, as a PUT does it. It may be put in line next, so not FOR SHARE.
select i.state from orca.images i
where i.sha = (select image_sha from orca.jobs where id = $1 and lease_token = $2)
for no key update

-- name: request_image_of_run
-- Under lock_image_of_run.
update orca.images set state = 'queued', requested_at = now(), faults = 0, pruned_at = null
where sha = (select image_sha from orca.jobs where id = $1) and state = 'pruned'

-- name: hold_run
-- Under lock_run: into the holding pen, with its place, which names it.
with job as (
  select id, submitter, release_at, client from orca.jobs where id = $1
), back as (
  update orca.jobs set
    state = 'held', is_named = true, claimed_at = null,
    release_at = null, lease_token = null, lease_worker = null, lease_expires_at = null, container = null
  where id = $1
), place as (
  insert into orca.reservations (submitter, release_at, job_id, held_job_id)
  select submitter, release_at, id, id from job
)
insert into orca.deliveries (kind, job_id, location, client)
select 'status', id, 'HoldingPen', client from job

-- name: list_containers
-- No lock: who removes a container asks again before, and a container is named after its job is claimed.
select j.container, j.lease_worker as "workerId",
  j.lease_expires_at > now() or coalesce(w.retired_at is null and w.beat_at > now() - $1::interval, false) as alive
from orca.jobs j left join orca.workers w on w.id = j.lease_worker
where j.state = 'grading' and j.container is not null
