-- Purpose: write a list of transactions to one scope: all that pass get one version, one log entry, one message.
-- KEYS:    1 the scope's prefix, cap1:{team.7}:
-- ARGV:    1 nonce (1 .. 2147483647, from the caller's random source, never from Lua's seeded one)
--          2 epoch of the group's claim, or empty
--          3 number of transactions; then for each: operation id, number of reads, number of operations,
--            reads of 4:      scope "" "" version | feed FEED "" version | item FEED ID version
--            operations of 6: publish FEED ID item position kind | edit FEED ID item changes unset
--                             | retract FEED ID "" "" "" | position FEED ID position "" ""
-- Returns: the new event's id (empty when nothing passed), then for each transaction two texts: a code and,
--          for applied and known, the id of the event that holds it; for the others a sentence.
--          Codes: applied known conflict exists notfound type
-- Events:  the frame, `<id> <prev> <audiences> <feeds>\n<json>`, in the log and on the channel cap1:{team.7}:events
-- Errors:  CAP STALE (a higher epoch has been seen), CAP LIMIT, CAP ARGS; WRONGTYPE when a key holds something else.
--          After an error nothing has been written.

local MAX_OPERATIONS, MAX_BYTES = 1000, 1048576
local LOG_FRAMES, LOG_BYTES, LOG_SLACK = 1000, 4194304, 64
local LOG_SECONDS = 172800          -- an idle scope's log goes; a reader that is current needs none
local OPS_MS = 172800000            -- longer than any job can live
local GAP = 1048576                 -- between two ranks: 20 halvings before neighbours must be renumbered

local call = redis.call
local P = KEYS[1]
local META, FEEDS, TYPES, REVS = P .. 'meta', P .. 'feeds', P .. 'types', P .. 'revs'
local OPS, AGES, LOG = P .. 'ops', P .. 'opage', P .. 'log'
local scope = string.match(P, '^cap1:{([%w._~-]+)}:$')

local function fail(code, sentence) return redis.error_reply('CAP ' .. code .. ' ' .. sentence) end
local function int(n) return string.format('%.0f', n) end
-- The feed and the item that a feed hangs below; nothing for a feed of the first level.
local function above(feed) return string.match(feed, '^(.+)%.([^.]+)%.[^.]+$') end
local function starts(s, prefix) return string.sub(s, 1, #prefix) == prefix end

-- 1. Read the arguments. Nothing is written before all of them are understood.

local function id_ok(s) return #s <= 64 and string.find(s, '^[%w_-]+$') ~= nil end
local names = {}
local function feed_ok(feed)
  if names[feed] == nil then
    local good, odd = feed == '.', true
    if not good then
      good = string.find(feed, '^%a') ~= nil and not string.find(feed, '..', 1, true)
      for part in string.gmatch(feed, '[^.]+') do
        if odd then good = good and #part <= 64 and string.find(part, '^%a[%w_-]*$') ~= nil
        else good = good and id_ok(part) end
        odd = not odd
      end
      good = good and not odd and string.sub(feed, -1) ~= '.'
    end
    names[feed] = good
  end
  return names[feed]
end
local function position_ok(s)
  return s == 'begin:' or s == ':end' or id_ok(string.match(s, '^([^:]+):$') or string.match(s, '^:([^:]+)$') or '')
end
local function text_ok(s)
  return s ~= '' and not string.find(s, '\n', 1, true) and not string.find(s, '\r', 1, true)
end

local nonce = tonumber(ARGV[1])
if not scope or not nonce or nonce < 1 or nonce > 2147483647 or nonce % 1 ~= 0 or ARGV[2] ~= '' and not tonumber(ARGV[2])
then return fail('ARGS', 'The prefix, the nonce or the epoch is malformed.') end

-- The keys of each feed that is touched. Joining strings is what Lua is slow at, so it is done once a feed.
local items_of, ids_of, revs_of = {}, {}, {}
local function touch(feed)
  if items_of[feed] then return end
  items_of[feed], ids_of[feed], revs_of[feed] = P .. 'items:' .. feed, P .. 'ids:' .. feed, P .. 'revs:' .. feed
end

local function count_of(text) return tonumber(string.match(text or '', '^%d+$')) end
local txs, at, total, bytes = {}, 4, 0, 0
for i = 4, #ARGV do bytes = bytes + #ARGV[i] end
for n = 1, tonumber(ARGV[3]) or 0 do
  local tx = { op = ARGV[at] or '', reads = count_of(ARGV[at + 1]), count = count_of(ARGV[at + 2]), first = at + 3 }
  if not tx.count or not tx.reads or #tx.op > 200 or not string.find(tx.op, '^[%w._~-]+$') or tx.count < 1
  then return fail('ARGS', 'Transaction ' .. n .. ' is malformed.') end
  at = tx.first + tx.reads * 4 + tx.count * 6
  total = total + tx.count
  if at > #ARGV + 1 then return fail('ARGS', 'Transaction ' .. n .. ' is cut short.') end
  for r = tx.first, tx.first + tx.reads * 4 - 1, 4 do
    local kind, feed = ARGV[r], ARGV[r + 1]
    if not tonumber(ARGV[r + 3]) or not (kind == 'scope' or (kind == 'feed' or kind == 'item') and feed_ok(feed))
    then return fail('ARGS', 'A read of transaction ' .. n .. ' is malformed.') end
    if kind ~= 'scope' then touch(feed) end
  end
  tx.start = tx.first + tx.reads * 4
  for o = tx.start, at - 1, 6 do
    local verb, feed, id, a, b, c = unpack(ARGV, o, o + 5)
    local good = feed_ok(feed) and id_ok(id) and (
      verb == 'publish' and text_ok(a) and position_ok(b) and (c == 'feed' or c == 'sorted_feed')
        and id ~= 'begin' and id ~= 'end'
      or verb == 'edit' and text_ok(a) and text_ok(b) and (c == '' or text_ok(c))
      or verb == 'retract'
      or verb == 'position' and position_ok(a) and a ~= id .. ':' and a ~= ':' .. id)
    if not good then return fail('ARGS', 'An operation of transaction ' .. n .. ' is malformed.') end
    touch(feed)
    if verb == 'publish' then touch(above(feed) or feed) end
  end
  txs[n] = tx
end
if #txs == 0 or at ~= #ARGV + 1 then return fail('ARGS', 'The number of arguments does not fit.') end
if total > MAX_OPERATIONS or bytes > MAX_BYTES then
  return fail('LIMIT', 'A commit takes at most ' .. MAX_OPERATIONS .. ' operations and ' .. MAX_BYTES .. ' bytes.')
end

-- A key of the wrong type must raise now: raised halfway, it would leave a write without its event.
local meta = call('HMGET', META, 'v', 'last', 'epoch', 'bytes')
local log_length = call('XLEN', LOG)
call('ZCARD', FEEDS); call('HLEN', TYPES); call('HLEN', REVS); call('HLEN', OPS); call('LLEN', AGES)
for feed in pairs(items_of) do
  call('HLEN', items_of[feed]); call('ZCARD', ids_of[feed]); call('HLEN', revs_of[feed])
end

-- 2. The epoch, and every read, against the state before this commit.

local version, prev = tonumber(meta[1] or 0), meta[2] or '0-0'
if ARGV[2] ~= '' then
  local epoch, seen = tonumber(ARGV[2]), tonumber(meta[3] or 0)
  if epoch < seen then
    return fail('STALE', 'The epoch ' .. int(epoch) .. ' is over: the scope has seen ' .. int(seen) .. '.')
  end
  if epoch > seen then call('HSET', META, 'epoch', int(epoch)) end
end

local feed_rev
-- An item or a feed that is not there may have been there when the reader looked: its removal changed what holds it.
local function item_rev(feed, id) return tonumber(call('HGET', P .. 'revs:' .. feed, id) or feed_rev(feed)) end
feed_rev = function(feed)
  local rev = call('HGET', REVS, feed)
  if rev then return tonumber(rev) end
  local parent, id = above(feed)
  return parent and item_rev(parent, id) or 0
end

for _, tx in ipairs(txs) do
  for r = tx.first, tx.start - 1, 4 do
    local kind, seen, now = ARGV[r], tonumber(ARGV[r + 3]), version
    if kind == 'feed' then now = feed_rev(ARGV[r + 1])
    elseif kind == 'item' then now = item_rev(ARGV[r + 1], ARGV[r + 2]) end
    -- A reader ahead of the scope has seen what a power loss or a failover took back.
    if now > seen or seen > version then
      tx.conflict = 'The ' .. kind .. ' ' .. ARGV[r + 1] .. (kind == 'item' and '/' .. ARGV[r + 2] or '')
        .. ' has changed: version ' .. int(now) .. ', read at ' .. int(seen) .. '.'
      break
    end
  end
end

-- 3. Check one transaction, on top of what this commit has already written, without writing. `over` is what the
--    transaction's own earlier operations would have changed: feed -> { kept, kind, ids = { id -> is there } }.

local over, gone
local function view(feed)
  local seen = over[feed]
  if not seen then
    seen = { kept = true, ids = {} }
    for _, prefix in ipairs(gone) do
      if feed ~= '.' and starts(feed, prefix) then seen.kept = false end
    end
    if seen.kept then seen.kind = call('HGET', TYPES, feed) or nil end
    over[feed] = seen
  end
  return seen
end
local function has(feed, id)
  local seen = view(feed)
  if seen.ids[id] == nil then
    seen.ids[id] = seen.kept and call('HEXISTS', items_of[feed], id) == 1
  end
  return seen.ids[id]
end
local function below(feed, id) return feed == '.' and '' or feed .. '.' .. id .. '.' end
local function bad_position(feed, position)
  local other = string.match(position, '^([^:]+):$') or string.match(position, '^:([^:]+)$')
  if position ~= 'begin:' and position ~= ':end' and not has(feed, other) then
    return 'notfound', 'The position ' .. position .. ' names no item of the feed ' .. feed .. '.'
  end
end

local function refusal(o)
  local verb, feed, id, a, b, c = unpack(ARGV, o, o + 5)
  local seen = view(feed)
  if verb ~= 'publish' then
    if not has(feed, id) then return 'notfound', 'The feed ' .. feed .. ' has no item ' .. id .. '.' end
    if verb == 'position' then
      if seen.kind ~= 'sorted_feed' then return 'type', 'The feed ' .. feed .. ' is not sorted: no item can be moved.' end
      return bad_position(feed, a)
    elseif verb == 'retract' then
      local prefix = below(feed, id)
      seen.ids[id] = false
      gone[#gone + 1] = prefix
      for name, other in pairs(over) do
        if name ~= '.' and starts(name, prefix) then other.kept, other.kind, other.ids = false, nil, {} end
      end
    end
    return
  end
  if has(feed, id) then return 'exists', 'The feed ' .. feed .. ' has an item ' .. id .. ' already.' end
  if seen.kind and seen.kind ~= c then return 'type', 'The feed ' .. feed .. ' is a ' .. seen.kind .. ', not a ' .. c .. '.' end
  if b ~= ':end' and c ~= 'sorted_feed' then return 'type', 'The feed ' .. feed .. ' is not sorted: items go to its end.' end
  local parent, owner = above(feed)
  if parent and not has(parent, owner) then
    return 'notfound', 'The feed ' .. feed .. ' hangs below ' .. parent .. '/' .. owner .. ', which is not there.'
  end
  local code, sentence = bad_position(feed, b)
  if code then return code, sentence end
  seen.kind, seen.ids[id] = c, true
end

-- 4. Ranks. A move between two neighbours takes the middle; when there is none, a window of neighbours is spread out,
--    doubled until it has room to spare, so that the cost is bounded and does not grow with the feed.

local function spread(ids, rank)
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
      for i = 1, #members do call('ZADD', ids, int(low + step * i), members[i]) end
      return
    end
    width = width * 2
  end
end

local function rank_for(ids, position)
  local last = position == ':end'
  if last or position == 'begin:' then
    local edge = call('ZRANGE', ids, last and -1 or 0, last and -1 or 0, 'WITHSCORES')[2]
    return edge and int(tonumber(edge) + (last and GAP or -GAP)) or '0'
  end
  local after = string.match(position, '^([^:]+):$')
  local other = after or string.sub(position, 2)
  while true do
    local score = tonumber(call('ZSCORE', ids, other))
    local beside = after and call('ZRANGE', ids, '(' .. int(score), '+inf', 'BYSCORE', 'LIMIT', 0, 1, 'WITHSCORES')[2]
      or not after and call('ZRANGE', ids, '(' .. int(score), '-inf', 'BYSCORE', 'REV', 'LIMIT', 0, 1, 'WITHSCORES')[2]
    if not beside then return int(score + (after and GAP or -GAP)) end
    local middle = math.floor((score + tonumber(beside)) / 2)
    if middle ~= score and middle ~= tonumber(beside) then return int(middle) end
    spread(ids, call('ZRANK', ids, other))
  end
end

-- 5. Write one transaction, and collect its events.

local new = int(version + 1)
local event_id = new .. '-' .. int(nonce)
local feeds, listed, revised, parts = {}, {}, {}, {}

local function remove_below(prefix)
  local from, to = '-', '+'
  if prefix ~= '' then from, to = '[' .. prefix, '(' .. string.sub(prefix, 1, -2) .. '/' end
  for _, name in ipairs(call('ZRANGE', FEEDS, from, to, 'BYLEX')) do
    if name ~= '.' then
      call('UNLINK', P .. 'items:' .. name, P .. 'ids:' .. name, P .. 'revs:' .. name)
      call('ZREM', FEEDS, name)
      call('HDEL', TYPES, name)
      -- The revision of a first-level feed stays: nothing above it would tell a reader that it went.
      if above(name) then call('HDEL', REVS, name) else call('HSET', REVS, name, new) end
      revised[name] = nil
    end
  end
end

local function write(o)
  local verb, feed, id, a, b, c = unpack(ARGV, o, o + 5)
  local items, ids, revs = items_of[feed], ids_of[feed], revs_of[feed]
  if not listed[feed] then listed[feed] = true; feeds[#feeds + 1] = feed end
  if not revised[feed] then revised[feed] = true; call('HSET', REVS, feed, new) end
  if verb == 'publish' then
    if call('HSETNX', TYPES, feed, c) == 1 then call('ZADD', FEEDS, 0, feed) end
    call('ZADD', ids, rank_for(ids, b), id)
    call('HSET', items, id, a)
    call('HSET', revs, id, new)
    return '["publish","' .. feed .. '","' .. id .. '",' .. a .. ',"' .. b .. '"]'
  elseif verb == 'edit' then
    call('HSET', items, id, a)
    call('HSET', revs, id, new)
    if c ~= '' then return '["edit","' .. feed .. '","' .. id .. '",' .. b .. ',' .. c .. ']' end
    return '["edit","' .. feed .. '","' .. id .. '",' .. b .. ']'
  elseif verb == 'position' then
    call('ZADD', ids, rank_for(ids, a), id)
    call('HSET', revs, id, new)
    return '["position","' .. feed .. '","' .. id .. '","' .. a .. '"]'
  end
  call('HDEL', items, id)
  call('ZREM', ids, id)
  call('HDEL', revs, id)
  remove_below(below(feed, id))
  return '["retract","' .. feed .. '","' .. id .. '"]'
end

local reply, applied, refused = { '' }, {}, false
for _, tx in ipairs(txs) do
  local known = call('HGET', OPS, tx.op)
  local code, text = 'known', known or nil
  if not known then
    if tx.conflict then code, text = 'conflict', tx.conflict
    elseif refused and tx.reads > 0 then
      -- Its author looked at a state that held the refused one.
      code, text = 'conflict', 'An earlier transaction of this commit was refused.'
    else
      code, over, gone = nil, {}, {}
      for o = tx.start, tx.start + tx.count * 6 - 1, 6 do
        code, text = refusal(o)
        if code then break end
      end
    end
    if code then
      refused = true
    else
      local events = {}
      for o = tx.start, tx.start + tx.count * 6 - 1, 6 do events[#events + 1] = write(o) end
      call('HSET', OPS, tx.op, event_id)
      applied[#applied + 1] = tx.op
      parts[#parts + 1] = '["' .. tx.op .. '",[' .. table.concat(events, ',') .. ']]'
      code, text = 'applied', event_id
    end
  end
  reply[#reply + 1] = code
  reply[#reply + 1] = text
end
if #applied == 0 then return reply end

-- 6. One version, one frame: logged, published, remembered.

local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local frame = event_id .. ' ' .. prev .. ' * ' .. table.concat(feeds, ',') .. '\n{"verb":"event","scope":"' .. scope
  .. '","id":"' .. event_id .. '","prev":"' .. prev .. '","tx":[' .. table.concat(parts, ',') .. ']}'
call('XADD', LOG, event_id, 'f', frame)
local held = (log_length > 0 and tonumber(meta[4] or 0) or 0) + #frame
log_length = log_length + 1
while log_length > 1 and (log_length > LOG_FRAMES + LOG_SLACK or held > LOG_BYTES) do
  local drop = math.max(1, math.min(LOG_SLACK, log_length - LOG_FRAMES))
  for _, entry in ipairs(call('XRANGE', LOG, '-', '+', 'COUNT', drop)) do held = held - #entry[2][2] end
  log_length = log_length - drop
  call('XTRIM', LOG, 'MAXLEN', '=', log_length)
end
if call('TTL', LOG) < LOG_SECONDS / 2 then call('EXPIRE', LOG, LOG_SECONDS) end
call('HSET', META, 'v', new, 'last', event_id, 'bytes', int(held))
call('RPUSH', AGES, int(now) .. ' ' .. table.concat(applied, ' '))
for _ = 1, 4 do
  local oldest = call('LINDEX', AGES, 0)
  if tonumber(string.match(oldest, '^%d+')) > now - OPS_MS then break end
  for op in string.gmatch(oldest, ' (%S+)') do call('HDEL', OPS, op) end
  call('LPOP', AGES)
end
call('PUBLISH', P .. 'events', frame)
reply[1] = event_id
return reply
