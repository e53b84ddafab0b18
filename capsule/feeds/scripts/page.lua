-- Purpose: read some items of a feed that lie together, and the id of the scope's last event at that moment.
-- KEYS:    1 the scope's prefix, cap1:{team.7}:
-- ARGV:    1 feed
--          2 position: `:end` the last ones, `begin:` the first ones, `:X` those before the item X, `X:` those after it
--          3 count, 1 to 1000
--          4 `items`, or `ids` to leave the items out
-- Returns: the last event's id, how many items the feed has, the rank of the first one below (from 0), and a list id,
--          item, id, item, ... in the feed's order (with `ids`: id, id, ...); fewer than asked when they hold more than
--          4 MiB. nil when the feed has no item X
-- Events:  none
-- Errors:  CAP ARGS; WRONGTYPE when a key holds something else

local MAX_COUNT, MAX_BYTES = 1000, 4194304
local CHUNK = 100

local call, find, match, sub = redis.call, string.find, string.match, string.sub
local P, feed, position, count = KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[3])
-- include: names
local neighbour, position_ok
-- include: positions

if #ARGV ~= 4 or not feed_ok(feed) or not position_ok(position) or not count or count < 1 or count > MAX_COUNT
  or count % 1 ~= 0 or ARGV[4] ~= 'items' and ARGV[4] ~= 'ids'
then return redis.error_reply('CAP ARGS The feed, the position or the count is malformed.') end

local last = call('HGET', P .. 'meta', 'last') or '0-0'
local ids, items = P .. 'ids:' .. feed, P .. 'items:' .. feed
local length, other = call('ZCARD', ids), neighbour(position)
local from, backwards = 0, sub(position, 1, 1) == ':'
if other then
  local rank = call('ZRANK', ids, other)
  if not rank then return false end
  from = backwards and rank or rank + 1
elseif backwards then
  from = length
end
local to = backwards and from or math.min(length, from + count)
if backwards then from = math.max(0, to - count) end
if from >= to then return { last, length, from, {} } end

local found = call('ZRANGE', ids, from, to - 1)
if ARGV[4] == 'ids' then return { last, length, from, found } end
-- From the item that was named outwards, so that what is left out is what lies farthest from it.
local first, step, bytes, texts = backwards and #found or 1, backwards and -1 or 1, 0, {}
local stop = first
while found[stop] and bytes < MAX_BYTES do
  local edge = stop + step * (CHUNK - 1)
  local low, high = math.max(1, math.min(stop, edge)), math.min(#found, math.max(stop, edge))
  local chunk = call('HMGET', items, unpack(found, low, high))
  while found[stop] and stop >= low and stop <= high and bytes < MAX_BYTES do
    texts[stop] = chunk[stop - low + 1]
    bytes = bytes + #texts[stop]
    stop = stop + step
  end
end
local flat = {}
for n = math.min(first, stop - step), math.max(first, stop - step) do
  flat[#flat + 1], flat[#flat + 2] = found[n], texts[n]
end
return { last, length, backwards and from + stop or from, flat }
