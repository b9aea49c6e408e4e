-- name: describe_server
-- No lock. One row about the server, the database and the role that asks, all of it open to any role.
select
  clock_timestamp() as "now",
  current_setting('server_version') as version,
  pg_encoding_to_char((select encoding from pg_database where datname = current_database())) as encoding,
  current_user::text as role,
  current_database()::text as database,
  coalesce((select ssl from pg_stat_ssl where pid = pg_backend_pid()), false) as "isEncrypted",
  current_setting('max_connections')::integer - current_setting('superuser_reserved_connections')::integer
    as "connectionsMax",
  (
    select count(*) from pg_stat_activity
    where datname is not null and application_name not like 'orca%'
  ) as "connectionsOfOthers",
  to_regnamespace('orca') is not null as "hasSchema",
  has_database_privilege(current_database(), 'create') as "mayCreate",
  coalesce(has_schema_privilege(to_regnamespace('orca')::oid, 'usage'), false) as "mayUse",
  (
    select count(*) from pg_class c
    where c.relnamespace = to_regnamespace('orca') and c.relkind in ('r', 'p') and not (
      has_table_privilege(c.oid, 'select') and has_table_privilege(c.oid, 'insert')
      and has_table_privilege(c.oid, 'update') and has_table_privilege(c.oid, 'delete')
    )
  ) as "closedTables"

-- name: count_images_on
-- No lock. The base image itself, which is never built, has no layers here.
select
  count(*) as ready,
  count(*) filter (where layers[1:cardinality($1::text[])] = $1::text[]) as "onBase"
from orca.images where state = 'ready' and layers is not null
