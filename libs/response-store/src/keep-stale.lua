-- Keeps answers of one tenant beyond their lifetime, with an index of their own, and lets go of what is too much.
-- KEYS   [1] index of the tenant's kept answers, then a key for each answer
-- ARGV   [1] now (epoch s)  [2] lifetime of the index (s)  [3] answers it may hold  [4] what the keys of its answers begin with,
--        then for each answer: stored form, lifetime (s), member of the index
-- Reply  number of answers that had to go
local now, limit = tonumber(ARGV[1]), tonumber(ARGV[3])
local CHUNK = 1000

-- A bound on what one call does: the server does nothing else meanwhile.
for _ = 1, 5 do
  local expired = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, CHUNK)
  if #expired == 0 then break end
  redis.call('ZREM', KEYS[1], unpack(expired))
  if #expired < CHUNK then break end
end

for i = 2, #KEYS do
  local at = 5 + 3 * (i - 2)
  redis.call('SET', KEYS[i], ARGV[at], 'EX', ARGV[at + 1])
  redis.call('ZADD', KEYS[1], now + tonumber(ARGV[at + 1]), ARGV[at + 2])
end
redis.call('EXPIRE', KEYS[1], ARGV[2])

local excess = redis.call('ZCARD', KEYS[1]) - limit
if excess <= 0 then return 0 end
-- Those that would expire first go first.
local gone = redis.call('ZRANGE', KEYS[1], 0, math.min(excess, CHUNK) - 1)
local keys = {}
for i, member in ipairs(gone) do keys[i] = ARGV[4] .. string.match(member, '^[^|]*') end
redis.call('UNLINK', unpack(keys))
redis.call('ZREM', KEYS[1], unpack(gone))
return #gone
