-- Publishes what gateways are asked to do with items of durable jobs, several a call. None goes where too many wait already: what is in the
-- stream is never pushed out of it.
-- KEYS   [1] the stream
-- ARGV   [1] how many may wait, then five values an item: task_type, payload, priority, idempotency_key, created_at
-- Reply  for each item the id of its entry, '' where there is no room
local places = tonumber(ARGV[1]) - redis.call('XLEN', KEYS[1])
local ids = {}
for i = 2, #ARGV, 5 do
  if places > 0 then
    places = places - 1
    ids[#ids + 1] = redis.call('XADD', KEYS[1], '*',
      'task_type', ARGV[i], 'payload', ARGV[i + 1], 'priority', ARGV[i + 2],
      'idempotency_key', ARGV[i + 3], 'created_at', ARGV[i + 4])
  else
    ids[#ids + 1] = ''
  end
end
return ids
