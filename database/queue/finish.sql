-- name: finish_job
-- The token in the row is the fence: with another one nothing changes. The primary key of results refuses a second one.
with done as (
  update orca.jobs set
    state = 'finished', outcome = $3, finished_at = now(),
    release_at = null, lease_token = null, lease_worker = null, lease_expires_at = null, container = null
  where id = $1 and lease_token = $2
  returning id, generation, client, faults, last_fault
), kept as (
  insert into orca.results (job_id, generation, outcome, grading_id, body)
  select id, generation, $3, $4, $5 from done
), owed as (
  insert into orca.deliveries (kind, job_id, generation, client, webhook_id)
  select 'result', id, generation, client, $4 from done
), noted as (
  insert into orca.job_events (job_id, generation, client, kind, state, outcome, faults, last_fault)
  select id, generation, client, 'state', 'finished', $3, faults, last_fault from done
)
select id from done

-- name: note_last_fault
-- Under the job's row lock.
update orca.jobs set faults = $4, last_fault = $3 where id = $1 and lease_token = $2
