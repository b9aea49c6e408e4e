-- name: find_api_key
-- No lock.
select id, role, hostnames from orca.api_keys
where key_sha256 = $1 and revoked_at is null and (expires_at is null or expires_at > now())

-- name: create_api_key
-- The unique hash refuses a key twice.
insert into orca.api_keys (key_sha256, role, hostnames, note, expires_at) values ($1, $2, $3, $4, $5)
on conflict (key_sha256) do nothing
returning id

-- name: count_api_keys
-- No lock. Revoked ones count too: who has ever made a key no longer wants to be open.
select count(*) as keys from orca.api_keys

-- name: list_api_keys
-- No lock.
select id, role, hostnames, note, created_at as "createdAt", expires_at as "expiresAt", revoked_at as "revokedAt",
  last_used_at as "lastUsedAt",
  case
    when revoked_at is not null then 'revoked'
    when expires_at <= now() then 'expired'
    else 'active'
  end as state
from orca.api_keys
order by id

-- name: revoke_api_key
-- The row lock lets one of two win that come at once; revokedAt is null for the one that did it just now.
with found as (
  select id, revoked_at from orca.api_keys where id = $1 for update
), revoked as (
  update orca.api_keys k set revoked_at = now() from found where k.id = found.id and found.revoked_at is null
)
select revoked_at as "revokedAt" from found

-- name: note_api_key_use
-- One row; of several servers that see a key used in the same minute, one writes.
update orca.api_keys set last_used_at = now()
where id = $1 and (last_used_at is null or last_used_at <= now() - make_interval(secs => $2))
