-- Purpose: write a list of transactions to one scope: all that pass get one version, one log entry, one message.
-- KEYS:    1 the scope's prefix, cap1:{team.7}:
-- ARGV:    1 nonce (1 .. 2147483647, from the caller's random source, never from Lua's seeded one)
--          2 epoch of the group's claim, or empty
--          3 number of transactions; then for each: operation id, number of reads, number of operations,
--            reads of 4:      scope "" "" version | feed FEED "" version | item FEED ID version
--            operations of 6: publish FEED ID item position kind | edit FEED ID item changes unset
--                             | retract FEED ID "" "" "" | position FEED ID position "" ""
--                             | config FEED "" max_length kind "" | delete FEED "" "" "" ""
-- Returns: the new event's id (empty when nothing passed), then for each transaction two texts: a code and,
--          for applied and known, the id of the event that holds it; for the others a sentence.
--          Codes: applied known conflict exists notfound type
-- Events:  the frame, `<id> <prev> <audiences> <feeds>\n<json>`, in the log and on the channel cap1:{team.7}:events
-- Errors:  CAP STALE (a higher epoch has been seen), CAP LIMIT, CAP ARGS; WRONGTYPE when a key holds something else.
--          After an error nothing has been written.

local MAX_OPERATIONS, MAX_BYTES = 1000, 1048576
local LOG_FRAMES, LOG_BYTES, LOG_SLACK = 1000, 4194304, 64
local KEEP_MS = 172800000           -- operation ids are known at least so long: longer than any job can live
local OPS_SECONDS = 349200          -- twice that, and an hour: what is left of an idle scope's ids and log goes
local GAP = 1048576                 -- between two ranks: 20 halvings before neighbours must be renumbered
local MAX_CUT = 1000                -- items that one transaction takes from a feed that is too long

local call, find, match, sub = redis.call, string.find, string.match, string.sub
local P = KEYS[1]
local META, LOG, OPS, OLD = P .. 'meta', P .. 'log', P .. 'ops', P .. 'opsold'
local scope = match(P, '^cap1:{([%w._~-]+)}:$')

local function fail(code, sentence) return redis.error_reply('CAP ' .. code .. ' ' .. sentence) end
local function int(n) return string.format('%.0f', n) end
-- include: names

-- 1. Read the arguments. Nothing is written before all of them are understood.

local nonce = ARGV[1]
if not scope or not nonce or #nonce > 10 or not find(nonce, '^[1-9]%d*$') or tonumber(nonce) > 2147483647
  or ARGV[2] ~= '' and not tonumber(ARGV[2])
then return fail('ARGS', 'The prefix, the nonce or the epoch is malformed.') end

-- A record for each feed that the commit speaks of. (Memory is what a script is slow at: few tables, made at once.)
--   items ids     keys
--   asked there   the items that are spoken of, and whether each is there; `scores`: their ranks
--   kind limit    `feed` or `sorted_feed`, and its max_length
--   fresh         what waits to be written to `items`; `named`: the feed is in the frame's header
local touched = {}
local function touch(feed)
  local f = touched[feed]
  if not f and feed_ok(feed) then
    f = { items = P .. 'items:' .. feed, asked = {}, there = {}, fresh = false }
    touched[feed] = f
  end
  return f
end
local function ask(f, id)
  if f.there[id] == nil then
    f.there[id] = false
    f.asked[#f.asked + 1] = id
  end
end

local txs, ops, conflicts, at, total, bytes = {}, {}, {}, 4, 0, 0   -- txs: where in ARGV each begins
local typed = false                 -- more than edits: then kinds, ranks and the list of feeds matter
for i = 4, #ARGV do bytes = bytes + #ARGV[i] end
for n = 1, tonumber(ARGV[3]) or 0 do
  local op, reads, count = ARGV[at] or '', tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  if not reads or reads < 0 or reads % 1 ~= 0 or not count or count < 1 or count % 1 ~= 0
    or #op > 200 or not find(op, '^[%w._~-]+$')
  then return fail('ARGS', 'Transaction ' .. n .. ' is malformed.') end
  local first = at + 3
  local start = first + reads * 4
  txs[n], ops[n], at = at, op, start + count * 6
  total = total + count
  if at > #ARGV + 1 then return fail('ARGS', 'Transaction ' .. n .. ' is cut short.') end
  for r = first, start - 1, 4 do
    local kind = ARGV[r]
    if not tonumber(ARGV[r + 3]) or not (kind == 'scope' or (kind == 'feed' or kind == 'item') and feed_ok(ARGV[r + 1]))
    then return fail('ARGS', 'A read of transaction ' .. n .. ' is malformed.') end
  end
  for o = start, at - 1, 6 do
    local verb, feed, id, a, b, c = unpack(ARGV, o, o + 5)
    local f, good = touch(feed), nil
    if verb == 'config' then good = id == '' and c == '' and find(a, '^%d*$') and #a < 10 and sub(a, 1, 1) ~= '0' and kind_ok(b)
    elseif verb == 'delete' then good = id == '' and a == '' and b == '' and c == ''
    elseif id_ok(id) then
      if verb == 'edit' then good = text_ok(a) and text_ok(b) and (c == '' or text_ok(c))
      elseif verb == 'publish' then good = text_ok(a) and position_ok(b) and kind_ok(c) and id ~= 'begin' and id ~= 'end'
      elseif verb == 'position' then good = position_ok(a) and a ~= id .. ':' and a ~= ':' .. id
      else good = verb == 'retract' end
    end
    if not f or not good then return fail('ARGS', 'An operation of transaction ' .. n .. ' is malformed.') end
    if id ~= '' then ask(f, id) end
    if verb ~= 'edit' then
      typed = true
      local other = verb == 'publish' and neighbour(b) or verb == 'position' and neighbour(a)
      if other then ask(f, other) end
      if verb == 'publish' or verb == 'config' then
        local parent, owner = above(feed)
        if parent then ask(touch(parent), owner) end
      end
    end
  end
end
if #txs == 0 or at ~= #ARGV + 1 then return fail('ARGS', 'The number of arguments does not fit.') end
if total > MAX_OPERATIONS or bytes > MAX_BYTES then
  return fail('LIMIT', 'A commit takes at most ' .. MAX_OPERATIONS .. ' operations and ' .. MAX_BYTES .. ' bytes.')
end

-- 2. Ask for everything at once. A key of the wrong type must raise now: raised halfway, it would leave a write
--    without its event. So every key that may be written is read, or asked for its length.

local meta = call('HMGET', META, 'last', 'bytes', 'aged', 'epoch')
local log_length = call('XLEN', LOG)
local known, older = call('HMGET', OPS, unpack(ops)), call('HMGET', OLD, unpack(ops))
for n = 1, #ops do known[n] = known[n] or older[n] end
local FEEDS, TYPES
if typed then
  FEEDS, TYPES = P .. 'feeds', P .. 'types'
  call('ZCARD', FEEDS)
end
for feed, f in pairs(touched) do
  local asked, there, marks = f.asked, f.there, { ':' .. (f.asked[1] or '') }
  for n = 2, #asked do marks[n] = ':' .. asked[n] end
  marks = call('HMGET', f.items, unpack(marks))
  for n = 1, #asked do there[asked[n]] = marks[n] ~= false end
  if typed then
    f.ids, f.scores = P .. 'ids:' .. feed, {}
    if #asked > 0 then
      for n, score in ipairs(call('ZMSCORE', f.ids, unpack(asked))) do f.scores[asked[n]] = tonumber(score) end
    else
      call('ZCARD', f.ids)
    end
    local kind = call('HGET', TYPES, feed)
    if kind then f.kind, f.limit = match(kind, '^(%S+) ?(%d*)$') end
  end
end

local prev, epoch = meta[1] or '0-0', nil
local version = tonumber(match(prev, '^%d+'))
if ARGV[2] ~= '' then
  local seen = tonumber(meta[4] or 0)
  epoch = tonumber(ARGV[2])
  if epoch < seen then
    return fail('STALE', 'The epoch ' .. int(epoch) .. ' is over: the scope has seen ' .. int(seen) .. '.')
  end
  if epoch == seen then epoch = nil end
end

local feed_rev
-- An item or a feed that is not there may have been there when the reader looked: its removal changed what holds it.
local function item_rev(feed, id) return tonumber(call('HGET', P .. 'items:' .. feed, ':' .. id) or feed_rev(feed)) end
feed_rev = function(feed)
  local rev = call('HGET', P .. 'items:' .. feed, '.')
  if rev then return tonumber(rev) end
  local parent, id = above(feed)
  return parent and item_rev(parent, id) or 0
end

for n, tx in ipairs(txs) do
  for r = tx + 3, tx + 2 + ARGV[tx + 1] * 4, 4 do
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

-- 3. Check one transaction without writing, on the records, which `undo` brings back if it is refused.

local undo, depth = {}, 0
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

local function refusal(verb, feed, id, a, b, c)
  local f = touched[feed]
  local there, kind = f.there, f.kind
  if verb == 'edit' or verb == 'retract' or verb == 'position' then
    if not there[id] then return 'notfound', 'The feed ' .. feed .. ' has no item ' .. id .. '.' end
    if verb == 'edit' then return end
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

-- 4. Write one transaction, and collect its events. Items wait for one HSET a feed.

local new = int(version + 1)
local event_id = new .. '-' .. nonce
local header, events, grown = '', {}, {}

local function flush(f)
  if f.fresh then call('HSET', f.items, unpack(f.fresh)) end
  f.fresh = false
end
local rank_for, remove, drop_all, cut
if typed then
-- include: ranks
-- include: removals
end

local function write(verb, feed, id, a, b, c)
  local f = touched[feed]
  if not f.named then f.named, header = true, header == '' and feed or header .. ',' .. feed end
  if verb == 'retract' then remove(feed, f, { id })
  elseif verb == 'delete' then drop_all(feed) end
  local fresh = f.fresh
  local at = fresh and #fresh
  if verb == 'edit' then
    if not fresh then f.fresh = { '.', new, ':' .. id, new, id, a }
    else fresh[at + 1], fresh[at + 2], fresh[at + 3], fresh[at + 4] = ':' .. id, new, id, a end
    events[#events + 1] = '["edit","' .. feed .. '","' .. id .. '",' .. b .. (c ~= '' and ',' .. c .. ']' or ']')
    return
  end
  if not fresh then fresh, at = { '.', new }, 2; f.fresh = fresh end
  if verb == 'publish' then
    if call('HSETNX', TYPES, feed, c) == 1 then call('ZADD', FEEDS, 0, feed) end
    fresh[at + 1], fresh[at + 2], fresh[at + 3], fresh[at + 4] = ':' .. id, new, id, a
    f.scores[id] = rank_for(f, b)
    call('ZADD', f.ids, int(f.scores[id]), id)
    if f.limit then grown[#grown + 1] = feed end
    events[#events + 1] = '["publish","' .. feed .. '","' .. id .. '",' .. a .. ',"' .. b .. '"]'
  elseif verb == 'position' then
    fresh[at + 1], fresh[at + 2] = ':' .. id, new
    f.scores[id] = rank_for(f, a)
    call('ZADD', f.ids, int(f.scores[id]), id)
    events[#events + 1] = '["position","' .. feed .. '","' .. id .. '","' .. a .. '"]'
  elseif verb == 'config' then
    call('HSET', TYPES, feed, a == '' and b or b .. ' ' .. a)
    call('ZADD', FEEDS, 0, feed)
    grown[#grown + 1] = feed
    events[#events + 1] = '["config","' .. feed .. '","",{"max_length":' .. (a == '' and 'null' or a) .. '}]'
  end
end

local reply, remembered, mine, refused = { '', '', '' }, {}, {}, false
for n, tx in ipairs(txs) do
  local op = ARGV[tx]
  local code, text = 'known', known[n] or mine[op]
  if not text then
    local first = tx + 3 + ARGV[tx + 1] * 4
    local last = first + ARGV[tx + 2] * 6 - 1
    code, depth = nil, 0
    if conflicts[n] then code, text = 'conflict', conflicts[n]
    elseif refused and first > tx + 3 then
      -- Its author looked at a state that held the refused one.
      code, text = 'conflict', 'An earlier transaction of this commit was refused.'
    else
      for o = first, last, 6 do
        code, text = refusal(unpack(ARGV, o, o + 5))
        if code then
          for i = depth - 2, 1, -3 do undo[i][undo[i + 1]] = undo[i + 2] end
          break
        end
      end
    end
    if code then
      refused = true
    else
      local before = #events + 1
      for o = first, last, 6 do write(unpack(ARGV, o, o + 5)) end
      for i = 1, #grown do cut(grown[i]) end
      if #grown > 0 then grown = {} end
      events[before] = '["' .. op .. '",[' .. events[before]
      events[#events] = events[#events] .. ']]'
      mine[op] = event_id
      remembered[#remembered + 1], remembered[#remembered + 2] = op, event_id
      code, text = 'applied', event_id
    end
  end
  reply[2 * n], reply[2 * n + 1] = code, text
end
if #events == 0 then
  if epoch then call('HSET', META, 'epoch', int(epoch)) end
  return reply
end

-- 5. One version, one frame: logged, published, remembered.

for _, f in pairs(touched) do flush(f) end
local frame = event_id .. ' ' .. prev .. ' * ' .. header .. '\n{"verb":"event","scope":"' .. scope
  .. '","id":"' .. event_id .. '","prev":"' .. prev .. '","tx":[' .. table.concat(events, ',') .. ']}'
call('XADD', LOG, event_id, 'f', frame)
local held = (log_length > 0 and tonumber(meta[2] or 0) or 0) + #frame
log_length = log_length + 1
while log_length > 1 and (log_length > LOG_FRAMES + LOG_SLACK or held > LOG_BYTES) do
  -- What goes is taken for average: to read it would cost more than it is worth.
  local left = log_length - math.max(1, math.min(LOG_SLACK, log_length - LOG_FRAMES))
  held = held * left / log_length
  log_length = left
  call('XTRIM', LOG, 'MAXLEN', '=', left)
end
local fields = { 'last', event_id, 'bytes', int(held) }
if epoch then fields[5], fields[6] = 'epoch', int(epoch) end
-- Operation ids are forgotten whole hashes at a time, never one by one.
local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local due = now - tonumber(meta[3] or 0) > KEEP_MS
if due then
  fields[#fields + 1], fields[#fields + 2] = 'aged', int(now)
  call('UNLINK', OLD)
  if call('EXISTS', OPS) == 1 then call('RENAME', OPS, OLD) end
end
call('HSET', META, unpack(fields))
call('HSET', OPS, unpack(remembered))
if due then call('EXPIRE', OPS, OPS_SECONDS) end
if due or log_length == 1 then call('EXPIRE', LOG, OPS_SECONDS) end
call(KEYS[2] and 'SPUBLISH' or 'PUBLISH', P .. 'events', frame)
reply[1] = event_id
return reply
