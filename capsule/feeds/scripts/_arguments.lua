-- The arguments of all operations but edits; what they speak of is asked for.

local function kind_ok(s) return s == 'feed' or s == 'sorted_feed' end
understood = function(verb, feed, id, a, b, c)
  local good, other
  if verb == 'config' then good = id == '' and c == '' and find(a, '^%d*$') and #a < 10 and sub(a, 1, 1) ~= '0' and kind_ok(b)
  elseif verb == 'delete' then good = id == '' and a == '' and b == '' and c == ''
  elseif verb == 'publish' then
    good = id_ok(id) and id ~= 'begin' and id ~= 'end' and text_ok(a) and position_ok(b) and kind_ok(c)
    other = good and neighbour(b)
  elseif verb == 'position' then
    good = id_ok(id) and position_ok(a) and a ~= id .. ':' and a ~= ':' .. id
    other = good and neighbour(a)
  else good = verb == 'retract' and id_ok(id) end
  if not good or not ask(feed, id) then return false end
  if other then ask(feed, other) end
  if verb == 'publish' or verb == 'config' then
    local parent, owner = above(feed)
    if parent then ask(parent, owner) end
  end
  return true
end
