-- name: find_images_to_prune
-- No lock. What was neither used nor built for too long; and, of what is more than there is room for, what was used longest ago.
select sha from (
  select sha, greatest(last_used_at, ready_at) as used_at,
    sum(archive_bytes) over (order by greatest(last_used_at, ready_at) desc, sha) as bytes
  from orca.images where state = 'ready' and archive_sha256 is not null
) as kept
where used_at < now() - make_interval(secs => $1::float8)
  or (bytes > $2::bigint and used_at < now() - make_interval(secs => $3::float8))
order by used_at

-- name: mark_pruned
-- Under the image's row, which a PUT that is about to hold a job locks too. The archive stays for a while: see below.
update orca.images set state = 'pruned', pruned_at = now()
where sha = any($1::text[]) and state = 'ready' and archive_sha256 is not null
returning sha

-- name: mark_archive_lost
-- The file is not where it should be: to be built again when a job needs it. Another archive by now is not meant.
update orca.images set
  state = 'pruned', pruned_at = now(), image_id = null, layers = null, image_bytes = null,
  archive_bytes = null, archive_sha256 = null
where sha = $1 and state = 'ready' and archive_sha256 = $2
returning sha

-- name: requeue_pruned_in_need
-- A PUT saw the image as ready at the moment in which it was pruned: its job waits in the queue. The archive is still
-- there, so this costs no build.
update orca.images set state = 'queued', pruned_at = null, requested_at = now()
where state = 'pruned' and sha = any($1::text[])
returning sha

-- name: list_pruned_archives
-- No lock. PUTs that saw the image as ready have been committed or rolled back after so many seconds.
select sha from orca.images
where state = 'pruned' and archive_sha256 is not null and pruned_at < now() - make_interval(secs => $1::float8)

-- name: forget_archives
-- Under the image's row. The file goes next: nothing names it any more.
update orca.images set
  image_id = null, layers = null, image_bytes = null, archive_bytes = null, archive_sha256 = null
where sha = any($1::text[]) and state = 'pruned'

-- name: list_archives
-- No lock.
select encode(archive_sha256, 'hex') as "archiveSha256" from orca.images where archive_sha256 is not null

-- name: prune_builds
-- In small batches. The last build of each image stays, as long as the image.
delete from orca.image_builds where id in (
  select b.id from orca.image_builds b
  where b.ended_at < now() - make_interval(secs => $1::float8)
    and exists (select from orca.image_builds newer where newer.sha = b.sha and newer.number > b.number)
  order by b.ended_at limit $2
)
returning id
