-- Claims questions for the gateways that are about to ask a provider, several a call, and gives claims back.
-- KEYS   two a claim: the answer's key in the exact tier, the claim's key; then one a claim that is given back
-- ARGV   [1] number of claims, then three values a claim: its value, lifetime in ms, value that it may replace ('' for none);
--        then one value a claim that is given back: a claim that meanwhile is somebody else's stays
-- Reply  for each claim: '' it is ours, '*' the exact tier has the answer, else the value of the one who holds it
local count = tonumber(ARGV[1])
local replies = {}
for i = 1, count do
  local key = KEYS[2 * i]
  local value, lifetime, replaced = ARGV[3 * i - 1], ARGV[3 * i], ARGV[3 * i + 1]
  if redis.call('EXISTS', KEYS[2 * i - 1]) == 1 then
    replies[i] = '*'
  else
    local holder = redis.call('GET', key)
    if not holder or holder == replaced then
      redis.call('SET', key, value, 'PX', lifetime)
      replies[i] = ''
    else
      replies[i] = holder
    end
  end
end
local a = 3 * count + 1
for k = 2 * count + 1, #KEYS do
  a = a + 1
  if redis.call('GET', KEYS[k]) == ARGV[a] then redis.call('DEL', KEYS[k]) end
end
return replies
