-- name: lock_build
-- The image's row is the lock for what follows, and the token the fence.
select faults from orca.images where sha = $1 and lease_token = $2 for no key update

-- name: store_image
-- Under lock_build.
update orca.images set
  state = 'ready', image_id = $2, layers = $3, image_bytes = $4, archive_bytes = $5, archive_sha256 = $6,
  ready_at = now(), faults = 0, lease_token = null, lease_builder = null, lease_expires_at = null
where sha = $1

-- name: refuse_image
-- Under lock_build. What an earlier build left is not this image any more.
update orca.images set
  state = 'failed', failure = $2, faults = 0,
  image_id = null, layers = null, image_bytes = null, archive_bytes = null, archive_sha256 = null, ready_at = null,
  lease_token = null, lease_builder = null, lease_expires_at = null
where sha = $1

-- name: requeue_image
-- Under lock_build: back in line, at its old place.
update orca.images set
  state = 'queued', faults = $2, build_after = now() + make_interval(secs => $3::float8),
  lease_token = null, lease_builder = null, lease_expires_at = null
where sha = $1

-- name: end_build
-- Under lock_build.
update orca.image_builds set
  ended_at = now(), outcome = $2, reason = $3, build_ms = $4, check_ms = $5, save_ms = $6,
  image_bytes = $7, archive_bytes = $8
where id = $1

-- name: owe_image_outcome
-- Under lock_build: everybody who asked while it was not there, once.
with owed as (
  update orca.image_requests set is_owed = false where sha = $1 and is_owed returning client, response_url
), overtaken as (
  -- What an earlier build came to, and is not there yet. One that is on its way right now is left to end.
  update orca.deliveries older set
    state = 'dropped', ended_at = now(), lease_token = null, lease_server = null, lease_expires_at = null
  from owed
  where older.kind = 'image' and older.image_sha = $1 and older.url = owed.response_url and older.state = 'pending'
    and (older.lease_token is null or older.lease_expires_at <= now())
)
insert into orca.deliveries (kind, image_sha, url, body, client)
select 'image', $1, response_url, $2, client from owed
