-- Which of these entries are no longer in the stream.
-- KEYS   [1] the stream
-- ARGV   entry ids
-- Reply  list of the positions (from 1) of those that are gone
local gone = {}
for i = 1, #ARGV do
  if #redis.call('XRANGE', KEYS[1], ARGV[i], ARGV[i]) == 0 then gone[#gone + 1] = i end
end
return gone
