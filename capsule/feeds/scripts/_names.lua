-- Names: what they may look like. Needs `find`.

local function id_ok(s) return #s <= 64 and find(s, '^[%w_-]+$') ~= nil end
local function feed_ok(feed)
  if #feed <= 64 and find(feed, '^%a[%w_-]*$') or feed == '.' then return true end
  if not find(feed, '^%a') or find(feed, '..', 1, true) or string.sub(feed, -1) == '.' then return false end
  local odd = true
  for part in string.gmatch(feed, '[^.]+') do
    if not id_ok(part) or odd and not find(part, '^%a') then return false end
    odd = not odd
  end
  return not odd
end
