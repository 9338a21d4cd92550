-- Ends items: the reply, what is put aside for people to look at, and the acknowledgement are one step. An entry that somebody else has ended
-- is answered all the same: whoever asked takes the first answer, and a second one is better than none.
-- KEYS   [1] the stream of items  [2] dead letters, then reply streams
-- ARGV   [1] consumer group  [2] length bound of a reply stream  [3] length bound of dead letters, then five values an item: entry id,
--        index of the reply stream (0: no reply), field, value, what to put aside (JSON; '' for nothing)
-- Reply  number of items that were not acknowledged before
local group, replyBound, deadBound = ARGV[1], ARGV[2], ARGV[3]
local ended = 0
for i = 4, #ARGV, 5 do
  local id, reply = ARGV[i], tonumber(ARGV[i + 1])
  ended = ended + redis.call('XACK', KEYS[1], group, id)
  redis.call('XDEL', KEYS[1], id)
  if reply > 0 then
    redis.call('XADD', KEYS[reply], 'MAXLEN', '~', replyBound, '*', ARGV[i + 2], ARGV[i + 3])
    -- The runner renews the lifetime of its own stream; one that is gone must not leave it behind.
    if redis.call('XLEN', KEYS[reply]) == 1 then redis.call('EXPIRE', KEYS[reply], 120) end
  end
  if ARGV[i + 4] ~= '' then
    redis.call('XADD', KEYS[2], 'MAXLEN', '~', deadBound, '*', 'stream', KEYS[1], 'id', id, 'item', ARGV[i + 4])
  end
end
return ended
