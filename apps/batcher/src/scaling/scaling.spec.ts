import { fastify } from 'fastify';
import { createScalingDoor } from './scaling-door';
import { scalingReport } from './scaling-report';

const report = () =>
  scalingReport({
    lanes: {
      express: { depth: 2, oldestAgeMs: 15 },
      standard: { depth: 40, oldestAgeMs: 900 },
      batch: { depth: 0, oldestAgeMs: 0 },
    },
    loads: [
      { provider: 'openai', jobs: 500, places: 512 },
      { provider: 'mock', jobs: 0, places: 512 },
    ],
    batchers: [
      { waiting: { openai: 30 }, dispatched: { express: 10, standard: 200 } },
      { waiting: { openai: 12 }, dispatched: { standard: 100, batch: 7 } },
      {},
    ],
    allPlaces: 512,
    deadLetters: 3,
  });

describe('what autoscalers read', () => {
  it('stands at fixed paths as plain numbers, summed over the batchers', async () => {
    const server = fastify();
    const door = createScalingDoor();
    door.register(server);
    expect((await server.inject('/internal/scaling')).statusCode).toBe(503);
    door.open(report);
    const reply = await server.inject('/internal/scaling');
    expect(reply.statusCode).toBe(200);
    expect(reply.json()).toEqual({
      lanes: {
        express: { waiting: 2, in_flight: 10, oldest_age_ms: 15 },
        standard: { waiting: 40, in_flight: 300, oldest_age_ms: 900 },
        batch: { waiting: 0, in_flight: 7, oldest_age_ms: 0 },
      },
      providers: {
        openai: { waiting: 42, in_flight: 500, places: 512 },
        mock: { waiting: 0, in_flight: 0, places: 512 },
      },
      total: { waiting: 42, in_flight: 500, places: 512, oldest_age_ms: 900, batchers: 3, dead_letters: 3 },
    });
    await server.close();
  });
});
