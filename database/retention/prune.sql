-- name: prune_finished_jobs
-- SKIP LOCKED: a PUT that gives one of them its next generation has come first. What hangs on a job goes with it. A result
-- that is still to be delivered keeps its job.
delete from orca.jobs where id in (
  select j.id from orca.jobs j
  where j.state = 'finished' and j.finished_at < now() - make_interval(secs => $1::float8)
    and not exists (select from orca.deliveries d where d.job_id = j.id and d.state = 'pending')
  order by j.finished_at
  limit $2
  for update skip locked
)
returning id

-- name: prune_excess_jobs
-- As above, by number: all but the newest so many.
delete from orca.jobs where id in (
  select j.id from orca.jobs j
  where j.state = 'finished'
    and j.finished_at <= (
      select finished_at from orca.jobs where state = 'finished' order by finished_at desc offset $1::bigint limit 1)
    and not exists (select from orca.deliveries d where d.job_id = j.id and d.state = 'pending')
  order by j.finished_at
  limit $2
  for update skip locked
)
returning id

-- name: prune_image_deliveries
-- SKIP LOCKED: another server prunes, too.
delete from orca.deliveries where id in (
  select id from orca.deliveries
  where kind = 'image' and ended_at < now() - make_interval(secs => $1::float8)
  order by ended_at
  limit $2
  for update skip locked
)
returning id

-- name: prune_workers
-- A worker that was silent for so long, and has no job, is not coming back under this id.
delete from orca.workers w
where w.beat_at < now() - make_interval(secs => $1::float8)
  and not exists (select from orca.jobs j where j.state = 'grading' and j.lease_worker = w.id)
returning id
