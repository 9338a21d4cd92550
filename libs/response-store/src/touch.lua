-- Entries of one tenant were used: they go later.
-- KEYS   [1] the tenant's rank
-- ARGV   [1] `at`: the score is the time of the use; `by`: the score grows,  then for each entry: score or growth, member
-- Reply  nothing
-- What has gone meanwhile does not come back into the rank.
if ARGV[1] == 'at' then
  redis.call('ZADD', KEYS[1], 'XX', 'GT', unpack(ARGV, 2))
  return
end
for i = 2, #ARGV, 2 do redis.call('ZADD', KEYS[1], 'XX', 'INCR', ARGV[i], ARGV[i + 1]) end
