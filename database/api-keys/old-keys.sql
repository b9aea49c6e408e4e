-- name: describe_old_table
-- No lock. PostgreSQL itself writes the statement that reads the table, from its catalogue and with its own quoting: a
-- name that a person gave is only ever compared. It is null where the columns are not there.
with columns as (
  select column_name::text as name, ordinal_position as place
  from information_schema.columns
  where table_schema = $1::text and table_name = $2::text
), chosen as (
  select
    (select name from columns where lower(name) in ('value', 'key') order by lower(name) = 'value' desc, place limit 1) as value,
    (select name from columns where lower(name) in ('hostname', 'host') order by lower(name) = 'hostname' desc, place limit 1) as hostname
)
select
  (select array_agg(name order by place) from columns) as columns,
  case when chosen.value is not null and chosen.hostname is not null then
    format('select %I::text as value, %I::text as hostname from %I.%I order by 2, 1 limit %s',
      chosen.value, chosen.hostname, $1::text, $2::text, $3::integer)
  end as statement
from chosen

-- name: find_keys_by_hash
-- Row locks, so that nobody revokes a key while hostnames are added to it.
select id, key_sha256 as "keySha256", role, hostnames,
  revoked_at is not null or coalesce(expires_at <= now(), false) as "hasEnded"
from orca.api_keys where key_sha256 = any ($1::bytea[])
order by id
for update

-- name: add_hostnames
-- One row, locked by find_keys_by_hash.
update orca.api_keys set hostnames = hostnames || $2::text[] where id = $1
