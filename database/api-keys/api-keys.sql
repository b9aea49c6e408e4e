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
