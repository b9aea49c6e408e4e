-- name: take_over_run
-- SKIP LOCKED: who renews, finishes or takes over that run at this moment comes first. Always one row, as of take_turn.
with expired as materialized (
  select id, faults from orca.jobs
  where state = 'grading' and lease_expires_at < now()
    and now() > pg_postmaster_start_time() + make_interval(secs => $4::float8)
  order by lease_expires_at
  limit 1
  for no key update skip locked
), taken as (
  update orca.jobs j set
    lease_token = gen_random_uuid(), lease_worker = $1, lease_expires_at = now() + make_interval(secs => $2::float8),
    container = null, claimed_at = now(), faults = j.faults + 1, last_fault = $3
  from expired
  where j.id = expired.id and expired.faults + 1 < $5::integer
  returning j.id, j.generation, j.faults, j.response_url, j.config, j.lease_token, j.client,
    greatest(j.release_at, j.arrived_at) as queued_at
), told as (
  insert into orca.deliveries (kind, job_id, location, client)
  select 'status', id, 'Worker', client from taken
)
select
  case when taken.id is not null then 'claimed' when exists (select from expired) then 'exhausted' else 'none' end as kind,
  taken.id as "jobId", taken.generation, taken.faults + 1 as attempt,
  taken.config, taken.response_url as "responseUrl", taken.lease_token as "leaseToken",
  greatest(0, extract(epoch from now() - taken.queued_at) * 1000)::float8 as "queuedMs",
  (select id from expired) as "expiredId"
from (select) as always left join taken on true

-- name: end_due_back_offs
-- Back in line, at their old places. Two that do it at once wait for each other for a moment.
update orca.reservations set not_before = null where not_before <= now() returning 1

-- name: lock_expired_job
-- The row is the lock: a worker that renews or finishes at this moment has come first, or comes too late.
select lease_token as "leaseToken", config
from orca.jobs
where id = $1 and state = 'grading' and lease_expires_at < now() and faults + 1 >= $2::integer
for no key update
