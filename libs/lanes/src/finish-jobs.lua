-- Sends replies of one tick, and ends jobs: reply, completion and acknowledgement are one step, so that a job that two workers
-- ran answers and charges once: whoever acknowledges first.
-- KEYS   [1] completions, then dispatch and reply streams and idempotency keys
-- ARGV   [1] consumer group  [2] length bound of a reply stream  [3] length bound of completions  [4] number of plain parts
--        plain parts, 3 values each: index of the reply stream, field, value
--        then for each job: index of its dispatch stream, entry id ('' when it came without one), index of the reply stream,
--        '1' to record it even when somebody else had acknowledged it, number of parts p, p x (field, value), record (JSON, {record, fill} with an answer), answer bytes ('' for none), index of the idempotency key (0: none),
--        lifetime in s, result to keep
-- Reply  list of the positions (from 1) of jobs that had already been ended by somebody else
local group, replyBound, completionBound = ARGV[1], ARGV[2], ARGV[3]
local replies, completions, records, doubled = {}, {}, {}, {}

local function addPart(stream, field, value)
  local parts = replies[stream]
  if not parts then
    parts = {}
    replies[stream] = parts
  end
  parts[#parts + 1] = field
  parts[#parts + 1] = value
end

local i = 5
for _ = 1, tonumber(ARGV[4]) do
  addPart(tonumber(ARGV[i]), ARGV[i + 1], ARGV[i + 2])
  i = i + 3
end

local position = 0
while i <= #ARGV do
  position = position + 1
  local dispatch, id, reply = KEYS[tonumber(ARGV[i])], ARGV[i + 1], tonumber(ARGV[i + 2])
  local isForced, count = ARGV[i + 3] == '1', tonumber(ARGV[i + 4])
  local first = i + 5
  i = first + 2 * count
  local isAcknowledged = id ~= '' and redis.call('XACK', dispatch, group, id) == 1
  if isAcknowledged then redis.call('XDEL', dispatch, id) end
  if isAcknowledged or isForced or id == '' then
    for p = first, i - 2, 2 do addPart(reply, ARGV[p], ARGV[p + 1]) end
    if ARGV[i + 1] == '' then
      records[#records + 1] = ARGV[i]
    else
      completions[#completions + 1] = 'f'
      completions[#completions + 1] = ARGV[i]
      completions[#completions + 1] = 'b'
      completions[#completions + 1] = ARGV[i + 1]
    end
    local kept = tonumber(ARGV[i + 2])
    if kept > 0 then redis.call('SET', KEYS[kept], ARGV[i + 4], 'EX', ARGV[i + 3]) end
  else
    doubled[#doubled + 1] = position
  end
  i = i + 5
end

for stream, parts in pairs(replies) do
  redis.call('XADD', KEYS[stream], 'MAXLEN', '~', replyBound, '*', unpack(parts))
  -- The gateway renews the lifetime of its own stream; one that is gone must not leave it behind.
  if redis.call('XLEN', KEYS[stream]) == 1 then redis.call('EXPIRE', KEYS[stream], 120) end
end
if #records > 0 then
  completions[#completions + 1] = 'r'
  completions[#completions + 1] = table.concat(records, '\n')
end
if #completions > 0 then
  redis.call('XADD', KEYS[1], 'MAXLEN', '~', completionBound, '*', unpack(completions))
end
return doubled
