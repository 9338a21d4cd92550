import { CostlaneError } from '@costlane/domain';
import { adminGateway, DEPLOYMENT, MEMBER, TENANT } from './testing/admin-gateway';

function setUp() {
  const asked: string[] = [];
  const say = (what: string) => (id?: string) => {
    asked.push(id === undefined ? what : `${what} ${id}`);
    if (id === 'none') return Promise.reject(new CostlaneError('not_found', 'No change with this id waits.'));
    return Promise.resolve({ said: what });
  };
  const catalog = {
    show: say('show'),
    staged: say('staged'),
    approve: say('approve'),
    reject: say('reject'),
    refresh: say('refresh'),
  };
  return { ...adminGateway({ catalog }), asked };
}

const doors = [
  ['GET', '/admin/catalog', 'show'],
  ['GET', '/admin/catalog/staged', 'staged'],
  ['POST', '/admin/catalog/staged/s1/approve', 'approve s1'],
  ['POST', '/admin/catalog/staged/s1/reject', 'reject s1'],
  ['POST', '/admin/catalog/refresh', 'refresh'],
] as const;

describe('the catalog', () => {
  it.each(doors)('%s %s asks the router', async (method, url, what) => {
    const { send, asked } = setUp();
    const { status, data } = await send(method, url, DEPLOYMENT);
    expect([status, data, asked]).toEqual([200, { said: what.split(' ')[0] }, [what]]);
  });

  it.each(doors)('%s %s is for the deployment’s administrator alone', async (method, url) => {
    const { send, asked } = setUp();
    for (const who of [TENANT, MEMBER]) expect((await send(method, url, who)).status).toBe(403);
    expect((await send(method, url, {})).status).toBe(401);
    expect(asked).toEqual([]);
  });

  it('gives the router’s own word on a change that is not there', async () => {
    const { send } = setUp();
    expect(await send('POST', '/admin/catalog/staged/none/approve', DEPLOYMENT)).toMatchObject({
      status: 404,
      error: 'No change with this id waits.',
    });
  });
});
