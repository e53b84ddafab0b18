-- What the scripts of a queue share; in the place of their line `-- include: jobs`.
--
-- A job is in one place. In a group: in the list of its group, whose first ones may be handed out; the group is idle (no
-- list), in `ring`, in `claims`, in `delayed`, or parked in `held`. Without a group: in `ready`, `later`, `suspects`, or in
-- the `batch` of a claim.

local REPLIES, REPLY_SECONDS, TOGETHER, DEAD_MOST, SLICE = 10000, 3600, 16, 10000, 500

local call, find, sub, tonumber, ARGV = redis.call, string.find, string.sub, tonumber, ARGV
local P = KEYS[1]
local JOB, READY, RING, LATER, DELAYED = P .. 'job', P .. 'ready', P .. 'ring', P .. 'later', P .. 'delayed'
local LEASES, CLAIMS, SUSPECTS, SOLO, HELD = P .. 'leases', P .. 'claims', P .. 'suspects', P .. 'solo', P .. 'held'
local FAILS, EXPIRING, PROGRESS, DEAD, BURIED = P .. 'fails', P .. 'expiring', P .. 'progress', P .. 'dead', P .. 'buried'
local META, WAKE = P .. 'meta', P .. 'wake'

local function int(n) return string.format('%.0f', n) end
local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function name_ok(s, most) return s ~= nil and #s <= most and find(s, '^[%w._~-]+$') ~= nil end

-- A command with a list of any length: Lua's stack takes some thousands.
local function many(command, key, list)
  for i = 1, #list, SLICE do call(command, key, unpack(list, i, math.min(i + SLICE - 1, #list))) end
end
local function read(command, key, list)
  if #list > 0 and #list <= SLICE then return call(command, key, unpack(list)) end
  local found = {}
  for i = 1, #list, SLICE do
    for n, value in ipairs(call(command, key, unpack(list, i, math.min(i + SLICE - 1, #list)))) do
      found[i + n - 1] = value
    end
  end
  return found
end

-- A record is `<group> <reply stream><options>\n<data>`, both names may be empty; an option is ` <letter><number>`.
local function parts(record) return string.match(record, '^(%S*) (%S*)([^\n]*)\n()') end
local function option(options, letter) return tonumber(string.match(options, ' ' .. letter .. '(%-?%d+)')) end

-- Turns are numbered; a priority of 1 is worth 2^40 of them.
local seq
local function turn()
  seq = (seq or tonumber(call('HGET', META, 'seq') or 0)) + 1
  return seq
end
local function keep_turns() if seq then call('HSET', META, 'seq', int(seq)) end end
local function place(options) return turn() - (options ~= '' and option(options, 'p') or 0) * 2 ^ 40 end
local function make_ready(id, options) call('ZADD', READY, place(options), id) end
local function wake()
  if call('LLEN', WAKE) == 0 then call('RPUSH', WAKE, '1') end
end

-- The jobs that end in this call. Their common keys are written once, by `write_ended`.
local ended, ended_as, answers, streams = {}, {}, {}, {}
local gone = {}
local function answer(stream, id, kind, text)
  if not answers[stream] then
    answers[stream] = {}
    streams[#streams + 1] = stream
  end
  local list = answers[stream]
  list[#list + 1] = 'id'; list[#list + 1] = id; list[#list + 1] = kind; list[#list + 1] = text
end
local function settle(id, reply, options, result, keep, how)
  gone[id] = true
  ended[#ended + 1] = id
  ended_as[how] = (ended_as[how] or 0) + 1
  call('SET', P .. 'result:' .. id, result, 'PX', keep)
  if options ~= '' and option(options, 'x') then call('ZREM', EXPIRING, id) end
  if reply ~= '' then answer(reply, id, 'result', result) end
end
local function write_answers()
  for _, name in ipairs(streams) do
    local stream, list = P .. 'reply:' .. name, answers[name]
    for i = 1, #list, TOGETHER * 4 do
      -- pcall: somebody else's key in the way of a reply must not stop half way what is written here.
      local added = redis.pcall('XADD', stream, 'MAXLEN', '~', REPLIES, '*', unpack(list, i, math.min(i + TOGETHER * 4 - 1, #list)))
      if type(added) == 'string' and i == 1 and call('TTL', stream) < REPLY_SECONDS / 2 then
        call('EXPIRE', stream, REPLY_SECONDS)
      end
    end
  end
end
local function write_ended()
  if #ended == 0 then return end
  many('HDEL', JOB, ended)
  if call('HLEN', FAILS) > 0 then many('HDEL', FAILS, ended) end
  if call('HLEN', PROGRESS) > 0 then many('HDEL', PROGRESS, ended) end
  for how, count in pairs(ended_as) do call('HINCRBY', META, how, count) end
  write_answers()
end

-- Take a job that is not handed out from where it waits. False for one without a group that waits nowhere.
local function remove(id, group)
  if group == '' then
    return call('ZREM', READY, id) == 1 or call('ZREM', LATER, id) == 1 or call('LREM', SUSPECTS, 1, id) == 1
  end
  local list = P .. 'group:' .. group
  call('LREM', list, 1, id)
  if call('EXISTS', list) == 0 then
    call('ZREM', RING, group)
    call('ZREM', DELAYED, group)
    call('HDEL', SOLO, group)
    if call('HEXISTS', HELD, group) == 1 then call('HSET', HELD, group, '0') end
  end
  return true
end

local KINDS = { job = 'HLEN', ready = 'ZCARD', ring = 'ZCARD', later = 'ZCARD', delayed = 'ZCARD', leases = 'ZCARD',
  claims = 'HLEN', suspects = 'LLEN', solo = 'HLEN', held = 'HLEN', fails = 'HLEN', expiring = 'ZCARD',
  progress = 'HLEN', dead = 'XLEN', buried = 'HLEN', meta = 'HLEN', wake = 'LLEN' }
-- Lua has no rollback: a key of the wrong type must raise before the first write.
local function check_keys(...)
  for _, name in ipairs({ ... }) do call(KINDS[name], P .. name) end
end
