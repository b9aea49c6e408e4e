-- name: clear_search_path
-- For this transaction only: a user named like the schema would else see its tables by their bare names.
select set_config('search_path', '', true)

-- name: list_types
-- No lock: the catalogs.
select case t.typtype
    when 'e' then format('create type orca.%s as enum (%s);', t.typname, (
      select string_agg(quote_literal(enumlabel), ', ' order by enumsortorder) from pg_enum where enumtypid = t.oid))
    else format('create domain orca.%s as %s%s;', t.typname, format_type(t.typbasetype, t.typtypmod), (
      select string_agg(' ' || pg_get_constraintdef(c.oid), '' order by c.conname) from pg_constraint c
      where c.contypid = t.oid))
  end as definition
from pg_type t
where t.typnamespace = 'orca'::regnamespace and t.typtype in ('d', 'e')
order by t.typname

-- name: list_columns
-- No lock: the catalogs.
select c.relname as table, a.attname as column, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as "isRequired",
  pg_get_expr(d.adbin, d.adrelid) as default, a.attidentity <> '' as "isIdentity",
  case when a.attstorage <> t.typstorage then
    case a.attstorage when 'p' then 'plain' when 'm' then 'main' when 'e' then 'external' else 'extended' end
  end as storage,
  coalesce(array_to_string(c.reloptions, ', '), '') as options
from pg_class c
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
join pg_type t on t.oid = a.atttypid
left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
where c.relnamespace = 'orca'::regnamespace and c.relkind = 'r'
order by c.relname, a.attnum

-- name: list_constraints
-- No lock: the catalogs. In PostgreSQL 18 "not null" is a constraint, too; it stands with the column.
select t.relname as table, c.conname as name, pg_get_constraintdef(c.oid) as definition
from pg_constraint c join pg_class t on t.oid = c.conrelid
where c.connamespace = 'orca'::regnamespace and c.contype <> 'n'
order by t.relname, c.contype, c.conname

-- name: list_indexes
-- No lock: the catalogs. Those of constraints stand with them.
select t.relname as table, pg_get_indexdef(i.indexrelid) as definition
from pg_index i
join pg_class t on t.oid = i.indrelid join pg_class x on x.oid = i.indexrelid
where t.relnamespace = 'orca'::regnamespace
  and not exists (select from pg_constraint c where c.conindid = i.indexrelid)
order by t.relname, x.relname

-- name: list_views
-- No lock: the catalogs.
select format(E'create view orca.%s as\n%s\n', relname, pg_get_viewdef(oid)) as definition
from pg_class where relnamespace = 'orca'::regnamespace and relkind = 'v'
order by relname

-- name: list_functions
-- No lock: the catalogs. What runs by itself.
select pg_get_functiondef(oid) || ';' as definition
from pg_proc where pronamespace = 'orca'::regnamespace
order by proname

-- name: list_triggers
-- No lock: the catalogs. Those of constraints stand with them.
select pg_get_triggerdef(g.oid) || ';' as definition
from pg_trigger g join pg_class t on t.oid = g.tgrelid
where t.relnamespace = 'orca'::regnamespace and not g.tgisinternal
order by t.relname, g.tgname
