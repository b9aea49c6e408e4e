-- name: list_deliveries
-- No lock. A short walk of one index for each client and state, so that a page costs the same however many there are;
-- without a list of clients, a walk over those that there are.
with recursive known as (
  (select client from orca.deliveries where $1::text[] is null order by client limit 1)
  union all
  select (select d.client from orca.deliveries d where d.client > known.client order by d.client limit 1)
  from known where known.client is not null
), wanted as (
  select client from known where client is not null union select unnest($1::text[])
), page as materialized (
  select found.id
  from wanted cross join unnest($2::orca.delivery_state[]) as wanted_state (state) cross join lateral (
    select d.id from orca.deliveries d
    where d.client = wanted.client and d.state = wanted_state.state and d.kind = any($3::orca.delivery_kind[])
    order by d.id desc limit $4::bigint + $5::bigint
  ) as found
  order by found.id desc limit $4::bigint offset $5::bigint
)
select id as "deliveryId", kind, client, job_id as "jobId", generation, location, image_sha as "imageSha",
  webhook_id as "webhookId", state, round, attempts, created_at as "createdAt", ended_at as "endedAt",
  next_try_at as "nextTryAt", is_under_way as "isUnderWay", status_code as "statusCode", error, tried_at as "triedAt"
from orca.shown_deliveries where id in (select page.id from page)
order by id desc

-- name: list_deliveries_of_job
-- No lock. Its results, by their index, and the status that is on its way.
select id as "deliveryId", kind, client, job_id as "jobId", generation, location, image_sha as "imageSha",
  webhook_id as "webhookId", state, round, attempts, created_at as "createdAt", ended_at as "endedAt",
  next_try_at as "nextTryAt", is_under_way as "isUnderWay", status_code as "statusCode", error, tried_at as "triedAt"
from orca.shown_deliveries where job_id = $1 and (kind = 'result' or state = 'pending')
order by id desc
limit $2

-- name: find_delivery
-- No lock.
select id as "deliveryId", kind, client, job_id as "jobId", generation, location, image_sha as "imageSha",
  webhook_id as "webhookId", state, round, attempts, created_at as "createdAt", ended_at as "endedAt",
  next_try_at as "nextTryAt", is_under_way as "isUnderWay", status_code as "statusCode", error, tried_at as "triedAt"
from orca.shown_deliveries where id = $1

-- name: list_attempts
-- No lock. The newest first.
select round, attempt, ended_at as "endedAt", outcome, status_code as "statusCode", duration_ms as "durationMs",
  answer_start as "answerStart", error
from orca.delivery_attempts where delivery_id = $1
order by round desc, attempt desc
limit $2
