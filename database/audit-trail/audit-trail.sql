-- name: note_audit
-- One row of its own. In the transaction of what it tells of, where there is one.
insert into orca.audit_trail (actor, key_id, role, action, target, request_id, outcome)
values ($1, $2, $3, $4, $5, $6, $7)

-- name: list_audit_trail
-- No lock. The newest first, by the primary key; a page that few rows fit may walk the whole trail, which people fill.
select id, at, actor, key_id as "keyId", role, action, target, request_id as "requestId", outcome
from orca.audit_trail
where ($1::text is null or actor = $1) and ($2::text is null or action = $2) and ($3::text is null or target = $3)
order by id desc
limit $4 offset $5
