-- Purpose: put items into a queue that hands each out at most once.
-- KEYS:    1 the queue's prefix, cap1:{mail}:queue:
-- ARGV:    1 priority, a whole number: higher ones come first, equal ones in the order of their puts
--          then the items, at most 1000 and 1 MiB; each is one line of JSON
-- Returns: how many items wait
-- Events:  none; whoever waits in BZMPOP is served
-- Errors:  CAP ARGS, CAP LIMIT; WRONGTYPE when a key holds something else. After an error nothing has been written.

local MAX_ITEMS, MAX_BYTES, MAX_PRIORITY = 1000, 1048576, 1000000
local call, P = redis.call, KEYS[1]
local priority, bytes = tonumber(ARGV[1]), 0
local good = #ARGV > 1 and priority and priority % 1 == 0 and math.abs(priority) <= MAX_PRIORITY
for i = 2, #ARGV do
  good = good and ARGV[i] ~= '' and not string.find(ARGV[i], '[\r\n]')
  bytes = bytes + #ARGV[i]
end
if not good then return redis.error_reply('CAP ARGS The priority or an item is malformed.') end
if #ARGV > MAX_ITEMS + 1 or bytes > MAX_BYTES then
  return redis.error_reply('CAP LIMIT A put takes at most ' .. MAX_ITEMS .. ' items and ' .. MAX_BYTES .. ' bytes.')
end

call('ZCARD', P .. 'items')         -- of the wrong type, it must raise before anything is written
local first = call('INCRBY', P .. 'count', #ARGV - 1) - #ARGV + 1
local words = {}
for i = 2, #ARGV do
  -- Equal scores are sorted by their text: the number makes it the order of arrival, and every item another one.
  words[#words + 1], words[#words + 2] = -priority, string.format('%016.0f ', first + i - 1) .. ARGV[i]
end
call('ZADD', P .. 'items', unpack(words))
return call('ZCARD', P .. 'items')
