-- name: lock_image_to_settle
-- FOR SHARE: the image stays as it is until its jobs have followed; a PUT that holds a job has come before, or sees this state.
select state, failure from orca.images where sha = $1 for share

-- name: release_held_jobs
-- Under lock_image_to_settle. A PUT or a cancel of the same job waits for a moment, as it does for a claim.
with held as (
  select id, client from orca.jobs where image_sha = $1 and state = 'held'
  order by id limit $2 for no key update
), back as (
  update orca.jobs j set state = 'waiting' from held where j.id = held.id
), placed as (
  update orca.reservations r set held_job_id = null from held where r.held_job_id = held.id
), told as (
  insert into orca.deliveries (kind, job_id, location, client)
  select 'status', id, 'Queue', client from held
)
select id from held

-- name: lock_held_jobs
-- Under lock_image_to_settle.
select id, config from orca.jobs where image_sha = $1 and state = 'held'
order by id limit $2 for no key update

-- name: fail_held_jobs
-- Under lock_held_jobs. The primary key of results refuses a second one.
with given as (
  select * from unnest($1::bigint[], $2::text[], $3::text[]) as given (id, grading_id, body)
), gone as (
  delete from orca.reservations r using given where r.held_job_id = given.id
), done as (
  update orca.jobs j set state = 'finished', outcome = 'failed', finished_at = now(), last_fault = $4
  from given where j.id = given.id and j.state = 'held'
  returning j.id, j.generation, j.client, given.grading_id, given.body
), kept as (
  insert into orca.results (job_id, generation, outcome, grading_id, body)
  select id, generation, 'failed', grading_id, body from done
), owed as (
  insert into orca.deliveries (kind, job_id, generation, client, webhook_id)
  select 'result', id, generation, client, grading_id from done
)
select id from done

-- name: list_unsettled_images
-- No lock: whoever settles them looks again.
select i.sha from orca.images i
where i.state in ('ready', 'failed')
  and exists (select from orca.jobs j where j.image_sha = i.sha and j.state = 'held')
