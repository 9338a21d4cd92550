/** Makes a tenant of the run's own; gives the key that stands for it. */
export async function newTenant(url, adminKey, tenantId) {
  const response = await fetch(`${url}/admin/keys`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ tenant_id: tenantId, name: 'chaos' }),
  });
  const { data, error } = await response.json();
  if (!data) throw new Error(`no key was made: ${error}`);
  return data.key;
}
