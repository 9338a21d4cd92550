-- Moves jobs from a lane to dispatch streams: a job is in exactly one of them at any moment.
-- KEYS   [1] the lane, then the dispatch streams
-- ARGV   [1] the lane's consumer group, then for each job: entry id, index into KEYS, number of fields n, n fields
-- Reply  number of jobs moved; an entry that somebody else has moved is passed over
local group = ARGV[1]
local moved = 0
local i = 2
while i <= #ARGV do
  local id, target, count = ARGV[i], tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2])
  if redis.call('XACK', KEYS[1], group, id) == 1 then
    redis.call('XDEL', KEYS[1], id)
    redis.call('XADD', KEYS[target], '*', unpack(ARGV, i + 3, i + 2 + count))
    moved = moved + 1
  end
  i = i + 3 + count
end
return moved
