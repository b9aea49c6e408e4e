-- name: request_image
-- The image's row is the lock: a build that ends now has ended before, or finds this request. One that failed or was
-- pruned is built again.
with image as (
  insert into orca.images (sha, dockerfile, state) values ($1, $2, 'queued')
  on conflict (sha) do update set
    state = case when images.state in ('failed', 'pruned') then 'queued' else images.state end,
    requested_at = case when images.state in ('failed', 'pruned') then now() else images.requested_at end,
    failure = null, pruned_at = null,
    faults = case when images.state in ('failed', 'pruned') then 0 else images.faults end
  returning sha, state
), asked as (
  insert into orca.image_requests (sha, identity, asked_by, response_url, client, is_owed)
  select sha, $3, $4, $5::text, $6::text, state <> 'ready' and $5::text is not null from image
  on conflict (sha, identity) do update set
    requests = image_requests.requests + 1, requested_at = now(),
    asked_by = excluded.asked_by, is_owed = excluded.is_owed
)
select state from image
