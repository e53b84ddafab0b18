-- The item that a position is relative to; nothing for the first and the last place.
neighbour = function(position)
  if position ~= ':end' and position ~= 'begin:' then
    return match(position, '^([^:]+):$') or match(position, '^:([^:]+)$')
  end
end
position_ok = function(s) return s == ':end' or s == 'begin:' or id_ok(neighbour(s) or '') end
