-- Moves jobs from lanes to dispatch streams, or back to the end of a lane: a job is in exactly one of them at any moment. Several jobs that one call answers
-- become one entry; where one of them is no longer in its lane, the others are moved each by itself.
-- KEYS   the streams that are read from and written to
-- ARGV   [1] the lanes' consumer group, then for each call: index of the target in KEYS, number m of jobs,
--        m x (index of the lane in KEYS, entry id, number n of fields, n fields); with m > 1 then the number of fields of the one entry for all, and those
-- Reply  number of jobs moved, number of calls that fell apart, then the length of each stream in KEYS
local group = ARGV[1]
local moved, apart = 0, 0
local i = 2
while i <= #ARGV do
  local target, count = KEYS[tonumber(ARGV[i])], tonumber(ARGV[i + 1])
  i = i + 2
  local own = {}
  for _ = 1, count do
    local lane, id, fields = KEYS[tonumber(ARGV[i])], ARGV[i + 1], tonumber(ARGV[i + 2])
    if redis.call('XACK', lane, group, id) == 1 then
      redis.call('XDEL', lane, id)
      own[#own + 1] = i + 3
      own[#own + 1] = i + 2 + fields
    end
    i = i + 3 + fields
  end
  local merged
  if count > 1 then
    merged = tonumber(ARGV[i])
    i = i + 1 + merged
  end
  if merged and merged > 0 and #own == 2 * count then
    redis.call('XADD', target, '*', unpack(ARGV, i - merged, i - 1))
  else
    for at = 1, #own, 2 do
      redis.call('XADD', target, '*', unpack(ARGV, own[at], own[at + 1]))
    end
    if merged and merged > 0 then apart = apart + 1 end
  end
  moved = moved + #own / 2
end
local reply = { moved, apart }
for k = 1, #KEYS do
  reply[#reply + 1] = redis.call('XLEN', KEYS[k])
end
return reply
