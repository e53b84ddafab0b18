-- Purpose: read a scope, or one feed of it, and the id of its last event at one moment; a large one in parts.
-- KEYS:    1 the scope's prefix, cap1:{team.7}:
-- ARGV:    1 cursor: empty to begin, then as the last part answered it
--          2 a feed, or empty for all of them
--          3 `items`, or `ids` to leave the items out
--          then pairs: a collection (a feed's name with `*` for each item id: members.*.tasks) and its window, the
--          number of its last items that are wanted
-- Returns: the last event's id (0-0 before the first), the cursor of the next part (empty: this was the last one), then
--          for each feed, sorted by name (parents before children), three entries: the name, how many items it has in
--          all, and a list id, item, id, item, ... in the feed's order (with `ids`: id, id, ...)
-- Events:  none
-- Errors:  CAP ARGS; WRONGTYPE when a key holds something else

local MAX_ITEMS, MAX_BYTES = 10000, 4194304   -- of a part; a feed counts as an item
local CHUNK = 100

local call, find, match, sub = redis.call, string.find, string.match, string.sub
local P = KEYS[1]
-- include: names

local at, after = match(ARGV[1] or '', '^(%S+) ([-+%w.]+)$')
local only, whole = ARGV[2], ARGV[3] == 'items'
if not at and ARGV[1] ~= '' or at and not feed_ok(at) or not only or only ~= '' and not feed_ok(only)
  or ARGV[3] ~= 'items' and ARGV[3] ~= 'ids' or #ARGV % 2 == 0
then return redis.error_reply('CAP ARGS The cursor, the feed or the windows are malformed.') end
local windows = {}
for i = 4, #ARGV, 2 do
  local window = tonumber(ARGV[i + 1])
  if not window or window < 1 or window % 1 ~= 0 then return redis.error_reply('CAP ARGS A window is malformed.') end
  windows[ARGV[i]] = window
end

local reply = { call('HGET', P .. 'meta', 'last') or '0-0', '' }
local left, bytes = MAX_ITEMS, MAX_BYTES
local feeds = { only }
if only == '' then
  feeds = call('ZRANGE', P .. 'feeds', at and '[' .. at or '-', '+', 'BYLEX', 'LIMIT', 0, MAX_ITEMS)
end
for _, feed in ipairs(feeds) do
  local ids, items, flat = P .. 'ids:' .. feed, P .. 'items:' .. feed, {}
  local length, rank = call('ZCARD', ids), 0
  if feed == at then
    rank = call('ZCOUNT', ids, '-inf', after)
  else
    local window = windows[(string.gsub(feed, '%.[^.]+%.', '.*.'))]
    if window then rank = math.max(0, length - window) end
  end
  local last
  while rank < length and left > 0 and bytes > 0 do
    local chunk = call('ZRANGE', ids, rank, rank + math.min(CHUNK, left) - 1)
    local texts = whole and call('HMGET', items, unpack(chunk))
    for n, id in ipairs(chunk) do
      if bytes <= 0 then break end
      flat[#flat + 1] = id
      if whole then flat[#flat + 1] = texts[n]; bytes = bytes - #texts[n] end
      rank, left, last = rank + 1, left - 1, id
    end
  end
  left = left - 1
  -- A feed that is finished by a later part has nothing to say in it, unless it is what that part begins with.
  if feed ~= at or #flat > 0 then
    reply[#reply + 1], reply[#reply + 2], reply[#reply + 3] = feed, length, flat
  end
  if left <= 0 or bytes <= 0 then
    if rank < length then reply[2] = feed .. ' ' .. call('ZSCORE', ids, last or call('ZRANGE', ids, rank - 1, rank - 1)[1])
    elseif only == '' then reply[2] = feed .. ' +inf' end
    break
  end
end
return reply
