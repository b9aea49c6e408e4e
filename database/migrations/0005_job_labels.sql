-- What people find jobs by: client, collation and every metadata field. A column of its own, because the config is json
-- out of line; jsonb_path_ops, because it keeps hashes: a value may be longer than an index row.

alter table orca.jobs add column labels jsonb not null default '{}';
alter table orca.jobs alter column labels set storage main; -- inline as long as it fits: a list reads nothing else

-- Halves of surrogate pairs and NUL are no jsonb; a job that had them is found by its client and collation only.
update orca.jobs set labels = jsonb_build_object(
  'client', client,
  'collation', (config -> 'collation')::jsonb,
  'metadata', case when config::text ~* '\\u(d[89a-f]|0000)' then '{}' else (config -> 'metadata_table')::jsonb end
) where not (config -> 'collation')::text ~* '\\u(d[89a-f]|0000)';

create index jobs_labels on orca.jobs using gin (labels jsonb_path_ops) where state = 'waiting';
