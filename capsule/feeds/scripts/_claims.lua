-- What is out of a group are the first of its list; they usually end in order.
local Group = {}
Group.__index = Group
function Group:has(id) return find(records[id] or '', self.head, 1, true) == 1 end
function Group:write()
  if self.at > 0 then call('LPOP', self.list, self.at) end
  self.at, self.heads = 0, {}
end
function Group:leave(id)
  if self.heads[self.at + 1] == id then self.at = self.at + 1
  else
    self:write()
    call('LREM', self.list, 1, id)
  end
end
function Group:back(due)
  self:write()
  close(self.name, due)
end
function Group:later(_, due)
  self:back(due)
  return false
end
function Group:over()
  if self.at == self.length then
    emptied[#emptied + 1] = self.list
    forget(self.name)
  else self:back() end
end

-- A set has no order of its own, and one run should be like another.
local function members(key)
  local ids = call('SMEMBERS', key)
  table.sort(ids)
  return ids
end
local Batch = {}
Batch.__index = Batch
function Batch:has(id) return self.inside[id] end
function Batch:leave(id)
  self.inside[id] = false
  self.left[#self.left + 1] = id
end
function Batch:write()
  many('SREM', self.key, self.left)
  self.left = {}
end
function Batch:back()
  self:write()
  local rest = members(self.key)
  for n, record in ipairs(read('HMGET', JOB, rest)) do
    if record then make_ready(rest[n], (select(3, parts(record)))) end
  end
  self:over()
end
function Batch:later(id, due)
  self:leave(id)
  call('ZADD', LATER, int(due), id)
  return true
end
function Batch:over()
  emptied[#emptied + 1] = self.key
  forget(self.unit)
end

-- What a report speaks of: the jobs that a claim has out.
local function open(report, unit, left)
  if report.group == '' then
    local ids, inside, key = {}, {}, P .. 'batch' .. unit
    for n = 1, report.count do ids[n] = ARGV[report.first + n * 3 - 2] end
    for n, is in ipairs(read('SMISMEMBER', key, ids)) do inside[ids[n]] = is == 1 end
    return setmetatable({ key = key, unit = unit, left = {}, inside = inside }, Batch)
  end
  local list = P .. 'group:' .. unit
  -- One more than are out, to see whether the list goes on, unless this report cannot be the last.
  local heads = call('LRANGE', list, 0, report.count < left and report.count - 1 or left)
  return setmetatable({ name = unit, head = unit .. ' ', list = list, heads = heads, length = #heads, at = 0 }, Group)
end
