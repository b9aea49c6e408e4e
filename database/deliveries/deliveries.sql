-- name: lock_delivery_claims
-- Claims come one after another, across all servers: only then can "two at once for a host" be counted. The lock goes with
-- the transaction.
select pg_advisory_xact_lock($1::bigint)

-- name: claim_delivery
-- Under lock_delivery_claims. A walk over the clients that are owed something, so that one who is owed much holds up no
-- other; of each the first that may go. Of these a client's that has nothing under way comes before one's that has: eight
-- hosts that do not answer take sixteen places, but each new place goes to another one first. Else what is due first. With it
-- comes all that a POST needs, and when the next one will be due: whoever gets one need not ask again.
with recursive clients as (
  (select client from orca.deliveries where state = 'pending' order by client limit 1)
  union all
  select (
    select d.client from orca.deliveries d
    where d.state = 'pending' and d.client > clients.client order by d.client limit 1
  ) from clients where clients.client is not null
), first as (
  select candidate.id, candidate.due_at
  from clients
  cross join lateral (
    select count(*) as posts from orca.deliveries busy
    where busy.client = clients.client and busy.state = 'pending'
      and busy.lease_token is not null and busy.lease_expires_at > now()
  ) as under_way
  cross join lateral (
    select d.id, d.due_at from orca.deliveries d
    where d.client = clients.client and d.state = 'pending' and d.due_at <= now()
      and (d.lease_token is null or d.lease_expires_at <= now())
      -- In the order in which a job's came up: one that a newer has overtaken is not sent any more …
      and not exists (
        select from orca.deliveries newer
        where newer.job_id = d.job_id and newer.state = 'pending' and newer.id > d.id)
      -- … and the newer waits for one that is on its way.
      and not exists (
        select from orca.deliveries older
        where older.job_id = d.job_id and older.state = 'pending' and older.id < d.id
          and older.lease_token is not null and older.lease_expires_at > now())
      and (d.kind <> 'image' or not exists (
        select from orca.deliveries older
        where older.kind = 'image' and older.image_sha = d.image_sha and older.url = d.url and older.id < d.id
          and older.state = 'pending' and older.lease_token is not null and older.lease_expires_at > now()))
    order by d.due_at, d.id
    limit 1
  ) as candidate
  where clients.client is not null and under_way.posts < $3::integer
  order by under_way.posts, candidate.due_at, candidate.id
  limit 1
), claimed as (
  update orca.deliveries d set
    lease_token = gen_random_uuid(), lease_server = $1,
    lease_expires_at = now() + make_interval(secs => $2::float8),
    attempts = d.attempts + 1,
    -- A try that nobody recorded: its server died, and the client may have taken it.
    had_unclear_attempt = d.had_unclear_attempt or d.lease_token is not null
  from first
  -- Seen again once its row is free: a PUT may have dropped it meanwhile.
  where d.id = first.id and d.state = 'pending' and (d.lease_token is null or d.lease_expires_at <= now())
  returning d.*
), overtaken as (
  update orca.deliveries older set
    state = 'dropped', ended_at = now(), lease_token = null, lease_server = null, lease_expires_at = null
  from claimed
  where older.job_id = claimed.job_id and older.state = 'pending' and older.id < claimed.id
)
select
  claimed.id as "deliveryId", claimed.lease_token as "leaseToken", claimed.job_id as "jobId",
  claimed.webhook_id as "webhookId", claimed.kind, claimed.client, claimed.location,
  coalesce(claimed.url, j.response_url) as url, coalesce(claimed.body, r.body) as body,
  case when claimed.kind = 'status' then j.config end as config,
  claimed.attempts as attempt, claimed.had_unclear_attempt as "hadUnclearAttempt",
  now() as "claimedAt",
  coalesce(claimed.kind = 'result' and j.generation > claimed.generation, false) as "isSuperseded",
  array(
    select secret from orca.signing_secrets s
    where s.client = claimed.client and (s.expires_at is null or s.expires_at > now())
    order by s.expires_at desc nulls first, s.id desc
  ) as secrets,
  (
    select greatest(0, extract(epoch from next.at - now()) * 1000)::float8
    from (select least(
      -- What this statement has changed looks to itself as it was: the claimed one, and those that it has overtaken.
      (select d.due_at from orca.deliveries d
        where d.state = 'pending' and d.lease_token is null and d.id <> claimed.id
          and (claimed.job_id is null or d.job_id is distinct from claimed.job_id)
        order by d.due_at, d.id limit 1),
      (select d.lease_expires_at from orca.deliveries d
        where d.lease_token is not null and d.id <> claimed.id order by d.lease_expires_at limit 1)
    ) as at) as next where next.at is not null
  ) as "othersMs"
from claimed
left join orca.jobs j on j.id = claimed.job_id
left join orca.results r on r.job_id = claimed.job_id and r.generation = claimed.generation

-- name: drop_delivery
-- The token is the fence. For a claimed one that is not to be sent any more: this try is none.
update orca.deliveries set
  state = 'dropped', ended_at = now(), attempts = attempts - 1,
  lease_token = null, lease_server = null, lease_expires_at = null
where id = $1 and lease_token = $2

-- name: note_attempt
-- The token is the fence. A try that is to be repeated is dropped when a newer one has come up: of its job, or of its image
-- and URL.
with tried as (
  select
    exists (select from orca.deliveries newer where newer.job_id = own.job_id and newer.id > own.id)
    or own.kind = 'image' and exists (
      select from orca.deliveries newer
      where newer.kind = 'image' and newer.image_sha = own.image_sha and newer.url = own.url and newer.id > own.id)
    or own.kind = 'result' and exists (
      select from orca.jobs j where j.id = own.job_id and j.generation > own.generation) as is_overtaken
  from orca.deliveries own where own.id = $1
), noted as (
  update orca.deliveries d set
    state = case
      when $3 <> 'retry' then $3::orca.delivery_state
      when tried.is_overtaken then 'dropped'
      else 'pending'
    end,
    ended_at = case when $3 <> 'retry' or tried.is_overtaken then now() end,
    due_at = case when $3 = 'retry' then now() + make_interval(secs => $4::float8) else d.due_at end,
    had_unclear_attempt = d.had_unclear_attempt or $5::boolean,
    lease_token = null, lease_server = null, lease_expires_at = null
  from tried
  where d.id = $1 and d.lease_token = $2
  returning d.id, d.round, d.attempts
)
insert into orca.delivery_attempts
  (delivery_id, round, attempt, outcome, status_code, duration_ms, answer_start, error)
select id, round, attempts, $3, $6, $7, $8, $9 from noted
returning delivery_id

-- name: find_attempt
-- No lock: the number of the try that this token names.
select attempts as attempt from orca.deliveries where id = $1 and lease_token = $2

-- name: next_delivery
-- No lock. The heads of two small indexes: what is due next, and whose lease ends next.
with next as (
  select least(
    (select due_at from orca.deliveries where state = 'pending' and lease_token is null order by due_at, id limit 1),
    (select lease_expires_at from orca.deliveries where lease_token is not null order by lease_expires_at limit 1)
  ) as at
)
select greatest(0, extract(epoch from at - now()) * 1000)::float8 as ms from next where at is not null
