-- Names: what they may look like, and what a feed's name says. Needs `find`, `match` and `sub`.

-- The feed and the item that a feed hangs below; nothing for a feed of the first level.
local function above(feed) return match(feed, '^(.+)%.([^.]+)%.[^.]+$') end
local function below(feed, id) return feed == '.' and '' or feed .. '.' .. id .. '.' end
local function starts(s, prefix) return sub(s, 1, #prefix) == prefix end
-- The item that a position is relative to; nothing for the first and the last place.
local function neighbour(position)
  if position ~= ':end' and position ~= 'begin:' then
    return match(position, '^([^:]+):$') or match(position, '^:([^:]+)$')
  end
end

local function id_ok(s) return #s <= 64 and find(s, '^[%w_-]+$') ~= nil end
local function feed_ok(feed)
  if feed == '.' then return true end
  if not find(feed, '^%a') or find(feed, '..', 1, true) or sub(feed, -1) == '.' then return false end
  local odd = true
  for part in string.gmatch(feed, '[^.]+') do
    if not id_ok(part) or odd and not find(part, '^%a') then return false end
    odd = not odd
  end
  return not odd
end
local function position_ok(s) return s == ':end' or s == 'begin:' or id_ok(neighbour(s) or '') end
local function kind_ok(s) return s == 'feed' or s == 'sorted_feed' end
local function text_ok(s) return s ~= '' and not find(s, '\n', 1, true) and not find(s, '\r', 1, true) end
