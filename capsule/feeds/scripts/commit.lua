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
local OPS_MS = 349200000            -- twice that, and an hour: what is left of an idle scope's ids and log goes
local GAP = 1048576                 -- between two ranks: 20 halvings before neighbours must be renumbered
local MAX_CUT = 1000                -- items that one transaction takes from a feed that is too long

-- Locals are found faster than globals, and functions that only some commits need are made only for those.
local call, find, match, sub, tonumber, ARGV = redis.call, string.find, string.match, string.sub, tonumber, ARGV
local P = KEYS[1]
local META, LOG, OPS, OLD = P .. 'meta', P .. 'log', P .. 'ops', P .. 'opsold'
local scope = match(P, '^cap1:{([%w._~-]+)}:$')

local function fail(code, sentence) return redis.error_reply('CAP ' .. code .. ' ' .. sentence) end
local function int(n) return string.format('%.0f', n) end
-- include: names
local function text_ok(s) return s ~= '' and not find(s, '\n', 1, true) and not find(s, '\r', 1, true) end
-- The feed and the item that a feed hangs below; nothing for a feed of the first level.
local function above(feed) return match(feed, '^(.+)%.([^.]+)%.[^.]+$') end

-- 1. Read the arguments. Nothing is written before all of them are understood.

local nonce = ARGV[1]
if not scope or not nonce or #nonce > 10 or not find(nonce, '^[1-9]%d*$') or tonumber(nonce) > 2147483647
  or ARGV[2] ~= '' and not tonumber(ARGV[2])
then return fail('ARGS', 'The prefix, the nonce or the epoch is malformed.') end

local txs, ops, at, total, bytes = {}, {}, 4, 0, 0   -- txs: where in ARGV each begins, its operations, and the next
local reading, typed = false, false                  -- typed: more than edits, so kinds, ranks and the list of feeds matter
for i = 4, #ARGV do bytes = bytes + #ARGV[i] end
for n = 1, tonumber(ARGV[3]) or 0 do
  local op, reads, count = ARGV[at] or '', tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  if not reads or reads < 0 or reads % 1 ~= 0 or not count or count < 1 or count % 1 ~= 0
    or #op > 200 or not find(op, '^[%w._~-]+$')
  then return fail('ARGS', 'Transaction ' .. n .. ' is malformed.') end
  local start = at + 3 + reads * 4
  ops[n], txs[3 * n - 2], txs[3 * n - 1] = op, at, start
  at = start + count * 6
  txs[3 * n] = at
  if at > #ARGV + 1 then return fail('ARGS', 'Transaction ' .. n .. ' is cut short.') end
  total, reading = total + count, reading or reads > 0
  for o = start, at - 1, 6 do typed = typed or ARGV[o] ~= 'edit' end
end
if total == 0 or at ~= #ARGV + 1 then return fail('ARGS', 'The number of arguments does not fit.') end
if total > MAX_OPERATIONS or bytes > MAX_BYTES then
  return fail('LIMIT', 'A commit takes at most ' .. MAX_OPERATIONS .. ' operations and ' .. MAX_BYTES .. ' bytes.')
end

-- A record for each feed that the commit speaks of. (Memory is what a script is slow at: few tables, made at their size.)
--   items ids     keys
--   asked there   the items that are spoken of, and whether each is there; `scores`: their ranks
--   kind limit    `feed` or `sorted_feed`, and its max_length
--   fresh         what waits to be written to `items`; `named`: the feed is in the frame's header
local touched = {}
local function ask(feed, id)
  local f = touched[feed]
  if f then
    if f.there[id] == nil then
      f.there[id] = false
      f.asked[#f.asked + 1] = id
    end
  elseif feed_ok(feed) then
    touched[feed] = { items = P .. 'items:' .. feed, asked = { id }, there = { [id] = false }, fresh = false, named = false }
  else return false end
  return true
end
local neighbour, position_ok, understood
if typed then
-- include: positions
-- include: arguments
end
for n = 1, #ops do
  local first, start, stop = txs[3 * n - 2] + 3, txs[3 * n - 1], txs[3 * n] - 1
  for r = first, start - 1, 4 do
    local kind = ARGV[r]
    if not tonumber(ARGV[r + 3]) or not (kind == 'scope' or (kind == 'feed' or kind == 'item') and feed_ok(ARGV[r + 1]))
    then return fail('ARGS', 'A read of transaction ' .. n .. ' is malformed.') end
  end
  for o = start, stop, 6 do
    local good
    if ARGV[o] == 'edit' then
      local id, unset = ARGV[o + 2], ARGV[o + 5]
      good = id_ok(id) and text_ok(ARGV[o + 3]) and text_ok(ARGV[o + 4]) and (unset == '' or text_ok(unset)) and ask(ARGV[o + 1], id)
    else
      good = understood(unpack(ARGV, o, o + 5))
    end
    if not good then return fail('ARGS', 'An operation of transaction ' .. n .. ' is malformed.') end
  end
end

-- 2. Ask for everything at once. A key of the wrong type must raise now: raised halfway, it would leave a write
--    without its event. So every key that may be written is read, or asked for its length. (The log need not be when
--    there are only edits: it is what they write first.)

local meta = call('HMGET', META, 'last', 'bytes', 'trimmed', 'epoch')
local known, older = call('HMGET', OPS, unpack(ops)), call('HMGET', OLD, unpack(ops))
for n = 1, #ops do known[n] = known[n] or older[n] end
local FEEDS, TYPES
if typed then
  FEEDS, TYPES = P .. 'feeds', P .. 'types'
  call('XLEN', LOG); call('ZCARD', FEEDS)
end
for feed, f in pairs(touched) do
  local asked, there, marks = f.asked, f.there, { ':' .. f.asked[1] }
  for n = 2, #asked do marks[n] = ':' .. asked[n] end
  marks = call('HMGET', f.items, unpack(marks))
  for n = 1, #asked do there[asked[n]] = marks[n] ~= false end
  if typed then
    f.ids, f.scores = P .. 'ids:' .. feed, {}
    for n, score in ipairs(call('ZMSCORE', f.ids, unpack(asked))) do f.scores[asked[n]] = tonumber(score) end
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

local conflicts = {}
if reading then
-- include: reads
end

-- 3. Check one transaction without writing, on the records, which `undo` brings back if it is refused. Then write it, and
--    collect its events. Items wait for one HSET a feed.

local new = int(version + 1)
local event_id = new .. '-' .. nonce
local header, events, told, opening, grown = '', {}, 0, '', {}
local function flush(f)
  if f.fresh then call('HSET', f.items, unpack(f.fresh)) end
  f.fresh = false
end
local undo, depth, refusal, write, cut
if typed then
-- include: ranks
-- include: operations
-- include: removals
end

local reply, remembered, mine, refused = { '', '', '' }, { '', '' }, #ops > 1 and {}, false
local count, passed = #ops, 0
for n = 1, count do
  local tx, first, last = txs[3 * n - 2], txs[3 * n - 1], txs[3 * n] - 1
  local op = ARGV[tx]
  local code, text = 'known', known[n] or mine and mine[op]
  if not text then
    code, depth = nil, 0
    if conflicts[n] then code, text = 'conflict', conflicts[n]
    elseif refused and first > tx + 3 then
      -- Its author looked at a state that held the refused one.
      code, text = 'conflict', 'An earlier transaction of this commit was refused.'
    else
      for o = first, last, 6 do
        if ARGV[o] ~= 'edit' then code, text = refusal(unpack(ARGV, o, o + 5))
        elseif not touched[ARGV[o + 1]].there[ARGV[o + 2]] then code, text = 'notfound', 'The feed ' .. ARGV[o + 1] .. ' has no item ' .. ARGV[o + 2] .. '.' end
        if code then
          for i = depth - 2, 1, -3 do undo[i][undo[i + 1]] = undo[i + 2] end
          break
        end
      end
    end
    if code then
      refused = true
    else
      opening = (told == 0 and '["' or ']],["') .. op .. '",['
      for o = first, last, 6 do
        if ARGV[o] ~= 'edit' then write(unpack(ARGV, o, o + 5))
        else
          local feed, id, unset = ARGV[o + 1], ARGV[o + 2], ARGV[o + 5]
          local f = touched[feed]
          local fresh = f.fresh
          if not fresh then f.fresh = { '.', new, ':' .. id, new, id, ARGV[o + 3] }
          else
            local at = #fresh
            fresh[at + 1], fresh[at + 2], fresh[at + 3], fresh[at + 4] = ':' .. id, new, id, ARGV[o + 3]
          end
          if not f.named then f.named, header = true, header == '' and feed or header .. ',' .. feed end
          told = told + 1
          events[told] = opening .. '["edit","' .. feed .. '","' .. id .. '",' .. ARGV[o + 4]
            .. (unset == '' and ']' or ',' .. unset .. ']')
          opening = ','
        end
      end
      for i = 1, #grown do cut(grown[i]) end
      if #grown > 0 then grown = {} end
      if mine then mine[op] = event_id end
      remembered[passed + 1], remembered[passed + 2] = op, event_id
      passed = passed + 2
      code, text = 'applied', event_id
    end
  end
  reply[2 * n], reply[2 * n + 1] = code, text
end
if told == 0 then
  if epoch then call('HSET', META, 'epoch', int(epoch)) end
  return reply
end

-- 4. One version, one frame: logged, remembered, published.

local frame = event_id .. ' ' .. prev .. ' * ' .. header .. '\n{"verb":"event","scope":"' .. scope
  .. '","id":"' .. event_id .. '","prev":"' .. prev .. '","tx":[' .. table.concat(events) .. ']]]}'
call('XADD', LOG, event_id, 'f', frame)
for _, f in pairs(touched) do flush(f) end
local held, trimmed = tonumber(meta[2] or 0) + #frame, tonumber(meta[3] or 0)
local fields = { 'last', event_id, 'bytes', held }
if version + 1 - trimmed > LOG_FRAMES + LOG_SLACK or held > LOG_BYTES then
  -- What goes is taken for average: to read it would cost more than it is worth. (And the log may have expired.)
  local length = call('XLEN', LOG)
  held = math.floor(held * math.min(1, length / (version + 1 - trimmed)))
  local left = math.max(1, math.min(length, LOG_FRAMES, math.floor(length * LOG_BYTES / held)))
  call('XTRIM', LOG, 'MAXLEN', '=', left)
  fields[4], fields[5], fields[6] = math.floor(held * left / length), 'trimmed', version + 1 - left
end
if epoch then fields[#fields + 1], fields[#fields + 2] = 'epoch', int(epoch) end
call('HSET', META, unpack(fields))
-- Operation ids are forgotten whole hashes at a time, never one by one: how long one will stay says how old it is.
local age = OPS_MS - call('PTTL', OPS)
if age > KEEP_MS then
  call('UNLINK', OLD)
  if age <= OPS_MS then call('RENAME', OPS, OLD) end
end
call('HSET', OPS, unpack(remembered))
if age > KEEP_MS then
  call('PEXPIRE', OPS, OPS_MS)
  call('PEXPIRE', LOG, OPS_MS)
end
call(KEYS[2] and 'SPUBLISH' or 'PUBLISH', P .. 'events', frame)
reply[1] = event_id
return reply
