-- Takes or keeps the right to run a task: it is free, or one's own already.
-- KEYS   [1] the lock: the token of who holds it
-- ARGV   [1] one's token  [2] ms that it holds, unless it is kept again
-- Reply  1 one holds it, 0 somebody else does
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
