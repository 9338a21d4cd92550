-- Gives the right to run a task back, where it is one's own.
-- KEYS   [1] the lock: the token of who holds it
-- ARGV   [1] one's token
-- Reply  1 it is free, 0 somebody else holds it, or nobody
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
