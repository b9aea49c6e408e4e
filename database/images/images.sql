-- name: record_image
-- One row; who records it last is right.
insert into orca.images (sha, dockerfile, state, image_id, archive_bytes, archive_sha256, ready_at)
values ($1, $2, 'ready', $3, $4, $5, now())
on conflict (sha) do update set
  state = 'ready', image_id = excluded.image_id, archive_bytes = excluded.archive_bytes,
  archive_sha256 = excluded.archive_sha256, ready_at = now(),
  lease_token = null, lease_builder = null, lease_expires_at = null

-- name: find_image
-- No lock.
select sha, dockerfile, state, image_id as "imageId", archive_bytes as "archiveBytes",
  archive_sha256 as "archiveSha256", ready_at as "readyAt"
from orca.images where sha = $1
