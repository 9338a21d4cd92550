-- Notes an invalidation of a tenant's entries, and forgets those that no answer under way can be older than.
-- KEYS   [1] the tenant's invalidations: what -> epoch ms
-- ARGV   [1] what  [2] now (epoch ms)  [3] how long it is remembered (s)
-- Reply  nothing
-- A tenant that invalidates all the time would keep the hash alive, and with it all that it ever named. Looking through it costs, so
-- only every so often.
local EVERY, CHUNK = 256, 1000
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
if redis.call('HLEN', KEYS[1]) % EVERY ~= 0 then return end
local oldest, gone = tonumber(ARGV[2]) - 1000 * tonumber(ARGV[3]), {}
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  if tonumber(all[i + 1]) < oldest then gone[#gone + 1] = all[i] end
end
for i = 1, #gone, CHUNK do
  redis.call('HDEL', KEYS[1], unpack(gone, i, math.min(i + CHUNK - 1, #gone)))
end
