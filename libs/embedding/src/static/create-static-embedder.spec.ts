import type { StaticModel } from '../embedder';
import { describeEmbedderContract } from '../testing/describe-embedder-contract';
import { createStaticEmbedder } from './create-static-embedder';
import { loadStaticModel } from './load-static-model';

const model = loadStaticModel();

describeEmbedderContract('static model', () => createStaticEmbedder(model));

describe('the static embedder', () => {
  /** Takes a few milliseconds a text, as the model does for very long ones. */
  const slowModel: StaticModel = {
    ...model,
    embed: (text) => {
      const endsAtMs = performance.now() + 3;
      while (performance.now() < endsAtMs);
      return model.embed(text);
    },
  };
  const texts = Array.from({ length: 20 }, (_, i) => `text ${i}`);

  test('lets other work pass between the texts of a long call', async () => {
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 1);
    await createStaticEmbedder(slowModel).embed(texts);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(2);
  });

  test('stops in the middle of a call when its deadline passes', async () => {
    const call = createStaticEmbedder(slowModel).embed(texts, { deadlineAtMs: Date.now() + 15 });
    await expect(call).rejects.toMatchObject({ code: 'deadline_exceeded' });
  });

  test('stops in the middle of a call when it is closed', async () => {
    const embedder = createStaticEmbedder(slowModel);
    const call = embedder.embed(texts);
    await embedder.close();
    await expect(call).rejects.toMatchObject({ code: 'unavailable' });
  });
});
