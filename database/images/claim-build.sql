-- name: claim_build
-- SKIP LOCKED lets builders pass each other. What jobs wait for comes first, then what was asked for first. A build whose
-- lease has run out is begun anew; its builder is dead, or will find the token changed. Not soon after PostgreSQL started:
-- while that was away, nobody could renew.
with due as (
  select i.sha, i.state from orca.images i
  where (i.state = 'queued' and (i.build_after is null or i.build_after <= now()))
    or (i.state = 'building' and i.lease_expires_at < now()
      and now() > pg_postmaster_start_time() + make_interval(secs => $3::float8))
  order by exists (select from orca.jobs j where j.image_sha = i.sha and j.state = 'held') desc, i.requested_at, i.sha
  limit 1
  for no key update skip locked
), lost as (
  update orca.image_builds b set
    ended_at = now(), outcome = 'lost', reason = 'The image builder ended, or was cut off, in the middle of it'
  from due where b.sha = due.sha and b.ended_at is null
  returning b.sha
), last as (
  -- One that was put back or lost says nothing of the Dockerfile, and does not undo what the one before has said.
  select b.outcome from orca.image_builds b join due on due.sha = b.sha
  where b.outcome in ('ready', 'failed')
  order by b.number desc limit 1
), claimed as (
  update orca.images i set
    state = 'building', lease_token = gen_random_uuid(), lease_builder = $1,
    lease_expires_at = now() + make_interval(secs => $2::float8),
    builds = i.builds + 1, build_after = null, faults = i.faults + (select count(*)::integer from lost)
  from due where i.sha = due.sha
  returning i.*
)
select
  claimed.sha, claimed.dockerfile, claimed.builds as number, claimed.lease_token as "leaseToken", claimed.faults,
  coalesce((select outcome = 'failed' from last), false) as "hasFailed",
  claimed.image_id as "imageId", claimed.layers, claimed.image_bytes as "imageBytes",
  claimed.archive_bytes as "archiveBytes", claimed.archive_sha256 as "archiveSha256"
from claimed

-- name: begin_build
-- In the transaction of claim_build, whose update of the build before must have been made: one build of an image at a time.
insert into orca.image_builds (sha, number, builder) values ($1, $2, $3) returning id as "buildId"

-- name: renew_build
-- The token is the fence. A lease that ran out but was not taken over is renewed like any other.
update orca.images set lease_expires_at = now() + make_interval(secs => $3::float8)
where sha = $1 and lease_token = $2
returning sha

-- name: next_build
-- No lock. How long until a build may be due: a back-off that ends, or a lease.
with next as (
  select min(case state
    when 'queued' then coalesce(build_after, now())
    else greatest(lease_expires_at, pg_postmaster_start_time() + make_interval(secs => $1::float8))
  end) as at
  from orca.images where state in ('queued', 'building')
)
select greatest(0, extract(epoch from at - now()) * 1000)::float8 as ms from next where at is not null
