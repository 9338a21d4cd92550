-- Claims questions for a gateway that is about to ask a provider, several a call, and gives claims back.
-- A claim's value is '<gateway> <request id>'. Renewing one's own claim is taking its place.
-- KEYS   two a claim: the answer's key in the exact tier, the claim's key; then one a claim that is given back
-- ARGV   [1] gateway  [2] lifetime of claims in ms  [3] number of claims n, then n request ids
--        [4 + n] number m of claims that may take another one's place, then m x (position of the claim from 1, the other's value)
--        then one request id a claim that is given back: a claim that meanwhile is somebody else's stays
-- Reply  for each claim that was not made, its position and: '*' where the exact tier has the answer, else the value of who holds it
local gateway, lifetime, count = ARGV[1] .. ' ', ARGV[2], tonumber(ARGV[3])
local replaced, refused = {}, {}
local a = 4 + count
for _ = 1, tonumber(ARGV[a]) do
  replaced[tonumber(ARGV[a + 1])] = ARGV[a + 2]
  a = a + 2
end
for i = 1, count do
  local key = KEYS[2 * i]
  if redis.call('EXISTS', KEYS[2 * i - 1]) == 1 then
    refused[#refused + 1] = i
    refused[#refused + 1] = '*'
  else
    local value = gateway .. ARGV[3 + i]
    if not redis.call('SET', key, value, 'PX', lifetime, 'NX') then
      local holder = redis.call('GET', key)
      if holder == replaced[i] then
        redis.call('SET', key, value, 'PX', lifetime)
      else
        refused[#refused + 1] = i
        refused[#refused + 1] = holder
      end
    end
  end
end
for k = 2 * count + 1, #KEYS do
  a = a + 1
  if redis.call('GET', KEYS[k]) == gateway .. ARGV[a] then redis.call('DEL', KEYS[k]) end
end
return refused
