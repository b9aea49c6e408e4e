-- name: find_image
-- No lock.
select sha, dockerfile, state, failure, image_id as "imageId", layers, image_bytes as "imageBytes",
  archive_bytes as "archiveBytes", archive_sha256 as "archiveSha256", builds,
  requested_at as "requestedAt", ready_at as "readyAt", last_used_at as "lastUsedAt"
from orca.images where sha = $1

-- name: find_image_demand
-- No lock. As in list_images, for one.
select
  (select count(*) from orca.jobs j where j.image_sha = $1 and j.state = 'held') as "heldJobs",
  coalesce((select array_agg(distinct r.asked_by order by r.asked_by) from orca.image_requests r where r.sha = $1),
    '{}') as "askedBy"

-- name: find_image_progress
-- No lock. For a queued image: how many are before it, in the order of claim_build.
select i.state, i.failure,
  (select count(*) from orca.images before
   where i.state = 'queued' and before.state = 'queued' and before.sha <> i.sha
     and (not exists (select from orca.jobs j where j.image_sha = before.sha and j.state = 'held'),
       before.requested_at, before.sha)
     < (not exists (select from orca.jobs j where j.image_sha = i.sha and j.state = 'held'),
       i.requested_at, i.sha)) as ahead,
  extract(epoch from now() - b.started_at)::float8 as seconds, b.step
from orca.images i left join orca.image_builds b on b.sha = i.sha and b.ended_at is null
where i.sha = $1

-- name: list_images
-- No lock. The newest requests first.
select i.sha, i.state, i.failure, i.builds, i.image_bytes as "imageBytes", i.archive_bytes as "archiveBytes",
  i.requested_at as "requestedAt", i.ready_at as "readyAt", i.last_used_at as "lastUsedAt",
  (select count(*) from orca.jobs j where j.image_sha = i.sha and j.state = 'held') as "heldJobs",
  coalesce((select array_agg(distinct r.asked_by order by r.asked_by) from orca.image_requests r where r.sha = i.sha),
    '{}') as "askedBy"
from orca.images i
order by i.requested_at desc, i.sha
limit $1 offset $2

-- name: count_images
-- No lock.
select count(*) as images from orca.images

-- name: list_builds
-- No lock. The newest first.
select id as "buildId", number, builder, started_at as "startedAt", ended_at as "endedAt", outcome, reason, step,
  log_bytes as "logBytes", build_ms as "buildMs", check_ms as "checkMs", save_ms as "saveMs",
  image_bytes as "imageBytes", archive_bytes as "archiveBytes"
from orca.image_builds where sha = $1 order by number desc limit $2

-- name: find_build
-- No lock.
select id as "buildId", ended_at is not null as "isOver" from orca.image_builds where sha = $1 and number = $2::bigint
