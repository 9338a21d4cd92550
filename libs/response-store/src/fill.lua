-- Stores answers of one tenant and keeps the tenant's index.
-- KEYS   [1] the tenant's index, then a key for each answer
-- ARGV   [1] now (epoch s)  [2] lifetime of the index (s), then for each answer: stored form, lifetime (s), member of the index
-- Reply  number of entries that the index holds
local now = tonumber(ARGV[1])
for i = 2, #KEYS do
  local at = 3 * (i - 1)
  redis.call('SET', KEYS[i], ARGV[at], 'EX', ARGV[at + 1])
  redis.call('ZADD', KEYS[1], now + tonumber(ARGV[at + 1]), ARGV[at + 2])
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('EXPIRE', KEYS[1], ARGV[2])
return redis.call('ZCARD', KEYS[1])
