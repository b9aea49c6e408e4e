-- name: insert_ready_job
-- The common case in one round trip: a job that is new, for an image that is there. The unique identity decides between
-- two that come at once; whoever loses finds no row and goes the long way.
with image as (
  select state from orca.images where sha = $7
), job as (
  insert into orca.jobs
    (identity, client, response_url, submitter, state, content, config, image_sha, is_immediate, is_named, labels)
  select $1, $2, $3, $4, 'waiting', $5, $6::json, $7, $8, $8, $10::jsonb
  from image where state = 'ready'
  on conflict (identity) do nothing
  returning id, submitter, arrived_at
), place as (
  insert into orca.reservations (submitter, release_at, job_id)
  select submitter, arrived_at + make_interval(secs => $9::float8), case when $8 then id end
  from job
), noted as (
  insert into orca.job_events (job_id, generation, client, kind, state, faults)
  select id, 1, $2, 'state', 'waiting', 0 from job
)
select id from job

-- name: insert_four_ready_jobs
-- As insert_ready_job, for four that come at once, of which none is another: the unique identity decides. In the order in
-- which they are given, so that two transactions do not wait for each other; the image is no join, which could change it.
-- What a statement costs before its first row is a third of an insert.
with given as materialized (
  select * from (values
    (0, $1::bytea, $2::text, $3::text, $4::bytea, $5::bytea, $6::json, $7::text, $8::boolean, $9::float8, $10::jsonb),
    (1, $11::bytea, $12::text, $13::text, $14::bytea, $15::bytea, $16::json, $17::text, $18::boolean, $19::float8, $20::jsonb),
    (2, $21::bytea, $22::text, $23::text, $24::bytea, $25::bytea, $26::json, $27::text, $28::boolean, $29::float8, $30::jsonb),
    (3, $31::bytea, $32::text, $33::text, $34::bytea, $35::bytea, $36::json, $37::text, $38::boolean, $39::float8, $40::jsonb)
  ) as four (number, identity, client, response_url, submitter, content, config, image_sha, is_immediate, delay, labels)
  where (select state from orca.images where sha = four.image_sha) = 'ready'
), job as (
  insert into orca.jobs
    (identity, client, response_url, submitter, state, content, config, image_sha, is_immediate, is_named, labels)
  select identity, client, response_url, submitter, 'waiting', content, config, image_sha, is_immediate, is_immediate, labels
  from given
  on conflict (identity) do nothing
  returning id, identity, client, submitter, arrived_at, is_immediate
), place as (
  insert into orca.reservations (submitter, release_at, job_id)
  select job.submitter, job.arrived_at + make_interval(secs => given.delay), case when job.is_immediate then job.id end
  from job join given using (identity)
), noted as (
  insert into orca.job_events (job_id, generation, client, kind, state, faults)
  select id, 1, client, 'state', 'waiting', 0 from job
)
select job.id, given.number from job join given using (identity)

-- name: lock_job_by_identity
-- The job's row is the lock for everything that happens to it; a claim of it waits here for a millisecond.
select id, state, content, is_immediate as "isImmediate"
from orca.jobs where identity = $1
for no key update

-- name: find_image_state
-- No lock.
select state from orca.images where sha = $1

-- name: lock_image
-- FOR SHARE: a build that ends now waits until the job that is held for it can be seen, and none is forgotten in the pen.
select state from orca.images where sha = $1 for share

-- name: lock_pruned_image
-- As lock_image, for one that is to be put in line: jobs that have FOR SHARE together would wait for each other then.
select state from orca.images where sha = $1 for no key update

-- name: request_pruned_image
-- Under lock_pruned_image: one that was pruned is built again since a job needs it.
update orca.images set state = 'queued', requested_at = now(), faults = 0, pruned_at = null
where sha = $1 and state = 'pruned'

-- name: insert_job
-- After lock_job_by_identity found none. Two that come at once: one inserts, the other finds a conflict and starts again.
with job as (
  insert into orca.jobs
    (identity, client, response_url, submitter, state, content, config, image_sha, is_immediate, is_named, labels)
  values ($1, $2, $3, $4, $11, $5, $6::json, $7, $8, $8, $10::jsonb)
  on conflict (identity) do nothing
  returning id, submitter, arrived_at, state
), place as (
  insert into orca.reservations (submitter, release_at, job_id, held_job_id)
  select submitter, arrived_at + make_interval(secs => $9::float8),
    case when $8 then id end, case when state = 'held' then id end
  from job
), noted as (
  insert into orca.job_events (job_id, generation, client, kind, state, faults)
  select id, 1, $2, 'state', $11, 0 from job
)
select id from job

-- name: restart_job
-- Under lock_job_by_identity, for a finished job: the next generation, with a new place.
with job as (
  update orca.jobs set
    state = $2, generation = generation + 1, submitter = $3, content = $4, config = $5::json, image_sha = $6,
    labels = $9::jsonb, arrived_at = now(), is_immediate = $7, is_named = $7, faults = 0, last_fault = null, claimed_at = null,
    outcome = null, finished_at = null
  where id = $1
  returning id, submitter, arrived_at, state
), place as (
  insert into orca.reservations (submitter, release_at, job_id, held_job_id)
  select submitter, arrived_at + make_interval(secs => $8::float8),
    case when $7 then id end, case when state = 'held' then id end
  from job
), dropped as (
  -- One that is on its way right now is left to end; nothing of the new generation is sent before.
  update orca.deliveries set
    state = 'dropped', ended_at = now(), lease_token = null, lease_server = null, lease_expires_at = null
  where job_id = $1 and state = 'pending' and (lease_token is null or lease_expires_at <= now())
)
select id from job

-- name: renew_content
-- Under lock_job_by_identity, for a held or waiting job: the old generation is superseded, the place and whose it is stay.
update orca.jobs set
  state = $2, generation = generation + 1, content = $3, config = $4::json, image_sha = $5,
  labels = $6::jsonb || jsonb_build_object('collation', labels -> 'collation'), faults = 0, last_fault = null, claimed_at = null
where id = $1

-- name: take_back_run
-- Under lock_job_by_identity, for a job that is being graded: the run's token counts no more, and the job comes back to its
-- place, which now names it.
with job as (
  select id, submitter, release_at, client from orca.jobs where id = $1
), told as (
  insert into orca.deliveries (kind, job_id, location, client)
  select 'status', id, case when $2 = 'held'::orca.job_state then 'HoldingPen'::orca.job_location else 'Queue' end, client
  from job
), taken as (
  update orca.jobs set
    state = $2, generation = generation + 1, content = $3, config = $4::json, image_sha = $5,
    labels = $6::jsonb || jsonb_build_object('collation', labels -> 'collation'), is_named = true, faults = 0, last_fault = null, claimed_at = null,
    release_at = null, lease_token = null, lease_worker = null, lease_expires_at = null, container = null
  where id = $1
)
insert into orca.reservations (submitter, release_at, job_id, held_job_id)
select submitter, release_at, id, case when $2 = 'held' then id end from job

-- name: end_back_off
-- Under lock_job_by_identity: new content has had no faults yet.
update orca.reservations set not_before = null where job_id = $1 and not_before is not null

-- name: hold_place
-- Under lock_serving_place: out of the line, into the pen.
update orca.reservations set held_job_id = $2, not_before = null where id = $1

-- name: release_place
-- Under lock_held_place: back in line.
update orca.reservations set held_job_id = null where id = $1

-- name: name_place
-- Under lock_serving_place or lock_held_place (places.sql): released at once, and never later than it was.
update orca.reservations set job_id = $2, release_at = least(release_at, now()) where id = $1

-- name: make_immediate
-- Under lock_job_by_identity.
update orca.jobs set is_immediate = true, is_named = true where id = $1

-- name: keep_immediate
-- Under lock_job_by_identity, for a job that is taken back from its worker: its place names it already.
update orca.jobs set is_immediate = true where id = $1
