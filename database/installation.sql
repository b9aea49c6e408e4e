-- name: get_installation
-- No lock: it never changes.
select id from orca.installation

-- name: renew_installation
-- Only on a fresh copy, before anybody uses it.
update orca.installation set id = gen_random_uuid()
