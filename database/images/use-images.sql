-- name: find_usable_image
-- No lock. What a worker needs to know of an image.
select state, image_id as "imageId", layers, archive_bytes as "archiveBytes", archive_sha256 as "archiveSha256"
from orca.images where sha = $1

-- name: note_image_use
-- At most one write a minute for each image, however many jobs use it.
update orca.images set last_used_at = now()
where sha = $1 and (last_used_at is null or last_used_at < now() - interval '1 minute')

-- name: list_image_uses
-- No lock. One that is built again after a long time counts from then on.
select sha, greatest(last_used_at, ready_at, requested_at) as "lastUsedAt" from orca.images where sha = any($1::text[])

-- name: list_needed_images
-- No lock; a look at every job that is not finished, so only now and then, and only for images that would go. Each kind by an
-- index of its own: the finished ones are many.
select image_sha as sha from orca.jobs where state = 'held' and image_sha = any($1::text[])
union
select image_sha from orca.jobs where state = 'grading' and image_sha = any($1::text[])
union
select image_sha from orca.jobs where state = 'waiting' and not is_named and image_sha = any($1::text[])
union
select j.image_sha from orca.reservations r join orca.jobs j on j.id = r.job_id where j.image_sha = any($1::text[])

-- name: list_images_in_line
-- No lock: a forecast. Of the first $1 places in line that are released within $2 seconds; for a place that names no job,
-- the submitter's newest, as if it came up now. First first.
with places as materialized (
  select submitter, job_id, row_number() over (order by release_at, id) as nth from (
    select submitter, job_id, release_at, id from orca.reservations
    where held_job_id is null and not_before is null and release_at <= now() + make_interval(secs => $2::float8)
    order by release_at, id
    limit $1::bigint
  ) as first
)
select next.image_sha as sha
from places cross join lateral (
  select image_sha from orca.jobs where id = places.job_id
  union all
  (select image_sha from orca.jobs
   where places.job_id is null and submitter = places.submitter and state = 'waiting' and not is_named
   order by arrived_at desc, id desc
   limit 1)
) as next
group by next.image_sha
order by min(places.nth)
