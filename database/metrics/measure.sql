-- name: count_places
-- No lock. Counts of small indexes; the line itself is counted through one that fits in memory for a million jobs.
select
  (select count(*) from orca.jobs where state = 'held') as held,
  (select count(*) from orca.reservations
   where held_job_id is null and not_before is null and release_at <= now()) as released,
  (select count(*) from orca.reservations
   where held_job_id is null and not_before is null and release_at > now()) as delayed,
  (select count(*) from orca.reservations where not_before is not null) as "backingOff",
  (select count(*) from orca.jobs where state = 'grading') as grading,
  greatest(0, coalesce(extract(epoch from now() - (
    select release_at from orca.reservations
    where held_job_id is null and not_before is null order by release_at, id limit 1)), 0))::float8
    as "oldestReleasedSeconds"

-- name: wait_for_images
-- No lock. The later of two moments: when the first place of a held job was released, and when the first image that held jobs
-- wait for was asked for. Neither alone says it: a job may be held after hours in line, and an image be asked for days before
-- its first job. From image to image, each by one look into jobs_held, however many jobs wait.
with recursive awaited as (
  (select image_sha from orca.jobs where state = 'held' order by image_sha limit 1)
  union all
  select (select j.image_sha from orca.jobs j where j.state = 'held' and j.image_sha > awaited.image_sha
    order by j.image_sha limit 1)
  from awaited where awaited.image_sha is not null
)
select greatest(0, coalesce(extract(epoch from now() - greatest(
  (select min(release_at) from orca.reservations where held_job_id is not null),
  (select min(i.requested_at) from awaited join orca.images i on i.sha = awaited.image_sha))), 0))::float8 as seconds

-- name: count_deliveries
-- No lock.
select count(*) as pending,
  coalesce(max(greatest(0, extract(epoch from now() - created_at))), 0)::float8 as "oldestSeconds"
from orca.deliveries where state = 'pending'

-- name: count_images_by_state
-- No lock: a few thousand rows.
select state, count(*) as images from orca.images group by state

-- name: measure_workers
-- No lock. The mean of the last hundred runs says how long a job takes.
select
  (select count(*) from orca.workers where retired_at is null and beat_at > now() - $1::interval) as alive,
  (select count(*) from orca.workers
   where retired_at is null and beat_at > now() - $1::interval and troubles <> '{}') as troubled,
  (select coalesce(sum(slots), 0) from orca.workers
   where retired_at is null and beat_at > now() - $1::interval and troubles = '{}') as slots,
  (select avg(extract(epoch from finished_at - claimed_at))::float8 from (
     select claimed_at, finished_at from orca.jobs
     where state = 'finished' and claimed_at is not null order by finished_at desc limit 100) as recent)
    as "meanJobSeconds"
