-- For statements that cannot leave it to the default, since they give some rows one of their own. Apart from 0012: both need
-- a table for themselves, and one transaction that waits for two can be in the way of another.
create function orca.new_message_id() returns text language sql volatile
as $$ select 'msg_' || replace(gen_random_uuid()::text, '-', '') $$;
alter table orca.deliveries alter column webhook_id set default orca.new_message_id();
