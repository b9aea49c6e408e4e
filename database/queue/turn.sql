-- name: take_turn
-- What a slot does between two runs, as one statement: it ends the run of $3 (none when null) and begins the next for the
-- worker $1 (none when null). Both are an update of a job, a delivery and an event; two statements would start the executor
-- for each of these twice, which costs more than the rows.
--
-- The token in the row is the fence of a run that ends: with another one nothing changes. The primary key of results
-- refuses a second one.
--
-- SKIP LOCKED lets workers pass each other at the head of the line. The job itself is waited for: a PUT has it for a
-- millisecond, and to pass it by would serve the second newest. But one that another claim is taking is passed by, since
-- nothing is left there to wait for: claims know each other by an advisory lock on the job, asked for in the order of the
-- jobs until one is free. With a hundred claims at one submitter's jobs, the next misses, and asks again; so does one whose
-- job is waiting no more when its row is free.
--
-- Always one row: what happened, so that the caller knows what to do before it asks again.
with place as materialized (
  select id, submitter, job_id, release_at from orca.reservations
  where $1::text is not null and held_job_id is null and not_before is null and release_at <= now()
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
), target as materialized (
  select
    $3::bigint as id, $4::uuid as held_token, null::bytea as submitter, null::boolean as is_named,
    'finished'::orca.job_state as state, $5::orca.outcome as outcome, now() as finished_at,
    null::uuid as lease_token, null::text as lease_worker, null::timestamptz as lease_expires_at,
    null::timestamptz as claimed_at, null::timestamptz as release_at
  union all
  select
    id, null, submitter, is_named, 'grading', null, null,
    gen_random_uuid(), $1, now() + make_interval(secs => $2::float8), now(), (select release_at from place)
  from chosen
), changed as (
  update orca.jobs j set
    state = target.state, outcome = target.outcome, finished_at = target.finished_at,
    lease_token = target.lease_token, lease_worker = target.lease_worker, lease_expires_at = target.lease_expires_at,
    claimed_at = coalesce(target.claimed_at, j.claimed_at), release_at = target.release_at, container = null
  from target
  where j.id = target.id and case target.state
    when 'finished' then j.lease_token = target.held_token
    else j.state = 'waiting' and j.submitter = target.submitter and j.is_named = target.is_named
  end
  returning j.id, j.state, j.generation, j.client, j.outcome, j.faults, j.last_fault, j.response_url, j.config,
    j.lease_token, j.lease_worker,
    -- One that was moved to the front has a release time before its arrival.
    greatest(j.release_at, j.arrived_at) as queued_at
), kept as (
  insert into orca.results (job_id, generation, outcome, grading_id, body)
  select id, generation, outcome, $6, $7 from changed where state = 'finished'
), gone as (
  delete from orca.reservations using place
  where reservations.id = place.id and exists (select from changed where state = 'grading')
), owed as (
  insert into orca.deliveries (kind, job_id, generation, location, client, webhook_id)
  select
    case state when 'finished' then 'result'::orca.delivery_kind else 'status' end, id,
    case state when 'finished' then generation end,
    case state when 'grading' then 'Worker'::orca.job_location end, client,
    case state when 'finished' then $6 else orca.new_message_id() end
  from changed
), noted as (
  insert into orca.job_events (job_id, generation, client, kind, state, outcome, worker_id, faults, last_fault)
  select id, generation, client, 'state', state, outcome, lease_worker, faults, last_fault from changed
)
select
  exists (select from changed where state = 'finished') as "isStored",
  case when taken.id is not null then 'claimed' when exists (select from place) then 'missed' else 'none' end as kind,
  taken.id as "jobId", taken.generation, taken.faults + 1 as attempt,
  taken.config, taken.response_url as "responseUrl", taken.lease_token as "leaseToken",
  greatest(0, extract(epoch from now() - taken.queued_at) * 1000)::float8 as "queuedMs"
from (select) as always left join changed as taken on taken.state = 'grading'
