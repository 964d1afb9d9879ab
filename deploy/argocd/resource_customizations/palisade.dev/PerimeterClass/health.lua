-- Stalled is what only a person can help; what somebody suspended is nobody's trouble.
if obj.status == nil or obj.status.observedGeneration ~= obj.metadata.generation then
  return {status = "Progressing", message = "Palisade has not looked at it yet"}
end
local found = {}
for _, condition in ipairs(obj.status.conditions or {}) do
  found[condition.type] = condition
end
local ready, stalled = found.Ready or {}, found.Stalled or {}
if stalled.status == "True" then
  return {status = "Degraded", message = stalled.message}
end
if obj.spec.suspend == true then
  return {status = "Suspended", message = ready.message}
end
if ready.status == "True" then
  return {status = "Healthy", message = ready.message}
end
return {status = "Progressing", message = ready.message or "work is under way"}
