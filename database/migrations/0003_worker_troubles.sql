-- Why a worker claims nothing at the moment, in words, as its last sign of life said; empty when it can work.
alter table orca.workers add column troubles text[] not null default '{}';
