-- name: claim_job
-- SKIP LOCKED lets workers pass each other at the head of the line. The job itself is waited for: a PUT or a claim of the
-- same submitter has it for a millisecond, and to pass it by would serve the second newest.
-- Always one row: what happened, so that the caller knows what to do before it asks again.
with expired as materialized (
  select id, faults from orca.jobs
  where state = 'grading' and lease_expires_at < now()
    and now() > pg_postmaster_start_time() + make_interval(secs => $4::float8)
  order by lease_expires_at
  limit 1
  for no key update skip locked
), due_again as materialized (
  select from orca.reservations where not_before <= now() limit 1
), place as materialized (
  select id, submitter, job_id, release_at from orca.reservations
  where held_job_id is null and not_before is null and release_at <= now()
    and not exists (select from expired) and not exists (select from due_again)
  order by release_at, id
  limit 1
  for update skip locked
), named as materialized (
  select id from orca.jobs
  where id = (select job_id from place) and state = 'waiting'
  for no key update
), newest as materialized (
  select id from orca.jobs
  where submitter = (select submitter from place where job_id is null) and state = 'waiting' and not is_named
  order by arrived_at desc, id desc
  limit 1
  for no key update
), chosen as (
  select id, 0 as more_faults from named
  union all
  select id, 0 from newest
  union all
  select id, 1 from expired where faults + 1 < $5::integer
), taken as (
  update orca.jobs j set
    state = 'grading', lease_token = gen_random_uuid(), lease_worker = $1,
    lease_expires_at = now() + make_interval(secs => $2::float8), container = null,
    claimed_at = now(), release_at = coalesce(j.release_at, (select release_at from place)),
    faults = j.faults + chosen.more_faults,
    last_fault = case when chosen.more_faults = 1 then $3::text else j.last_fault end
  from chosen
  where j.id = chosen.id
  returning j.id, j.generation, j.faults, j.client, j.response_url, j.config, j.lease_token, j.release_at
), gone as (
  delete from orca.reservations using place where reservations.id = place.id and exists (select from taken)
), told as (
  insert into orca.deliveries (kind, job_id, location, client)
  select 'status', id, 'Worker', client from taken
)
select
  case
    when taken.id is not null then 'claimed'
    when exists (select from expired) then 'exhausted'
    when exists (select from due_again) then 'due_again'
    when exists (select from place) then 'missed'
    else 'none'
  end as kind,
  taken.id as "jobId", taken.generation, taken.faults + 1 as attempt,
  taken.config, taken.response_url as "responseUrl", taken.lease_token as "leaseToken",
  greatest(0, extract(epoch from now() - taken.release_at) * 1000)::float8 as "queuedMs",
  (select id from expired) as "expiredId"
from (select) as always left join taken on true

-- name: end_due_back_offs
-- Back in line, at their old places. Two claims that do it at once wait for each other for a moment.
update orca.reservations set not_before = null where not_before <= now()

-- name: lock_expired_job
-- The row is the lock: a worker that renews or finishes at this moment has come first, or comes too late.
select lease_token as "leaseToken", config
from orca.jobs
where id = $1 and state = 'grading' and lease_expires_at < now() and faults + 1 >= $2::integer
for no key update
