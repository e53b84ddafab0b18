-- Purpose: read a whole scope and the id of its last event at one moment.
-- KEYS:    1 the scope's prefix, cap1:{team.7}:
-- ARGV:    none
-- Returns: the last event's id (0-0 before the first), then for each feed, sorted by name (parents before children),
--          two entries: the name, and a list id, item, id, item, ... in the feed's order
-- Events:  none
-- Errors:  WRONGTYPE when a key holds something else

local P = KEYS[1]
local CHUNK = 500                   -- unpack() has a limit of a few thousand
local reply = { redis.call('HGET', P .. 'meta', 'last') or '0-0' }
for _, feed in ipairs(redis.call('ZRANGE', P .. 'feeds', 0, -1)) do
  local ids = redis.call('ZRANGE', P .. 'ids:' .. feed, 0, -1)
  local flat = {}
  for from = 1, #ids, CHUNK do
    local items = redis.call('HMGET', P .. 'items:' .. feed, unpack(ids, from, math.min(from + CHUNK - 1, #ids)))
    for i = 1, #items do
      flat[#flat + 1] = ids[from + i - 1]
      flat[#flat + 1] = items[i]
    end
  end
  reply[#reply + 1] = feed
  reply[#reply + 1] = flat
end
return reply
