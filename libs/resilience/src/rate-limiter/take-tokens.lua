-- Takes tokens from a bucket that holds a minute's worth at most and is refilled evenly. A new bucket is full.
-- KEYS   [1] bucket: hash of tokens `t` (fractions kept) and time of the last refill `at` (epoch ms, the server's clock)
-- ARGV   [1] limit a minute  [2] tokens wanted
-- Reply  { tokens granted, ms until there is a whole token again (0 when any was granted) }
local limit, wanted = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local bucket = redis.call('HMGET', KEYS[1], 't', 'at')
local tokens, at = tonumber(bucket[1]) or limit, tonumber(bucket[2]) or now
tokens = math.min(limit, tokens + math.max(0, now - at) * limit / 60000)
local granted = math.max(0, math.min(wanted, math.floor(tokens)))
tokens = tokens - granted
redis.call('HSET', KEYS[1], 't', string.format('%.6f', tokens), 'at', string.format('%.0f', now))
-- A bucket that nobody asked for a minute is full, which is what a missing one counts as.
redis.call('PEXPIRE', KEYS[1], 61000)
if granted > 0 then return { granted, 0 } end
return { 0, math.ceil((1 - tokens) * 60000 / limit) }
