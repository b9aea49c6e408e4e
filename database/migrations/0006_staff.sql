-- What staff look at and do: deliveries in lists, deliveries sent again, and who did what.

-- A delivery that is sent again begins its next round: its tries are counted anew, those before stay in sight.
alter table orca.deliveries add column round integer not null default 1 check (round >= 1);
alter table orca.delivery_attempts add column round integer not null default 1 check (round >= 1);
alter table orca.delivery_attempts drop constraint delivery_attempts_pkey;
alter table orca.delivery_attempts add primary key (delivery_id, round, attempt);

-- One index for every list: of some clients or all, in some states or all, the newest first.
create index deliveries_listed on orca.deliveries (client, state, id);

-- What staff see of a delivery, its last try with it. Neither URL nor body: the one may hold a secret, the other a key.
create view orca.shown_deliveries as
select d.id, d.kind, d.client, d.job_id, d.generation, d.location, d.image_sha, d.webhook_id, d.state, d.round, d.attempts,
  d.created_at, d.ended_at, case when d.state = 'pending' then d.due_at end as next_try_at,
  coalesce(d.lease_expires_at > now(), false) as is_under_way, last.status_code, last.error, last.ended_at as tried_at
from orca.deliveries d left join lateral (
  select a.status_code, a.error, a.ended_at from orca.delivery_attempts a where a.delivery_id = d.id
  order by a.round desc, a.attempt desc limit 1
) as last on true;

-- Who did what, when, to what, and what came of it. No secret, no job's key and no URL stands in it.
create table orca.audit_trail (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  actor text not null check (length(actor) between 1 and 128), -- "key 3", "loopback", "command line"
  key_id bigint, -- of the API key; null for the others
  role text not null check (role in ('client', 'staff', 'admin', 'operator')),
  action text not null check (action ~ '^[a-z][a-z_]{1,63}$'),
  target text not null check (length(target) <= 256), -- "job 17", "delivery 3", "client course.example.edu"
  request_id text, -- finds the request in the log; null for the command line
  outcome text not null check (length(outcome) <= 1024),
  check ((role = 'operator') = (request_id is null))
);
create index audit_trail_of_target on orca.audit_trail (target, id);

create function orca.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'the audit trail only grows';
end
$$;
create trigger audit_trail_only_grows before update or delete or truncate on orca.audit_trail
  for each statement execute function orca.refuse_change();
