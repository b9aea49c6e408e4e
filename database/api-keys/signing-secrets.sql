-- name: list_signing_secrets
-- No lock. The current one first; one that is rotated out signs, too, until it expires.
select secret from orca.signing_secrets
where client = $1 and (expires_at is null or expires_at > now())
order by expires_at desc nulls first, id desc

-- name: make_signing_secret
-- The unique index lets one of two win that come at once.
insert into orca.signing_secrets (client, secret) values ($1, $2)
on conflict (client) where expires_at is null do nothing
