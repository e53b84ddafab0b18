-- Reads: what each transaction looked at, compared with the state before the commit.

local feed_rev
-- An item or a feed that is not there may have been there when the reader looked: its removal changed what holds it.
local function item_rev(feed, id) return tonumber(call('HGET', P .. 'items:' .. feed, ':' .. id) or feed_rev(feed)) end
feed_rev = function(feed)
  local rev = call('HGET', P .. 'items:' .. feed, '.')
  if rev then return tonumber(rev) end
  local parent, id = above(feed)
  return parent and item_rev(parent, id) or 0
end

for n = 1, #ops do
  for r = txs[3 * n - 2] + 3, txs[3 * n - 1] - 4, 4 do
    local kind, seen, now = ARGV[r], tonumber(ARGV[r + 3]), version
    if kind == 'feed' then now = feed_rev(ARGV[r + 1])
    elseif kind == 'item' then now = item_rev(ARGV[r + 1], ARGV[r + 2]) end
    -- A reader ahead of the scope has seen what a power loss or a failover took back.
    if now > seen or seen > version then
      conflicts[n] = 'The ' .. kind .. ' ' .. ARGV[r + 1] .. (kind == 'item' and '/' .. ARGV[r + 2] or '')
        .. ' has changed: version ' .. int(now) .. ', read at ' .. int(seen) .. '.'
      break
    end
  end
end
