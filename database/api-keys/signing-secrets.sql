-- name: list_signing_secrets
-- No lock. The current one first; one that is rotated out signs, too, until it expires.
select secret from orca.signing_secrets
where client = $1 and (expires_at is null or expires_at > now())
order by expires_at desc nulls first, id desc

-- name: make_signing_secret
-- The unique index lets one of two win that come at once; the other gets no row.
insert into orca.signing_secrets (client, secret) values ($1, $2)
on conflict (client) where expires_at is null do nothing
returning id

-- name: list_signing_secrets_of_all
-- No lock.
select id, client, created_at as "createdAt", expires_at as "expiresAt" from orca.signing_secrets
where expires_at is null or expires_at > now()
order by client, expires_at desc nulls first, id desc

-- name: end_signing_secrets
-- Row locks: a second rotation waits here, then finds the first one's secret in its way. None outlives the overlap.
update orca.signing_secrets
set expires_at = least(coalesce(expires_at, 'infinity'), now() + make_interval(secs => $2))
where client = $1 and (expires_at is null or expires_at > now())
returning expires_at as "expiresAt"

-- name: forget_ended_secrets
-- Row locks on what nobody reads any more: a secret that signs nothing is better not kept.
delete from orca.signing_secrets where client = $1 and expires_at <= now()
