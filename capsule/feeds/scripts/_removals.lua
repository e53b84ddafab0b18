-- Removing: items with what hangs below them, whole feeds, and the first items of a feed that is too long.

local function drop(name)
  call('UNLINK', P .. 'items:' .. name, P .. 'ids:' .. name)
  call('HDEL', TYPES, name)
  local f = touched[name]
  if f then f.fresh = false end
end
local function drop_below(prefix)
  local from, to = '-', '+'
  if prefix ~= '' then from, to = '[' .. prefix, '(' .. sub(prefix, 1, -2) .. '/' end
  for _, name in ipairs(call('ZRANGE', FEEDS, from, to, 'BYLEX')) do
    if name ~= '.' then
      drop(name)
      call('ZREM', FEEDS, name)
      -- The revision of a first-level feed stays: nothing above it would tell a reader that it went.
      if not above(name) then call('HSET', P .. 'items:' .. name, '.', new) end
    end
  end
end
drop_all = function(feed)
  drop_below(feed == '.' and '' or feed .. '.')
  drop(feed)
  -- One that hangs below an item stays listed, empty: its revision is kept there until the item goes.
  if not above(feed) then call('ZREM', FEEDS, feed) end
  tell('["delete","' .. feed .. '",""]')
end
remove = function(feed, f, gone)
  flush(f)
  call('ZREM', f.ids, unpack(gone))
  call('HDEL', f.items, unpack(gone))
  for _, id in ipairs(gone) do
    call('HDEL', f.items, ':' .. id)
    drop_below(below(feed, id))
    tell('["retract","' .. feed .. '","' .. id .. '"]')
  end
end
-- A feed that is longer than it may be loses its first items, by ordinary events of the same transaction.
cut = function(feed)
  local f = touched[feed]
  local most = tonumber(f.limit or '')
  local over = most and call('ZCARD', f.ids) - most or 0
  if over <= 0 then return end
  local gone = call('ZRANGE', f.ids, 0, math.min(over, MAX_CUT) - 1)
  remove(feed, f, gone)
  f.fresh = { '.', new }
  for _, id in ipairs(gone) do
    if f.there[id] then f.there[id] = false end
    vanish_below(below(feed, id))
  end
end
