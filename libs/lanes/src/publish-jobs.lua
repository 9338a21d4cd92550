-- Publishes jobs, several a call.
-- KEYS   the streams that this call writes to
-- ARGV   six values a job: index into KEYS, task_type, payload, priority, idempotency_key, created_at
-- Reply  number of jobs written
local written = 0
for i = 1, #ARGV, 6 do
  redis.call('XADD', KEYS[tonumber(ARGV[i])], '*',
    'task_type', ARGV[i + 1], 'payload', ARGV[i + 2], 'priority', ARGV[i + 3],
    'idempotency_key', ARGV[i + 4], 'created_at', ARGV[i + 5])
  written = written + 1
end
return written
