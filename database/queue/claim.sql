-- name: claim_job
-- SKIP LOCKED lets workers pass each other at the head of the line. The job itself is waited for: a PUT has it for a
-- millisecond, and to pass it by would serve the second newest. But one that another claim is taking is passed by, since
-- nothing is left there to wait for: claims know each other by an advisory lock on the job, asked for in the order of the
-- jobs until one is free. With a hundred claims at one submitter's jobs, the next misses, and asks again; so does one whose
-- job is waiting no more when its row is free.
-- Always one row: what happened, so that the caller knows what to do before it asks again.
with place as materialized (
  select id, submitter, job_id, release_at from orca.reservations
  where held_job_id is null and not_before is null and release_at <= now()
  order by release_at, id
  limit 1
  for update skip locked
), chosen as materialized (
  select job_id as id, submitter, true as is_named from place where job_id is not null
  union all
  (select id, submitter, false
   from (
     select id, submitter from orca.jobs
     where submitter = (select submitter from place where job_id is null) and state = 'waiting' and not is_named
     order by arrived_at desc, id desc
     limit 100
   ) as own
   where pg_try_advisory_xact_lock(762011, (id & 2147483647)::integer)
   limit 1)
), taken as (
  update orca.jobs j set
    state = 'grading', lease_token = gen_random_uuid(), lease_worker = $1,
    lease_expires_at = now() + make_interval(secs => $2::float8), container = null, claimed_at = now(),
    release_at = (select release_at from place)
  from chosen
  where j.id = chosen.id and j.submitter = chosen.submitter and j.is_named = chosen.is_named and j.state = 'waiting'
  returning j.id, j.generation, j.faults, j.last_fault, j.response_url, j.config, j.lease_token, j.client,
    -- One that was moved to the front has a release time before its arrival.
    greatest(j.release_at, j.arrived_at) as queued_at
), gone as (
  delete from orca.reservations using place where reservations.id = place.id and exists (select from taken)
), told as (
  insert into orca.deliveries (kind, job_id, location, client)
  select 'status', id, 'Worker', client from taken
), noted as (
  insert into orca.job_events (job_id, generation, client, kind, state, worker_id, faults, last_fault)
  select id, generation, client, 'state', 'grading', $1, faults, last_fault from taken
)
select
  case when taken.id is not null then 'claimed' when exists (select from place) then 'missed' else 'none' end as kind,
  taken.id as "jobId", taken.generation, taken.faults + 1 as attempt,
  taken.config, taken.response_url as "responseUrl", taken.lease_token as "leaseToken",
  greatest(0, extract(epoch from now() - taken.queued_at) * 1000)::float8 as "queuedMs"
from (select) as always left join taken on true

-- name: take_over_run
-- SKIP LOCKED: who renews, finishes or takes over that run at this moment comes first. Always one row, as of claim_job.
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
