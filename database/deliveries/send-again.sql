-- name: lock_job_of_delivery
-- The job before its delivery, as a PUT takes them: its generation stays as it is until the delivery is due again.
select generation from orca.jobs where id = (select job_id from orca.deliveries where id = $1) for share

-- name: lock_delivery
-- Under lock_job_of_delivery. A server that records a try at this moment has come first, or waits. The outcome of an image's
-- newer build is the one that counts.
select client, kind, state, generation, coalesce(lease_expires_at > now(), false) as "isUnderWay",
  kind = 'image' and exists (
    select from orca.deliveries newer
    where newer.kind = 'image' and newer.image_sha = d.image_sha and newer.url = d.url and newer.id > d.id
  ) as "hasNewerOutcome"
from orca.deliveries d where id = $1 for update

-- name: send_delivery_again
-- Under lock_delivery. Whoever has had it once may answer that it knows the job no more: that counts as delivered.
update orca.deliveries set
  state = 'pending', round = round + 1, attempts = 0, due_at = now(), ended_at = null,
  had_unclear_attempt = had_unclear_attempt or state = 'delivered',
  lease_token = null, lease_server = null, lease_expires_at = null
where id = $1

-- name: count_deliveries_to_send_again
-- No lock. Those that send_deliveries_again would take now, and as many at most.
select count(*) from (
  select from orca.deliveries d left join orca.jobs j on j.id = d.job_id
  where d.client = $1 and d.state = any($2::orca.delivery_state[]) and d.kind <> 'status'
    and (d.job_id is null or d.generation = j.generation)
    and not exists (
      select from orca.deliveries newer
      where d.kind = 'image' and newer.kind = 'image' and newer.image_sha = d.image_sha and newer.url = d.url
        and newer.id > d.id)
  limit $3
) as wanted

-- name: send_deliveries_again
-- The rows are locked as they are found; one that somebody else is at is left out. Results of older contents, outcomes of
-- older builds and statuses stay what they are.
with again as materialized (
  select d.id from orca.deliveries d left join orca.jobs j on j.id = d.job_id
  where d.client = $1 and d.state = any($2::orca.delivery_state[]) and d.kind <> 'status'
    and (d.job_id is null or d.generation = j.generation)
    and not exists (
      select from orca.deliveries newer
      where d.kind = 'image' and newer.kind = 'image' and newer.image_sha = d.image_sha and newer.url = d.url
        and newer.id > d.id)
  order by d.id
  limit $3
  for update of d skip locked
)
update orca.deliveries d set state = 'pending', round = d.round + 1, attempts = 0, due_at = now(), ended_at = null
from again where d.id = again.id
returning d.id
