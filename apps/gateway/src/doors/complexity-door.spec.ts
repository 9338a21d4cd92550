import { testGateway } from '../testing/test-gateway';
import { complexitySchema } from './complexity-door';

const ask = (payload: object) => ({
  method: 'POST' as const,
  url: '/debug/estimate-complexity',
  headers: { 'content-type': 'application/json' },
  payload: JSON.stringify(payload),
});

describe('/debug/estimate-complexity', () => {
  it('tells complexity, tier, factors and what would come of it, and asks no model', async () => {
    const { fastify, asked } = testGateway();
    const simple = await fastify.inject(ask({ prompt: 'What is the capital of France?' }));
    const hard = await fastify.inject(
      ask({
        prompt:
          'Prove that there are infinitely many primes of the form 4k+3, then design an algorithm that lists them, analyse its complexity step by step and compare it with a sieve.',
      }),
    );
    const [easy, difficult] = [simple, hard].map((reply) =>
      complexitySchema.parse(reply.json<{ data: unknown }>().data),
    );
    expect(easy?.tier).toBe('economy');
    expect(difficult?.complexity).toBeGreaterThan((easy?.complexity ?? 1) + 0.3);
    expect(Object.keys(easy?.factors ?? {}).sort()).toEqual(['context', 'domain', 'length', 'output', 'reasoning']);
    expect(asked).toEqual([]);
  });

  it('takes the quality that is wanted into account', async () => {
    const { fastify } = testGateway();
    const reply = await fastify.inject(ask({ prompt: 'What is the capital of France?', quality: 'high' }));
    expect(reply.json()).toMatchObject({ data: { tier: 'economy', target_tier: 'standard' } });
  });

  it.each([[{}], [{ prompt: 7 }], [{ prompt: 'x', messages: [] }]])('refuses %j', async (payload) => {
    const { fastify } = testGateway();
    const reply = await fastify.inject(ask(payload));
    expect(reply.statusCode).toBe(400);
    expect(reply.json()).toMatchObject({ success: false, data: null });
  });
});
