-- name: find_waiting_to_steer
-- No lock: each job is locked when its turn comes. By the labels, as line_up_labelled.
select id as "jobId" from orca.jobs
where state = 'waiting' and labels @> any ((select $1::jsonb[])::jsonb[])
  and ($2::text is null or image_sha = $2)
  and ($3::timestamptz is null or arrived_at >= $3) and ($4::timestamptz is null or arrived_at < $4)
limit $5

-- name: find_held_to_steer
-- No lock. By the small index of jobs in the pen.
select id as "jobId" from orca.jobs
where state = 'held' and labels @> any ($1::jsonb[])
  and ($2::text is null or image_sha = $2)
  and ($3::timestamptz is null or arrived_at >= $3) and ($4::timestamptz is null or arrived_at < $4)
limit $5

-- name: find_grading_to_steer
-- No lock. By the small index of leases.
select id as "jobId" from orca.jobs
where state = 'grading' and labels @> any ($1::jsonb[])
  and ($2::text is null or image_sha = $2)
  and ($3::timestamptz is null or arrived_at >= $3) and ($4::timestamptz is null or arrived_at < $4)
limit $5

-- name: find_finished_to_steer
-- No lock. Among the $6 jobs that ended last.
select id as "jobId" from (
  select id, labels, image_sha, arrived_at from orca.jobs
  where state = 'finished' order by finished_at desc limit $6
) as last
where labels @> any ($1::jsonb[])
  and ($2::text is null or image_sha = $2)
  and ($3::timestamptz is null or arrived_at >= $3) and ($4::timestamptz is null or arrived_at < $4)
limit $5

-- name: lock_image_to_regrade
-- Before the job, as a PUT does it. It may be put in line next, so not FOR SHARE.
select sha, state from orca.images
where sha = (select image_sha from orca.jobs where id = $1)
for no key update

-- name: lock_job_to_regrade
-- The job's row is the lock for everything that happens to it.
select state, image_sha as "imageSha", client, config from orca.jobs
where id = $1 and ($2::text[] is null or client = any ($2::text[]))
for no key update

-- name: request_image_to_regrade
-- Under lock_image_to_regrade.
update orca.images set state = 'queued', requested_at = now(), faults = 0, pruned_at = null
where sha = $1 and state = 'pruned'

-- name: regrade_job
-- Under lock_job_to_regrade, for a finished job: as restart_job, with the content that it has. An update's collation
-- counts with the new place.
with job as (
  update orca.jobs set
    state = $2, generation = generation + 1, submitter = $3, labels = $4::jsonb, arrived_at = now(), is_immediate = false, is_named = false,
    faults = 0, last_fault = null, claimed_at = null, outcome = null, finished_at = null
  where id = $1
  returning id, submitter, arrived_at, state
), place as (
  insert into orca.reservations (submitter, release_at, held_job_id)
  select submitter, arrived_at, case when state = 'held' then id end from job
), dropped as (
  -- One that is on its way right now is left to end; nothing of the new generation is sent before.
  update orca.deliveries set
    state = 'dropped', ended_at = now(), lease_token = null, lease_server = null, lease_expires_at = null
  where job_id = $1 and state = 'pending' and (lease_token is null or lease_expires_at <= now())
)
select id from job
