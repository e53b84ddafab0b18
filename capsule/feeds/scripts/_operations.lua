-- All operations but edits: may one be done, and doing it.

local function below(feed, id) return feed == '.' and '' or feed .. '.' .. id .. '.' end
local function starts(s, prefix) return sub(s, 1, #prefix) == prefix end
local function tell(event)
  told = told + 1
  events[told] = opening .. event
  opening = ','
end

undo = {}
local function set(where, key, value)
  undo[depth + 1], undo[depth + 2], undo[depth + 3] = where, key, where[key]
  depth = depth + 3
  where[key] = value
end
local function vanish(f) set(f, 'there', {}); set(f, 'kind', false); set(f, 'limit', false) end
local function vanish_below(prefix)
  for name, f in pairs(touched) do
    if name ~= '.' and starts(name, prefix) then vanish(f) end
  end
end

refusal = function(verb, feed, id, a, b, c)
  local f = touched[feed]
  local there, kind = f.there, f.kind
  if verb == 'retract' or verb == 'position' then
    if not there[id] then return 'notfound', 'The feed ' .. feed .. ' has no item ' .. id .. '.' end
    if verb == 'retract' then
      set(there, id, false)
      return vanish_below(below(feed, id))
    end
    if kind ~= 'sorted_feed' then return 'type', 'The feed ' .. feed .. ' is not sorted: no item can be moved.' end
  elseif verb == 'delete' then
    if not kind then return 'notfound', 'There is no feed ' .. feed .. '.' end
    vanish_below(feed == '.' and '' or feed .. '.')
    return vanish(f)
  else
    local wanted = verb == 'publish' and c or b
    if there[id] then return 'exists', 'The feed ' .. feed .. ' has an item ' .. id .. ' already.' end
    if kind and kind ~= wanted then return 'type', 'The feed ' .. feed .. ' is a ' .. kind .. ', not a ' .. wanted .. '.' end
    if verb == 'publish' and b ~= ':end' and c ~= 'sorted_feed' then
      return 'type', 'The feed ' .. feed .. ' is not sorted: items go to its end.'
    end
    local parent, owner = above(feed)
    if parent and not touched[parent].there[owner] then
      return 'notfound', 'The feed ' .. feed .. ' hangs below ' .. parent .. '/' .. owner .. ', which is not there.'
    end
    set(f, 'kind', wanted)
    if verb == 'config' then set(f, 'limit', a) end
  end
  local position = verb == 'publish' and b or verb == 'position' and a
  local other = position and neighbour(position)
  if other and not there[other] then
    return 'notfound', 'The position ' .. position .. ' names no item of the feed ' .. feed .. '.'
  end
  if verb == 'publish' then set(there, id, true) end
end

local remove, drop_all               -- in _removals.lua
write = function(verb, feed, id, a, b, c)
  local f = touched[feed]
  if not f.named then f.named, header = true, header == '' and feed or header .. ',' .. feed end
  if verb == 'retract' then remove(feed, f, { id })
  elseif verb == 'delete' then drop_all(feed) end
  local fresh = f.fresh
  local at = fresh and #fresh
  if not fresh then fresh, at = { '.', new }, 2; f.fresh = fresh end
  if verb == 'publish' then
    if call('HSETNX', TYPES, feed, c) == 1 then call('ZADD', FEEDS, 0, feed) end
    fresh[at + 1], fresh[at + 2], fresh[at + 3], fresh[at + 4] = ':' .. id, new, id, a
    f.scores[id] = rank_for(f, b)
    call('ZADD', f.ids, int(f.scores[id]), id)
    if f.limit then grown[#grown + 1] = feed end
    tell('["publish","' .. feed .. '","' .. id .. '",' .. a .. ',"' .. b .. '"]')
  elseif verb == 'position' then
    fresh[at + 1], fresh[at + 2] = ':' .. id, new
    f.scores[id] = rank_for(f, a)
    call('ZADD', f.ids, int(f.scores[id]), id)
    tell('["position","' .. feed .. '","' .. id .. '","' .. a .. '"]')
  elseif verb == 'config' then
    call('HSET', TYPES, feed, a == '' and b or b .. ' ' .. a)
    call('ZADD', FEEDS, 0, feed)
    grown[#grown + 1] = feed
    tell('["config","' .. feed .. '","",{"max_length":' .. (a == '' and 'null' or a) .. '}]')
  end
end
