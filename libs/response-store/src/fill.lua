-- Stores answers of one tenant, keeps the tenant's index and rank, and lets go of what is too much.
-- KEYS   [1] the tenant's index  [2] its rank  [3] the rank's age  [4] all tenants, then a key for each answer
-- ARGV   [1] now (epoch s)  [2] lifetime of the index (s)  [3] the tenant's name  [4] entries it may hold  [5] what the keys of its answers begin with
--        [6] score of an entry where the policy goes by time; empty: the age plus the worth of a use,
--        then for each answer: stored form, lifetime (s), member of index and rank, worth of a use
-- Reply  number of entries that had to go
-- The keys of answers that go are made here from their members, so that an entry and its place in the index go together.
local now, life, limit, at_time = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[4]), ARGV[6]
-- Even: members come with their scores.
local CHUNK = 1000

-- What has expired goes from both sets; a bound on each call, for the server does nothing else meanwhile.
for _ = 1, 5 do
  local expired = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, CHUNK)
  if #expired == 0 then break end
  redis.call('ZREM', KEYS[1], unpack(expired))
  redis.call('ZREM', KEYS[2], unpack(expired))
  if #expired < CHUNK then break end
end

local age = tonumber(redis.call('GET', KEYS[3]) or 0)
local expiries, scores = {}, {}
for i = 5, #KEYS do
  local at = 7 + 4 * (i - 5)
  redis.call('SET', KEYS[i], ARGV[at], 'EX', ARGV[at + 1])
  local score = at_time
  if score == '' then score = string.format('%.17g', age + tonumber(ARGV[at + 3])) end
  expiries[#expiries + 1] = now + tonumber(ARGV[at + 1])
  expiries[#expiries + 1] = ARGV[at + 2]
  scores[#scores + 1] = score
  scores[#scores + 1] = ARGV[at + 2]
end
for i = 1, #scores, CHUNK do
  local last = math.min(i + CHUNK - 1, #scores)
  redis.call('ZADD', KEYS[1], unpack(expiries, i, last))
  -- An answer that is stored again keeps what it was used.
  redis.call('ZADD', KEYS[2], 'GT', unpack(scores, i, last))
end
redis.call('EXPIRE', KEYS[1], life)
redis.call('EXPIRE', KEYS[2], life)
redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', now)
redis.call('ZADD', KEYS[4], now + life, ARGV[3])
redis.call('EXPIRE', KEYS[4], life)

local excess = redis.call('ZCOUNT', KEYS[1], '(' .. now, '+inf') - limit
if excess <= 0 then return 0 end
local wanted = math.min(excess, CHUNK)
local gone = redis.call('ZPOPMIN', KEYS[2], wanted)
local members = {}
for i = 1, #gone, 2 do members[#members + 1] = gone[i] end
if #gone > 0 and at_time == '' then
  redis.call('SET', KEYS[3], string.format('%.17g', math.max(age, tonumber(gone[#gone]))), 'EX', life)
end
-- Entries without a place in the rank: of them those that expire first go first.
if #members < wanted then
  for _, member in ipairs(redis.call('ZRANGE', KEYS[1], 0, wanted - #members - 1)) do members[#members + 1] = member end
end
if #members == 0 then return 0 end
local keys = {}
for i, member in ipairs(members) do keys[i] = ARGV[5] .. string.match(member, '^[^|]*') end
redis.call('UNLINK', unpack(keys))
return redis.call('ZREM', KEYS[1], unpack(members))
