-- Entries of one tenant were used: they go later.
-- KEYS   [1] the tenant's rank
-- ARGV   [1] `at`: the score is the time of the use; `by`: the score grows,  then for each entry: score or growth, member
-- Reply  number of entries
-- What has gone meanwhile does not come back into the rank.
for i = 2, #ARGV, 2 do
  if ARGV[1] == 'at' then
    redis.call('ZADD', KEYS[1], 'XX', 'GT', ARGV[i], ARGV[i + 1])
  else
    redis.call('ZADD', KEYS[1], 'XX', 'INCR', ARGV[i], ARGV[i + 1])
  end
end
return (#ARGV - 1) / 2
