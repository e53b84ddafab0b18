-- Ranks. A move between two neighbours takes the middle; when there is none, a window of neighbours is spread out,
--    doubled until it has room to spare, so that the cost is bounded and does not grow with the feed.

local function spread(f, rank)
  local ids, mine = f.ids, f.scores
  local size, width = call('ZCARD', ids), 32
  while true do
    local from, to = math.max(0, rank - width), math.min(size - 1, rank + width)
    local members = call('ZRANGE', ids, from, to)
    local low = from > 0 and tonumber(call('ZRANGE', ids, from - 1, from - 1, 'WITHSCORES')[2])
    local high = to < size - 1 and tonumber(call('ZRANGE', ids, to + 1, to + 1, 'WITHSCORES')[2])
    if not low then low = high and high - GAP * (#members + 1) or 0 end
    if not high then high = low + GAP * (#members + 1) end
    local step = math.floor((high - low) / (#members + 1))
    if step >= math.min(4 * width, 65536) then
      for i, member in ipairs(members) do
        call('ZADD', ids, int(low + step * i), member)
        if mine[member] then mine[member] = low + step * i end
      end
      return
    end
    width = width * 2
  end
end

local function rank_for(f, position)
  local ids, mine = f.ids, f.scores
  local last = position == ':end'
  if last or position == 'begin:' then
    local edge = call('ZRANGE', ids, last and -1 or 0, last and -1 or 0, 'WITHSCORES')[2]
    return edge and tonumber(edge) + (last and GAP or -GAP) or 0
  end
  local other, after = neighbour(position), sub(position, -1) == ':'
  while true do
    local score = mine[other]
    local beside = after and call('ZRANGE', ids, '(' .. int(score), '+inf', 'BYSCORE', 'LIMIT', 0, 1, 'WITHSCORES')[2]
      or not after and call('ZRANGE', ids, '(' .. int(score), '-inf', 'BYSCORE', 'REV', 'LIMIT', 0, 1, 'WITHSCORES')[2]
    if not beside then return score + (after and GAP or -GAP) end
    local middle = math.floor((score + tonumber(beside)) / 2)
    if middle ~= score and middle ~= tonumber(beside) then return middle end
    spread(f, call('ZRANK', ids, other))
  end
end
